"""When the recogniser in use does not hear the chosen language: says so, and fetches one that does, if wanted."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject

from desktop_app.domain.model_specs import FetchProgress
from desktop_app.errors import AppError
from desktop_app.ports import CancelToken
from desktop_app.services.hearing_choice import language_problem, recogniser_of_many
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.page import PageTools

ABOUT_HEARING = ("hearing_language", "hearing_model")


class HearingHelp(QObject):
    def __init__(self, tools: PageTools, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tools = tools
        self._fetching = False

    def on_changed(self, name: str, _value: object) -> None:
        """Of the settings."""
        if name not in ABOUT_HEARING:
            return
        services = self._tools.services
        job = self._tools.lanes.job("io", lambda _: language_problem(services.library, services.preferences.current))
        job.finished.connect(while_alive(self, self._on_looked))
        job.start()

    def _on_looked(self, problem: AppError | None) -> None:
        if problem is not None and problem.code == "speech.language_needs_model":
            self._tools.notices.error(problem, self._fetch, self.tr("Fetch it"))

    def _fetch(self) -> None:
        library = self._tools.services.library
        wanted = recogniser_of_many(library)
        if wanted is None or self._fetching:
            return

        def fetch(cancel: CancelToken) -> Iterator[FetchProgress]:
            yield from library.fetch([wanted.id], cancel)

        said = self.tr("Fetching %1 (%2 MB)…").replace("%1", wanted.title)
        self._tools.notices.info(said.replace("%2", f"{wanted.download_bytes / 1e6:.0f}"))
        job = self._tools.lanes.job("io", fetch)
        job.finished.connect(while_alive(self, lambda _: self._on_fetched(wanted.title)))
        job.failed.connect(while_alive(self, self._on_failed))
        job.cancelled.connect(while_alive(self, self._rest))
        self._fetching = True
        job.start()

    def _on_fetched(self, title: str) -> None:
        self._rest()
        self._tools.notices.info(self.tr("%1 is here and is used from now on.").replace("%1", title))

    def _on_failed(self, error: AppError) -> None:
        self._rest()
        self._tools.notices.error(error, self._fetch)

    def _rest(self) -> None:
        self._fetching = False
