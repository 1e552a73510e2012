"""The pictures that wait in the composer, each a chip: what it is, what the model will see of it, what that costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop_app.domain.messages import Picture
from desktop_app.ui.announce import announce
from desktop_app.ui.chat.column_area import Column
from desktop_app.ui.chat.flow_layout import FlowLayout
from desktop_app.ui.chat.picture_intake import Taken
from desktop_app.ui.chat.pictures import Thumbnail
from desktop_app.ui.chat.shown_text import file_size, number, shown
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import icon_button, label, tab_through

TRAY_UNITS = 36
MakeThumbnail = Callable[[Picture], Thumbnail]


if TYPE_CHECKING:
    from desktop_app.domain.pictures import PictureCost


class PictureChip(QFrame):
    """One picture. Delete or Backspace takes it out."""

    removed = Signal()

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._theme = theme
        self.setProperty("kind", "picture_chip")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title = label(shown(name, limit=28), parent=self)
        self._facts = label(self.tr("Reading…"), kind="meta")
        removes = self.tr("Remove {name}").format(name=name)
        self._remove = icon_button(removes, "x", theme, self.removed.emit, parent=self)
        self._remove.setToolTip(self.tr("Remove"))  # without the name: a tool tip would read it as markup
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._facts)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(*(theme.space(n) for n in (2, 2, 2, 2)))
        self._row.setSpacing(theme.space(2))
        self._row.addLayout(words)
        self._row.addWidget(self._remove)
        self.tab_stops: tuple[QWidget, ...] = (self, self._remove)
        self.setAccessibleName(self.tr("Picture {name}, being read").format(name=name))

    def show_taken(self, taken: Taken, thumbnail: QWidget) -> None:
        self._row.insertWidget(0, thumbnail)
        self.tab_stops = (self, thumbnail, self._remove)
        self._facts.setText(f"{_size(taken)}\n{self._cost(taken.cost)}")
        words = self._facts.text().replace("\n", ", ")
        self.setAccessibleName(self.tr("Picture {name}: {facts}").format(name=self._name, facts=words))

    def set_compact(self, compact: bool) -> None:
        """Only the name: the rest stays in the accessible name."""
        self._facts.setVisible(not compact)
        inset = self._theme.space(0.5 if compact else 2)
        self._row.setContentsMargins(self._theme.space(2), inset, self._theme.space(2), inset)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def _cost(self, cost: PictureCost) -> str:
        if cost.seen_by == "model":
            seen = self.tr("seen as {width} × {height}").format(width=cost.width, height=cost.height)
        else:
            seen = self.tr("picture reader")
        parts = [seen]
        if cost.tokens is not None:
            parts.append(self.tr("{count} tokens").format(count=number(cost.tokens)))
        if cost.seconds is not None:
            parts.append(self.tr("about {time} s").format(time=number(cost.seconds, 1)))
        return ", ".join(parts)


def _size(taken: Taken) -> str:
    return f"{taken.picture.width} × {taken.picture.height}  ·  {file_size(taken.bytes)}"


class PictureTray(QScrollArea):
    """The chips, in as many rows as they need, of which about two are seen. Hidden while there are none."""

    changed = Signal()
    emptied_by_key = Signal()

    def __init__(self, theme: Theme, make_thumbnail: MakeThumbnail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._make_thumbnail = make_thumbnail
        self._chips: dict[int, PictureChip] = {}
        self._taken: dict[int, Taken] = {}
        self._tab_anchor: QWidget | None = None
        self._compact = False
        self._page = Column()
        self._page.setProperty("kind", "bare")
        self._page.wants_place.connect(self._fit)
        self._flow = FlowLayout(self._page, spacing=theme.space(2))
        self.setWidget(self._page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hide()

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(taken.picture for _, taken in sorted(self._taken.items()))

    @property
    def waits(self) -> bool:
        """Whether a picture is still being read."""
        return len(self._chips) > len(self._taken)

    @property
    def chips(self) -> tuple[PictureChip, ...]:
        return tuple(self._chips.values())

    def begin(self, key: int, name: str) -> None:
        chip = PictureChip(name, self._theme, self._page)
        chip.removed.connect(lambda: self.remove(key))
        chip.set_compact(self._compact)
        self._chips[key] = chip
        self._flow.addWidget(chip)
        self._update()

    def show_taken(self, key: int, taken: Taken) -> None:
        if key not in self._chips:
            return
        if taken.picture.sha256 in {other.picture.sha256 for other in self._taken.values()}:
            self.remove(key)
            return
        self._taken[key] = taken
        self._chips[key].show_taken(taken, self._make_thumbnail(taken.picture))
        self._update()
        announce(self, self.tr("Picture added"))

    def remove(self, key: int) -> None:
        chip = self._chips.pop(key, None)
        self._taken.pop(key, None)
        if chip is None:
            return
        focused = QApplication.focusWidget()
        had_focus = focused is not None and (focused is chip or chip.isAncestorOf(focused))
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
        self._update()
        if had_focus:
            self._chips[max(self._chips)].setFocus() if self._chips else self.emptied_by_key.emit()

    def clear(self) -> None:
        for key in list(self._chips):
            self.remove(key)

    def release(self, pictures: Iterable[Picture]) -> None:
        """They are in a question now."""
        gone = {picture.sha256 for picture in pictures}
        for key in [key for key, taken in self._taken.items() if taken.picture.sha256 in gone]:
            self.remove(key)

    def set_compact(self, compact: bool) -> None:
        """One row of names, where there is little room."""
        if compact != self._compact:
            self._compact = compact
            for chip in self._chips.values():
                chip.set_compact(compact)
            self._fit()

    def tab_after(self, anchor: QWidget) -> None:
        """Where Tab comes from to the chips."""
        self._tab_anchor = anchor

    def _update(self) -> None:
        if self._tab_anchor is not None:
            tab_through(self._tab_anchor, *(stop for chip in self._chips.values() for stop in chip.tab_stops))
        self.setVisible(bool(self._chips))
        self._fit()
        self.changed.emit()

    def _fit(self) -> None:
        height = self._flow.heightForWidth(self.viewport().width())
        row = max((chip.sizeHint().height() for chip in self._chips.values()), default=0)
        self.setFixedHeight(min(height, row if self._compact else self._theme.space(TRAY_UNITS)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
