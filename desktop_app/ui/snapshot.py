"""Pictures of the real window, for the demo and the README; works without a display."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDeadlineTimer, QEventLoop, QThread
from PySide6.QtGui import QGuiApplication

from desktop_app.errors import EnvironmentProblem
from desktop_app.ui.appearance import Appearance
from desktop_app.ui.application import application
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.theme import Scheme, Theme

if TYPE_CHECKING:
    from desktop_app.services.services import Services

SETTLE_MS = 4000
PAUSE_MS = 10


def save_conversation(
    services: Services,
    conversation_id: str,
    path: Path,
    theme: Scheme = "light",
    size: tuple[int, int] = (1280, 860),
    action_id: str = "",
) -> None:
    """Render the window showing a conversation into a PNG, after an action if one is named.

    Raises AppError; leaves nothing running.
    """
    if QGuiApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = application()
    look = Theme()
    window = MainWindow(services, look, Appearance(services.preferences, look, app, scheme=theme))
    try:
        window.resize(*size)
        window.show()
        window.workspace.start(conversation_id)
        _settle(window)
        if action_id:
            window.actions_registry.run(action_id)
            _settle(window)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not window.grab().save(str(path)):
            raise EnvironmentProblem(
                "snapshot.not_saved",
                "The picture could not be saved.",
                remedy=f"Check that {path.parent} can be written.",
            )
    finally:
        window.discard()


def _settle(window: MainWindow) -> None:
    """Let everything that was asked for arrive: no job left, and nothing left to paint."""
    deadline = QDeadlineTimer(SETTLE_MS)
    app = application()
    for _ in range(3):
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, PAUSE_MS)
        while window.lanes.running and not deadline.hasExpired():
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, PAUSE_MS)
            QThread.msleep(PAUSE_MS)
