"""The models that adapters are made for and judged on: those of the library, run by engines of their own."""

from __future__ import annotations

from typing import Protocol

from desktop_app.domain.model_specs import InstalledModel
from desktop_app.errors import UserCanFix
from desktop_app.ports import LanguageModel
from desktop_app.services.model_library import ModelLibrary


class Engines(Protocol):
    """What is needed of the engines."""

    def judge(self, model: InstalledModel) -> LanguageModel: ...

    def restart(self) -> None: ...


class LibraryBases:
    """The port `Bases` of the personalization."""

    def __init__(self, library: ModelLibrary, engines: Engines) -> None:
        self._library = library
        self._engines = engines

    def chosen(self) -> InstalledModel:
        """Raises UserCanFix("models.missing", "models.damaged")."""
        found = self._library.chosen("language")
        self._library.verify(found)
        return found

    def of(self, sha256: str) -> InstalledModel:
        """The installed model with this sum. Raises UserCanFix("adapters.other_model")."""
        for model in self._library.installed("language"):
            if model.sha256 == sha256:
                return model
        raise UserCanFix(
            "adapters.other_model",
            "The model that this adapter was made for is not installed.",
            remedy="Install that model, or choose another adapter.",
        )

    def judge(self, model: InstalledModel) -> LanguageModel:
        return self._engines.judge(model)

    def judge_of(self, sha256: str) -> LanguageModel:
        return self.judge(self.of(sha256))

    def make_room(self) -> None:
        self._engines.restart()
