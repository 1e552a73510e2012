"""The only place where errors become pixels: a short stack of notices at the top of the page, also announced."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from desktop_app.errors import AppError, Bug, EngineCrashed
from desktop_app.ui.announce import announce
from desktop_app.ui.notice_card import Notice, NoticeCard, Tone
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import give_focus_back, spaced

MOST = 3
WIDTH_STEPS = 136
INFO_SECONDS = 6.0
OFFER_SECONDS = 12.0


class Notices(QWidget):
    """Floats over its parent; the newest notice is on top and the oldest gives way. `error_shown(code)`."""

    error_shown = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cards: list[NoticeCard] = []
        self._came_from: QWidget | None = None
        self._column = QVBoxLayout(self)
        spaced(self._column, theme, spacing=2)
        self.hide()
        if parent is not None:
            parent.installEventFilter(self)
        theme.changed.connect(self._place)

    @property
    def shown(self) -> tuple[Notice, ...]:
        """What stands there, newest first."""
        return tuple(card.notice for card in self._cards)

    def error(self, error: AppError, retry: Callable[[], None] | None = None, retry_title: str = "") -> None:
        """Say what went wrong and what helps; it stays until it is closed or tried again."""
        tone: Tone = "danger" if isinstance(error, Bug | EngineCrashed) else "warning"
        detail = f"{error.code}\n{error.detail}".strip() if error.detail else ""
        remedy = error.remedy
        if isinstance(error, EngineCrashed) and retry is None:  # its own remedy speaks of a button
            remedy = self.tr("It starts again by itself when it is needed next.")
        notice = Notice(
            key=error.code,
            text=error.message,
            tone=tone,
            remedy=remedy,
            detail=detail,
            action_title=retry_title or self.tr("Try again"),
            action=retry,
        )
        self._show(notice)
        self.error_shown.emit(error.code)

    def info(self, text: str, action_title: str = "", action: Callable[[], None] | None = None) -> None:
        """Say what happened and offer one thing to do about it, as "Undo"; it goes by itself."""
        seconds = OFFER_SECONDS if action else INFO_SECONDS
        self._show(Notice(key=text, text=text, action_title=action_title, action=action, seconds=seconds))

    def focus(self) -> None:
        """Go to the newest notice's first button; leaving it comes back to where the focus was."""
        if self._cards:
            self._came_from = QApplication.focusWidget()
            self._cards[0].setFocus()
            self._cards[0].focusNextChild()

    def withdraw(self, key: str) -> None:
        """Take a notice back that is not true any more."""
        for card in [card for card in self._cards if card.notice.key == key]:
            self._remove(card)

    def clear(self) -> None:
        for card in tuple(self._cards):
            self._remove(card)

    def _show(self, notice: Notice) -> None:
        for card in [card for card in self._cards if card.notice.key == notice.key] + self._cards[MOST - 1 :]:
            self._remove(card)
        card = NoticeCard(notice, self._theme, self)
        card.closed.connect(lambda: self._remove(card))
        self._cards.insert(0, card)
        self._column.insertWidget(0, card)
        card.show()
        self._place()
        announce(self, f"{notice.text} {notice.remedy}".strip(), urgent=notice.tone == "danger")

    def _remove(self, card: NoticeCard) -> None:
        if card not in self._cards:
            return
        had_focus = card.isAncestorOf(QApplication.focusWidget() or self)
        self._cards.remove(card)
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()
        if had_focus:
            give_focus_back(self._came_from, self.window())
        self._place()

    def _place(self) -> None:
        room = self.parentWidget()
        self.setVisible(bool(self._cards))
        if room is None or not self._cards:
            return
        width = min(self._theme.space(WIDTH_STEPS), room.width() - 2 * self._theme.space(4))
        height = (
            self._column.totalHeightForWidth(width) if self._column.hasHeightForWidth() else self.sizeHint().height()
        )
        self.setGeometry((room.width() - width) // 2, self._theme.space(4), width, height)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        return super().eventFilter(watched, event)
