"""The icon in the tray: opens the window, talks, quits. Loaded only where the person wants one."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from desktop_app.ui.actions import ActionRegistry
from desktop_app.ui.brand import app_icon

_Reason = QSystemTrayIcon.ActivationReason
ACTIONS = ("window.show", "voice.talk", "window.new", "window.quit")


class Tray(QObject):
    """Every entry is an action of the window, which comes to the front for all but the last."""

    def __init__(self, actions: ActionRegistry, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.menu = QMenu()
        self._icon = QSystemTrayIcon(app_icon(), self)
        self._icon.setToolTip("Stonechat")
        self._icon.setContextMenu(self._fill())
        self._icon.activated.connect(self._on_activated)
        self._icon.show()

    @property
    def is_there(self) -> bool:
        """Whether there is a tray to see it in; one that comes later shows it by itself."""
        return QSystemTrayIcon.isSystemTrayAvailable() and self._icon.isVisible()

    def say(self, words: str) -> None:
        self._icon.showMessage("Stonechat", words, app_icon())

    def take_away(self) -> None:
        self._icon.hide()
        self.menu.deleteLater()
        self.deleteLater()

    def _fill(self) -> QMenu:
        for id_ in ACTIONS:
            if id_ == "window.quit":
                self.menu.addSeparator()
            entry = QAction(self._actions.find(id_).title, self.menu)
            entry.triggered.connect(lambda _=False, id_=id_: self._run(id_))
            self.menu.addAction(entry)
        return self.menu

    def _run(self, id_: str) -> None:
        if id_ != "window.quit":
            self._actions.run("window.show")
        if id_ != "window.show":
            self._actions.run(id_)

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (_Reason.Trigger, _Reason.DoubleClick):
            self._actions.run("window.show")


def tray_words() -> str:
    """Said once, when the window is closed for the first time and goes on in the tray."""
    return QCoreApplication.translate("Tray", "Stonechat goes on in the tray. Quit it there, or with Ctrl+Q.")
