"""What the window's tests run instead of models, sound and downloads. History and files are real."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desktop_app.domain.model_specs import FetchProgress, InstalledModel, ModelFile, ModelRole, ModelSpec
from desktop_app.errors import AppError, UserCanFix
from desktop_app.ports import CancelToken
from tests.ui.chat.stand_ins import SpokenWords


def spec(model_id: str, role: ModelRole, megabytes: int = 60) -> ModelSpec:
    file = ModelFile(name="file", sha256="0" * 64, bytes=megabytes * 1_000_000)
    return ModelSpec(
        id=model_id, role=role, title=model_id.title(), family="", licence="", origin="", files=(file,), ram_bytes=0
    )


class FewModels:
    """ModelLibrary's interface. `present` are the ids that are installed; fetching installs one after the other."""

    def __init__(self, *present: str) -> None:
        self.specs = (
            spec("small", "language"),
            spec("better", "language"),
            spec("ear", "hearing"),
            spec("joe", "voice"),
        )
        self.present = set(present)
        self.fail: AppError | None = None

    def starters(self, *, small: bool = False) -> tuple[ModelSpec, ...]:
        return self.specs

    def installed(self, role: ModelRole | None = None) -> tuple[InstalledModel, ...]:
        wanted = (one for one in self.specs if one.id in self.present and role in (None, one.role))
        return tuple(
            InstalledModel(id=one.id, role=one.role, title=one.title, path="", sha256="", bytes=one.bytes)
            for one in wanted
        )

    def chosen(self, role: ModelRole) -> InstalledModel:
        there = self.installed(role)
        if not there:
            raise UserCanFix("models.missing", "No language model is installed.", remedy="Fetch it.")
        return there[-1]

    def fetch(self, ids: Sequence[str], cancel: CancelToken) -> Iterator[FetchProgress]:
        for place, model_id in enumerate(ids):
            cancel.raise_if_cancelled()
            if self.fail:
                raise self.fail
            self.present.add(model_id)
            yield FetchProgress(model_id=model_id, stage="ready", done=place + 1, total=len(ids))


class Voices(SpokenWords):
    """VoiceService's interface, with devices and a greeting that lasts until it is cancelled or `over`."""

    def __init__(self) -> None:
        super().__init__()
        self.greeted = 0
        self.mute: AppError | None = None

    def microphones(self) -> tuple[tuple[str, str], ...]:
        return (("mic-1", "Built-in microphone"), ("mic-2", "Headset"))

    def speakers(self) -> tuple[tuple[str, str], ...]:
        return (("out-1", "Built-in speakers"),)

    def say_hello(self, cancel: CancelToken) -> bool:
        if self.mute:
            raise self.mute
        self.greeted += 1
        cancel.wait(10)
        cancel.raise_if_cancelled()
        return True
