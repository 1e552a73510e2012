"""What questions and answers share on screen: focus, the row of actions under them, the context menu."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.conversations import StoredMessage
from desktop_app.ui.elided_label import ElidedLabel
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import label

PADDING = 2.5
BORDER = 2
FARTHEST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that can be done with a message. `id` is what the `intent` signal says."""

    id: str
    title: str
    icon: str


class Foot(QWidget):
    """Versions, actions and a few quiet words under a message. Its height is kept while it shows nothing.

    Buttons are made the first time that they are wanted.
    """

    wanted = Signal(str)

    def __init__(self, theme: Theme, deeds: tuple[Deed, ...], *, right: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._deeds = deeds
        self._revealed = False
        self._left_out: frozenset[str] = frozenset()
        self.buttons: dict[str, QToolButton] = {}
        self._flips = QHBoxLayout()
        self._flip_widgets: tuple[QWidget, ...] = ()
        self._actions = QHBoxLayout()
        self._words = label("", kind="meta", parent=self) if right else ElidedLabel(self)
        self._words.setProperty("kind", "meta")
        self._words.hide()
        self._text = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(1))
        for part in (self._flips, self._actions):
            part.setSpacing(0)
        if right:
            row.addStretch()
        row.addLayout(self._flips)
        row.addLayout(self._actions)
        row.addSpacing(theme.space(1))
        row.addWidget(self._words, 0 if right else 1)
        if not right:
            row.addStretch()  # for where there are no words
        self.setFixedHeight(theme.icon_size(4.5) + theme.space(3))

    def reveal(self, revealed: bool) -> None:
        if revealed and not self.buttons:
            for deed in self._deeds:
                self.buttons[deed.id] = self._button(deed)
                self._actions.addWidget(self.buttons[deed.id])
        self._revealed = revealed
        for id_, button in self.buttons.items():
            button.setVisible(revealed and id_ not in self._left_out)
        self._words.setVisible(revealed and bool(self._text))

    def say(self, words: str) -> None:
        self._text = words
        if isinstance(self._words, ElidedLabel):
            self._words.show_text(words)
        else:
            self._words.setText(words)
        self._words.setVisible(self._revealed and bool(words))

    def show_versions(self, at: int, of: int) -> None:
        """`< 2/3 >` when there is more than one version; `at` counts from 0."""
        for widget in self._flip_widgets:
            widget.hide()
            widget.deleteLater()
        self._flip_widgets = ()
        if of < 2:
            return
        back = self._button(Deed(id="flip_back", title=self.tr("Previous version"), icon="caret-left"))
        on = self._button(Deed(id="flip_on", title=self.tr("Next version"), icon="caret-right"))
        back.setEnabled(at > 0)
        on.setEnabled(at < of - 1)
        count = label(f"{at + 1}/{of}", kind="meta")
        count.setAccessibleName(self.tr("Version {at} of {of}").format(at=at + 1, of=of))
        for flip in (back, on):
            flip.setProperty("repeated", True)  # pressing it often is no sign of trouble
        self._flip_widgets = (back, count, on)
        for widget in self._flip_widgets:
            self._flips.addWidget(widget)

    def leave_out(self, *ids: str) -> None:
        """What cannot be done with this message as it is."""
        self._left_out = frozenset(ids)
        self.reveal(self._revealed)

    def change(self, id_: str, deed: Deed) -> None:
        """Make the button of `id_` look like `deed`; what it says it wants stays."""
        self._deeds = tuple(Deed(id=id_, title=deed.title, icon=deed.icon) if d.id == id_ else d for d in self._deeds)
        if button := self.buttons.get(id_):
            self._dress(button, deed)

    @property
    def deeds(self) -> tuple[Deed, ...]:
        return tuple(deed for deed in self._deeds if deed.id not in self._left_out)

    def _button(self, deed: Deed) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("kind", "icon")
        button.setIconSize(QSize(self._theme.icon_size(4.5), self._theme.icon_size(4.5)))
        self._dress(button, deed)
        button.clicked.connect(lambda: self.wanted.emit(deed.id))
        return button

    def _dress(self, button: QToolButton, deed: Deed) -> None:
        button.setIcon(self._theme.icon(deed.icon))
        button.setToolTip(deed.title)
        button.setAccessibleName(deed.title)


