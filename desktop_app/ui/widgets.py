"""Small building blocks of every page: labels, buttons and layouts that follow the theme.

Text from outside is never read as markup: every label is plain text.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import pairwise

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)
from shiboken6 import isValid

from desktop_app.ui.theme import Theme

GAP = "\N{EN SPACE}"


def follow(theme: Theme, owner: QObject, refresh: Callable[[], None]) -> None:
    """Call `refresh` now and on every change of the theme, for as long as `owner` lives."""
    _Follower(theme, owner, refresh)
    refresh()


class _Follower(QObject):
    def __init__(self, theme: Theme, owner: QObject, refresh: Callable[[], None]) -> None:
        super().__init__(owner)
        self._refresh = refresh
        theme.changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        self._refresh()


def spaced(
    layout: QLayout, theme: Theme, *, margins: tuple[float, float, float, float] = (0, 0, 0, 0), spacing: float = 0
) -> None:
    """Distances of a layout in grid steps: left, top, right, bottom, and between its items."""

    def refresh() -> None:
        layout.setContentsMargins(*(theme.space(steps) for steps in margins))
        layout.setSpacing(theme.space(spacing))

    follow(theme, layout, refresh)


def label(text: str, kind: str = "body", *, wrap: bool = False, parent: QWidget | None = None) -> QLabel:
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("kind", kind)
    if wrap:
        made.setWordWrap(True)
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


def button(text: str, kind: str, run: Callable[[], None], *, parent: QWidget | None = None) -> QPushButton:
    """`kind`: primary, secondary, ghost, link, danger."""
    made = QPushButton(text, parent)
    made.setProperty("kind", kind)
    made.setAutoDefault(False)
    made.clicked.connect(lambda: run())
    return made


def icon_button(
    name: str, icon: str, theme: Theme, run: Callable[[], None], *, parent: QWidget | None = None
) -> QToolButton:
    """A button without words: `name` is what a screen reader says and the tool tip shows."""
    made = QToolButton(parent)
    made.setProperty("kind", "icon")
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.clicked.connect(lambda: run())
    wear(made, theme, icon)
    return made


def wear(target: QAbstractButton, theme: Theme, icon: str, token: str = "text_muted", steps: float = 5) -> None:
    """Give a button an icon that follows the theme; `steps` is its side on the grid.

    Where the button has words too they keep a little distance: Qt's own is four pixels whatever the text size.
    """
    if isinstance(target, QPushButton) and target.text():
        reword(target, target.text())

    def refresh() -> None:
        target.setIcon(theme.icon(icon, token))
        side = theme.icon_size(steps)
        target.setIconSize(QSize(side, side))

    follow(theme, target, refresh)


def reword(target: QPushButton, text: str) -> None:
    """New words beside the icon of a button that wears one."""
    target.setText(GAP + text)
    target.setAccessibleName(text)


def picture(theme: Theme, icon: str, token: str = "accent", steps: float = 6, parent: QWidget | None = None) -> QLabel:
    """An icon as an ornament: nothing to press, nothing to read out."""
    made = label("", "ornament", parent=parent)

    def refresh() -> None:
        side = theme.icon_size(steps)
        made.setPixmap(theme.icon(icon, token).pixmap(QSize(side, side), made.devicePixelRatioF()))
        made.setFixedSize(side, side)

    follow(theme, made, refresh)
    return made


def press_by_enter(event: QKeyEvent) -> bool:
    """Enter presses the button with the focus, as Space does; for windows and cards, where such a key ends up."""
    focused = QApplication.focusWidget()
    pressed = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat()
    if not pressed or not isinstance(focused, QAbstractButton):
        return False
    focused.click()
    return True


def give_focus_back(to: QWidget | None, room: QWidget) -> None:
    """Back to where the focus was; where that is gone or hidden, to the next place in `room` that takes it."""
    if to is not None and isValid(to) and to.isVisible():
        to.setFocus()
    else:
        room.focusNextChild()


def tip(text: str) -> str:
    """Words from outside as a tool tip. What looks like markup Qt would draw as such, and load what it names."""
    return f"<span>{escape(text)}</span>" if "<" in text else text


def tab_through(*stops: QWidget) -> None:
    """Tab goes from each to the next. Only what can have the focus counts for Qt."""
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)


def rule(parent: QWidget | None = None) -> QFrame:
    """A hairline."""
    made = QFrame(parent)
    made.setProperty("kind", "rule")
    made.setFixedHeight(1)
    return made


def restyle(widget: QWidget, **properties: object) -> None:
    """Set dynamic properties and let the style sheet look again."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()
