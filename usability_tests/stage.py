"""The stage: the real window on the real services of a fresh folder, its engines following the scenario's script."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from desktop_app.app import build
from desktop_app.domain.conversations import Provenance
from desktop_app.domain.events import Timings
from desktop_app.files import sha256_of
from desktop_app.paths import Places, places, resources
from desktop_app.services.history import History
from desktop_app.services.model_catalog import load_catalog
from desktop_app.services.model_store import FileRecord, ModelRecord, ModelStore
from desktop_app.services.services import Services
from desktop_app.storage import open_database
from desktop_app.ui import file_dialogs
from desktop_app.ui.application import application, build_window
from desktop_app.ui.main_window import MainWindow
from usability_tests.actors import Cast
from usability_tests.scenario import Start, Talk

CALM = {"theme": "light", "motion": "reduced", "usage_asked": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A started window and what stands behind it."""

    window: MainWindow
    services: Services


@contextmanager
def stage(start: Start, folder: Path, *, real_models: Path | None = None) -> Iterator[Stage]:
    """A window as `start` describes it, its data in `folder`; closed at the end. With `real_models` nobody acts."""
    where = places(folder).create()
    if real_models is not None:
        where = replace(where, models=real_models)
    else:
        _install(where, start.models)
    opened = _remember(where, start.talks).get(start.open, "")
    services = _services(where, start, real=real_models is not None)
    services.preferences.change(**{**CALM, "first_run_done": not start.first, "last_conversation": opened})
    services.preferences.change(**start.settings)
    if start.recording != "off":
        services.usage.agree(start.recording)  # type: ignore[arg-type]
    application()
    window = build_window(services)
    try:
        with mock.patch.object(file_dialogs, "_ask", lambda asking: _choose(asking, start)):
            _open(window, start)
            yield Stage(window=window, services=services)
    finally:
        window.discard()
        services.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


def _open(window: MainWindow, start: Start) -> None:
    window.resize(*start.size)
    window.show()
    window.activateWindow()
    window.start()


def _services(where: Places, start: Start, *, real: bool) -> Services:
    if real:
        return build(where)
    return build(where, lambda find, settings: Cast(find, settings, answers=start.answers, hears=start.hears))


def _choose(asking: QFileDialog, start: Start) -> tuple[Path, ...]:
    """The person picks the scenario's files, which lie beside the application."""
    asking.deleteLater()
    return tuple(resources() / file for file in start.files)


def _install(where: Places, roles: tuple[str, ...]) -> None:
    """Records of the starter models with a line of text instead of weights, titled as what they are."""
    store = ModelStore(where.models)
    for spec in load_catalog():
        if spec.role in roles and spec.starter:
            folder = store.folder(spec.id)
            folder.mkdir(parents=True)
            (folder / "weights").write_text("scripted", encoding="utf-8")
            file = FileRecord(name="weights", bytes=8, sha256=sha256_of(folder / "weights"))
            store.write(ModelRecord(id=spec.id, role=spec.role, title="Scripted (not a real model)", files=(file,)))


class _Clock:
    """The wall clock, some days back."""

    def __init__(self) -> None:
        self.days_ago = 0.0

    def now(self) -> float:
        return time.time() - self.days_ago * 86_400

    def monotonic(self) -> float:
        return time.monotonic()


def _remember(where: Places, talks: tuple[Talk, ...]) -> dict[str, str]:
    """Write conversations of earlier days; their ids by title."""
    clock, ids = _Clock(), {}
    history = History(open_database(where, clock), clock)
    for talk in talks:
        clock.days_ago = talk.days_ago
        conversation = history.create(talk.title)
        ids[talk.title] = conversation.id
        for asked, answered in talk.turns:
            head = history.conversation(conversation.id).head_id
            question = history.add_question(conversation.id, head, (asked,))
            answer = history.begin_answer(question.id, provenance=Provenance(model="Scripted (not a real model)"))
            history.finish_answer(
                answer.id, answered, status="done", stopped_by="end", provenance=answer.provenance, timings=Timings()
            )
    history.close()
    return ids