class MessageView(QFrame):
    """A message. One message at a time is a Tab stop; arrows move between them (the transcript's business)."""

    intent = Signal(str, str)
    link_wanted = Signal(str)
    moved = Signal(int)
    _right = False

    def __init__(self, message: StoredMessage, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = message
        self._theme = theme
        self.foot = Foot(theme, self._deeds(), right=self._right, parent=self)
        self.foot.wanted.connect(self.want)
        self._is_last = False
        self._is_current = False
        self.setProperty("kind", "message")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def set_room(self, width: int) -> None:
        """It is `width` pixels wide; what it shows leaves `PADDING` on each side, where the ring of the focus runs."""

    def set_last(self, last: bool) -> None:
        """The last message always shows what can be done with it."""
        if last != self._is_last:
            self._is_last = last
            self.reveal()

    def set_place(self, *, continues: bool, continued: bool) -> None:
        """Whether it goes on with the answer above it, and whether another below goes on with it."""

    def set_current(self, current: bool) -> None:
        """Whether Tab comes here, and then to what can be done with it."""
        self._is_current = current
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if current else Qt.FocusPolicy.ClickFocus)
        self.reveal()

    def reveal(self) -> None:
        """Show the actions when it is their time: last message, under the mouse, or with the focus."""
        wanted = self._is_last or self.underMouse() or self.has_focus_inside()
        self.foot.reveal(wanted and self.message.status != "streaming")
        self._arrange_focus()

    def _arrange_focus(self) -> None:
        """Only the current message's buttons are Tab stops, from top to bottom behind the message itself."""
        policy = Qt.FocusPolicy.TabFocus if self._is_current else Qt.FocusPolicy.NoFocus
        before: QWidget = self
        for stop in sorted(self._stops(), key=self._reading_order):
            if isinstance(stop, QAbstractButton):
                stop.setFocusPolicy(policy)
            if self._is_current:
                QWidget.setTabOrder(before, stop)
                before = stop

    def _stops(self) -> list[QWidget]:
        """What in it can have the focus: buttons, and where one writes."""
        fields = (*self.findChildren(QLineEdit), *self.findChildren(QPlainTextEdit))
        writable = [field for field in fields if field.focusPolicy() & Qt.FocusPolicy.TabFocus]
        return [*self.findChildren(QAbstractButton), *writable]

    def _reading_order(self, widget: QWidget) -> tuple[int, int]:
        at = widget.mapTo(self, QPoint(0, 0))
        return at.y(), at.x()

    def menu_deeds(self) -> tuple[Deed, ...]:
        return self.foot.deeds

    def want(self, id_: str) -> None:
        if id_ == "copy":
            self.copy()
        self.intent.emit(id_, self.message.id)

    def copy(self) -> None:
        QApplication.clipboard().setText(self.message.text)

    def links(self) -> tuple[str, ...]:
        return ()

    def _make_column(self) -> QVBoxLayout:
        column = QVBoxLayout(self)
        pad = self._theme.space(PADDING)
        column.setContentsMargins(pad, self._theme.space(1), pad, 0)
        return column

    def _inside(self, width: int) -> int:
        return width - 2 * self._theme.space(PADDING) - 2 * BORDER

    def _deeds(self) -> tuple[Deed, ...]:
        """What can be done with it."""
        return ()

    def has_focus_inside(self) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and (focused is self or self.isAncestorOf(focused))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.reveal()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.reveal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Home: -FARTHEST, Qt.Key.Key_End: FARTHEST}
        if event.key() in steps and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.moved.emit(steps[Qt.Key(event.key())])
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.want("copy")
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By mouse, or by the menu key, which the platform turns into this event."""
        self.make_menu().popup(event.globalPos())

    def make_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for deed in self.menu_deeds():
            menu.addAction(self._theme.icon(deed.icon), deed.title, lambda id_=deed.id: self.want(id_))
        if links := self.links():
            menu.addSeparator()
            for link in links[:12]:
                title = self.tr("Open {link}").format(link=link[:60]).replace("&", "&&")
                menu.addAction(self._theme.icon("link"), title, lambda address=link: self.link_wanted.emit(address))
        return menu
