"""One notice: what happened, what helps, and the buttons for it. When it appears is `ui/notices.py`'s business."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, icon_button, label, picture, spaced

Tone = Literal["info", "warning", "danger"]
_ICONS: dict[Tone, tuple[str, str]] = {
    "info": ("info", "accent"),
    "warning": ("warning-circle", "warning"),
    "danger": ("warning-octagon", "danger"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`key` tells two notices of one kind; `seconds` 0 stays until it is closed."""

    key: str
    text: str
    tone: Tone = "info"
    remedy: str = ""
    detail: str = ""
    action_title: str = ""
    action: Callable[[], None] | None = None
    seconds: float = 0.0


class NoticeCard(QFrame):
    """Goes away by its button, by Escape, after its action, or by itself unless somebody looks at it."""

    closed = Signal()

    def __init__(self, notice: Notice, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        self._theme = theme
        self.setProperty("kind", "notice")
        self.setProperty("tone", notice.tone)
        self.setAccessibleName(f"{notice.text} {notice.remedy}".strip())
        self._build()
        self._timer = QTimer(self, singleShot=True, interval=int(notice.seconds * 1000))
        self._timer.timeout.connect(self.close_it)
        self._restart_timer()

    def close_it(self) -> None:
        self._timer.stop()
        self.closed.emit()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        spaced(row, self._theme, margins=(4, 3, 2, 3), spacing=3)
        icon, token = _ICONS[self.notice.tone]
        side = Qt.AlignmentFlag.AlignVCenter if self._is_short() else Qt.AlignmentFlag.AlignTop
        row.addWidget(picture(self._theme, icon, token, 5, self), 0, side)
        row.addLayout(self._build_words(), 1)
        if self._is_short():
            row.addLayout(self._build_buttons())
        close = icon_button(self.tr("Close this notice"), "x", self._theme, self.close_it, parent=self)
        row.addWidget(close, 0, side)

    def _build_words(self) -> QVBoxLayout:
        column = QVBoxLayout()
        spaced(column, self._theme, margins=(0, 1, 0, 0), spacing=1)
        column.addWidget(label(self.notice.text, "strong", wrap=True, parent=self))
        if self.notice.remedy:
            column.addWidget(label(self.notice.remedy, "muted", wrap=True, parent=self))
        if self.notice.detail:
            self._detail = label(self.notice.detail, "detail", wrap=True, parent=self)
            self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._detail.hide()
        if not self._is_short():
            column.addLayout(self._build_buttons())
        if self.notice.detail:
            column.addWidget(self._detail)
        return column

    def _build_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        spaced(row, self._theme, margins=(0, 0 if self._is_short() else 2, 0, 0), spacing=2)
        if self.notice.action is not None:
            row.addWidget(button(self.notice.action_title, "secondary", self._act, parent=self))
        if self.notice.detail:
            self._fold = button(self.tr("Details"), "link", self._toggle_detail, parent=self)
            row.addWidget(self._fold)
        if not self._is_short():
            row.addStretch(1)
        return row

    def _is_short(self) -> bool:
        """One sentence and at most one button: everything on one line."""
        return not self.notice.remedy and not self.notice.detail

    def _act(self) -> None:
        self.close_it()
        if self.notice.action is not None:
            self.notice.action()

    def _toggle_detail(self) -> None:
        shown = self._detail.isHidden()
        self._detail.setVisible(shown)
        self._fold.setText(self.tr("Hide details") if shown else self.tr("Details"))

    def _restart_timer(self) -> None:
        watched = self.underMouse() or self.isAncestorOf(QApplication.focusWidget() or QWidget())
        if self.notice.seconds and not watched:
            self._timer.start()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._restart_timer()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_it()
        else:
            super().keyPressEvent(event)
