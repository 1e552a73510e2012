"""A scroll area with one centred column that keeps in sight what was in sight, whatever grows above it.

At the bottom it follows the bottom, until the person scrolls up.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop_app.ui.theme import Theme

COLUMN_UNITS = 190
SIDE_UNITS = 6
LEAST_UNITS = 40


def column_side(theme: Theme, width: int) -> int:
    """Free pixels on each side of a column in `width` pixels."""
    return max(theme.space(SIDE_UNITS), (width - theme.space(COLUMN_UNITS)) // 2)


class Column(QWidget):
    """Says when its content wants another height."""

    wants_place = Signal()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.wants_place.emit()
        return done


class ColumnArea(QScrollArea):
    """Gives the column its size itself: the scroll position can then be set in the same step.

    `away_changed`: the bottom is out of sight now, or in sight again.
    """

    away_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._room = 0
        self._follow = True
        self._away = False
        self._placing = False
        self._anchor: tuple[QWidget, int] | None = None
        self._column = Column()
        self._column.setProperty("kind", "column")
        self._layout = QVBoxLayout(self._column)
        self._layout.setSpacing(theme.space(2))
        self._layout.addStretch()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("kind", "transcript")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self._column)
        self._column.wants_place.connect(self._place)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    @property
    def follows(self) -> bool:
        """Whether the bottom is kept in sight."""
        return self._follow

    @property
    def is_away(self) -> bool:
        """Whether the bottom is out of sight."""
        return self._away

    # for who fills it

    def items(self) -> Sequence[QWidget]:
        """The widgets of the column from top to bottom: one of them is kept where it is."""
        return ()

    def has_more_below(self) -> bool:
        """Whether the column's bottom is not the real bottom yet."""
        return False

    def give_room(self, room: int) -> None:
        """The column is `room` pixels wide now."""

    def scrolled(self) -> None:
        """The person has scrolled, or the area has another size."""

    def show_widget(self, widget: QWidget) -> None:
        """Scroll as little as needed to see it, its beginning first."""
        self._place()
        bar, room, gap = self.verticalScrollBar(), self.viewport().height(), self._theme.space(4)
        if widget.y() < bar.value() or widget.height() > room:
            bar.setValue(widget.y() - gap)
        elif widget.y() + widget.height() > bar.value() + room:
            bar.setValue(widget.y() + widget.height() - room + gap)

    def show_inside(self, part: QWidget) -> None:
        """Scroll as little as needed to see a part of one of the widgets."""
        self._place()
        self.ensureWidgetVisible(part, 0, self._theme.space(4))

    # placing

    def _place(self) -> None:
        """Give the column its width and height now, and keep in sight what was in sight."""
        if self._placing:
            return
        self._placing = True
        try:
            self._resize_column()
            self._restore_sight()
        finally:
            self._placing = False
        self._note_away()

    def _resize_column(self) -> None:
        width, side = self.viewport().width(), column_side(self._theme, self.width())
        room = max(self._theme.space(LEAST_UNITS), self.width() - 2 * side)
        if room != self._room:
            self._room = room
            self.give_room(room)
        space = self._theme.space
        self._layout.setContentsMargins(side, space(8), width - side - room, space(6))
        wraps = self._layout.hasHeightForWidth()
        height = self._layout.heightForWidth(width) if wraps else self._layout.sizeHint().height()
        self._column.resize(width, max(height, self.viewport().height()))
        self._layout.activate()

    def _restore_sight(self) -> None:
        bar = self.verticalScrollBar()
        if self._follow:
            bar.setValue(bar.maximum())
        elif self._anchor is not None:
            bar.setValue(self._anchor[0].y() - self._anchor[1])
        self._take_anchor()

    def _take_anchor(self) -> None:
        top = self.verticalScrollBar().value()
        item = next((one for one in self.items() if one.y() + one.height() > top), None)
        self._anchor = (item, item.y() - top) if item else None

    def _release(self, item: QWidget) -> None:
        """`item` is about to go."""
        if self._anchor and self._anchor[0] is item:
            self._anchor = None

    def _on_scrolled(self) -> None:
        if self._placing:
            return
        bar = self.verticalScrollBar()
        self._follow = bar.value() >= bar.maximum() - self._theme.space(6) and not self.has_more_below()
        self._take_anchor()
        self._note_away()
        self.scrolled()

    def _note_away(self) -> None:
        bar = self.verticalScrollBar()
        away = self.has_more_below() or bar.maximum() - bar.value() > self.viewport().height() // 3
        if away != self._away:
            self._away = away
            self.away_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        self.scrolled()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place()
