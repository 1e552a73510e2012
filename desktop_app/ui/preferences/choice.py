"""Choosing one of several: side by side where they are few and short, else from a list that opens."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QComboBox, QFrame, QSizePolicy, QToolButton, QWidget

from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import spaced


class Segments(QFrame):
    """Few choices side by side, below each other where there is no room. Arrow keys move between them; Tab passes by
    to the next control.
    """

    chosen = Signal(object)

    def __init__(
        self, name: str, choices: tuple[tuple[Any, str], ...], theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "segments")
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self.choices = choices
        self._values = [value for value, _ in choices]
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        spaced(self._line, theme, margins=(0.5, 0.5, 0.5, 0.5), spacing=0.5)
        for place, (_, title) in enumerate(choices):
            segment = _Segment(self)
            segment.setText(title)
            segment.setProperty("kind", "segment")
            segment.setAccessibleName(f"{name}: {title}")
            segment.setCheckable(True)
            segment.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(segment, place)
            self._line.addWidget(segment)
        self._group.idToggled.connect(self._on_toggled)

    def show_value(self, value: Any) -> None:
        place = self._values.index(value)
        self._group.button(place).setChecked(True)
        for button in self._group.buttons():
            wanted = Qt.FocusPolicy.StrongFocus if button.isChecked() else Qt.FocusPolicy.ClickFocus
            button.setFocusPolicy(wanted)

    @property
    def value(self) -> Any:
        """What is chosen."""
        return self._values[self._group.checkedId()]

    def width_in_a_row(self) -> int:
        """What it takes side by side, in pixels."""
        buttons = self._group.buttons()
        return sum(button.sizeHint().width() for button in buttons) + self._line.spacing() * (len(buttons) + 1)

    def sizeHint(self) -> QSize:
        """As wide as side by side, whatever there is room for now."""
        return QSize(self.width_in_a_row(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """As narrow as the widest choice."""
        widest = max(button.sizeHint().width() for button in self._group.buttons())
        return QSize(widest + 2 * self._line.spacing(), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            stacked = self.width_in_a_row() > self.width()
            direction = QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight
            if direction != self._line.direction():
                self._line.setDirection(direction)
                self.updateGeometry()
        return super().event(event)

    def focus(self) -> None:
        """Go to what is chosen."""
        self._group.button(self._group.checkedId()).setFocus()

    def go(self, step: int) -> None:
        """To the neighbour, round and round."""
        place = (self._group.checkedId() + step) % len(self._values)
        self._group.button(place).setChecked(True)
        self._group.button(place).setFocus(Qt.FocusReason.TabFocusReason)

    def _on_toggled(self, place: int, on: bool) -> None:
        if on:
            self.show_value(self._values[place])
            self.chosen.emit(self._values[place])


class _Segment(QToolButton):
    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        parent = self.parentWidget()
        if step and isinstance(parent, Segments):
            parent.go(step)
        else:
            super().keyPressEvent(event)


class DropDown(QComboBox):
    """Many choices in a list that opens. The wheel scrolls the page, not the value."""

    chosen = Signal(object)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(lambda place: self.chosen.emit(self.itemData(place)))

    def offer(self, choices: tuple[tuple[Any, str], ...], present: Any) -> None:
        self.clear()
        for value, title in choices:
            self.addItem(title, value)
        self.show_value(present)

    def show_value(self, value: Any) -> None:
        self.setCurrentIndex(self.findData(value))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = self._theme.icon_size(4)
        box = QRect(self.width() - side - self._theme.space(2), (self.height() - side) // 2, side, side)
        painter = QPainter(self)
        self._theme.icon("caret-down").paint(painter, box)
        painter.end()
