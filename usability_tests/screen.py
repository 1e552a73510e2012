"""What is on the screen, as assistive technology is told: things with a name, a role and a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QTextEdit, QWidget

Role = QAccessible.Role
PRESSED = {
    Role.Button,
    Role.CheckBox,
    Role.RadioButton,
    Role.ButtonMenu,
    Role.MenuItem,
    Role.ListItem,
    Role.EditableText,
    Role.ComboBox,
    Role.Link,
    Role.PageTab,
    Role.Slider,
    Role.SpinBox,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something one can point at. `place` is in screen coordinates."""

    name: str
    role: Role
    place: QRect
    enabled: bool
    top: QWidget

    @property
    def middle(self) -> QPoint:
        return self.place.center()


def tops(window: QWidget) -> tuple[QWidget, ...]:
    """What takes input now, the uppermost first: an open menu, then the window."""
    popup = QApplication.activePopupWidget()
    return (popup, window) if popup is not None else (window,)


def things(window: QWidget) -> Iterator[Thing]:
    for top in tops(window):
        face = QAccessible.queryAccessibleInterface(top)
        if face is not None:
            yield from _below(face, top)


def find(window: QWidget, name: str) -> Thing | None:
    """The thing of that name that a person would press: what can be pressed before what can only be read."""
    fitting = [thing for thing in things(window) if thing.enabled and fnmatchcase(thing.name, name)]
    fitting.sort(key=lambda thing: thing.role not in PRESSED)
    return fitting[0] if fitting else None


def names(window: QWidget) -> tuple[str, ...]:
    return tuple(dict.fromkeys(thing.name for thing in things(window) if thing.name))


def reads(window: QWidget, words: str) -> bool:
    """Whether `words` can be read somewhere, or are spoken as the name of something that is shown."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        if any(words in text for text in _texts(widget)):
            return True
    return any(words in thing.name for thing in things(window))


def _texts(widget: QWidget) -> tuple[str, ...]:
    shown = (widget.accessibleName(),)
    if isinstance(widget, QLabel):
        return *shown, widget.text()
    if isinstance(widget, QTextEdit | QPlainTextEdit):
        return *shown, widget.toPlainText()
    return shown


def _below(face: QAccessibleInterface, top: QWidget) -> Iterator[Thing]:
    for place in range(face.childCount()):
        child = face.child(place)
        if child is None or not child.isValid() or child.state().invisible:
            continue
        if child.object() is None and child.state().offscreen:
            continue
        shown = child.object()
        if isinstance(shown, QWidget) and not shown.isVisible():
            continue
        yield _thing(child, top)
        yield from _below(child, top)


def _thing(face: QAccessibleInterface, top: QWidget) -> Thing:
    return Thing(
        name=face.text(QAccessible.Text.Name).strip(),
        role=face.role(),
        place=face.rect(),
        enabled=not face.state().disabled,
        top=top,
    )
