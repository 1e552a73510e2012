"""The real window on the real services and the small starter model: a typed question is answered on screen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.app import build
from desktop_app.paths import Places
from desktop_app.ui.application import build_window

pytestmark = [pytest.mark.models, pytest.mark.slow]


def test_a_typed_question_is_answered(qtbot: QtBot, places: Places, model_store: object) -> None:
    services = build(replace(places, models=model_store))  # type: ignore[type-var]
    services.preferences.change(first_run_done=True, language_model="smollm2-135m", temperature=0.0, max_tokens=16)
    window = build_window(services)
    window.show()
    window.start()
    chat = window.workspace.chat
    chat.focus_composer()
    chat.composer.text.setPlainText("Name a bird.")
    QTest.keyClick(chat.composer.text, Qt.Key.Key_Return)

    def answered() -> bool:
        kept = services.history.conversations()
        last = services.history.page(kept[0].id).messages[-1] if kept else None
        return last is not None and (last.role, last.status) == ("assistant", "done") and bool(last.text)

    try:
        qtbot.waitUntil(answered, timeout=180_000)
    finally:
        window.discard()
        services.close()
