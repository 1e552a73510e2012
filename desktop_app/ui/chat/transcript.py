"""The messages of a conversation, of which only a window has widgets.

`_above` and `_below` hold the messages that have none (yet): the window grows, in small slices, towards where the
person scrolls, and forgets what is far away.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QWidget
from shiboken6 import isValid

from desktop_app.domain.conversations import StoredMessage, TranscriptPage
from desktop_app.ui.chat.answer import AnswerView
from desktop_app.ui.chat.column_area import ColumnArea
from desktop_app.ui.chat.going_on import GoingOnView
from desktop_app.ui.chat.message import MessageView
from desktop_app.ui.chat.question import QuestionView
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import label, rule

FIRST_MESSAGES = 6
AHEAD_MESSAGES = 24
NEAR_MESSAGES = 12
WINDOW_MESSAGES = 160
SLICE_MS = 8
MakeMessage = Callable[[StoredMessage], MessageView]


class MemoryEdge(QFrame):
    """Marks where the model's memory ends."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = label(self.tr("The assistant no longer remembers what is above"), "meta")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.space(2), 0, theme.space(2))
        row.setSpacing(theme.space(3))
        row.addWidget(rule(self), 1)
        row.addWidget(words)
        row.addWidget(rule(self), 1)


class Transcript(ColumnArea):
    """`earlier_wanted` asks for the messages before the one it names."""

    earlier_wanted = Signal(str)

    def __init__(self, theme: Theme, make: MakeMessage, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._make = make
        self._shown: list[MessageView] = []
        self._above: deque[StoredMessage] = deque()
        self._below: deque[StoredMessage] = deque()
        self._has_earlier = False
        self._current: MessageView | None = None
        self._refocus = False
        self._edge: MemoryEdge | None = None
        self._edge_id = ""
        self._tab_anchor: QWidget | None = None
        self._filler = QTimer(self, interval=0)
        self._filler.timeout.connect(self._fill)
        self.setAccessibleName(self.tr("Conversation"))
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus_changed)

    # -- what is there -------------------------------------------------------------------------------------------

    @property
    def messages(self) -> tuple[MessageView, ...]:
        """The messages that have a widget, oldest first."""
        return tuple(self._shown)

    @property
    def is_empty(self) -> bool:
        return not (self._shown or self._above)

    @property
    def current(self) -> MessageView | None:
        """The message that Tab comes to."""
        return self._current

    @property
    def memory_edge(self) -> MemoryEdge | None:
        return self._edge

    def view_of(self, message_id: str) -> MessageView | None:
        return next((view for view in self._shown if view.message.id == message_id), None)

    def last(self, role: str) -> MessageView | None:
        return next((view for view in reversed(self._shown) if view.message.role == role), None)

    # -- changing it ---------------------------------------------------------------------------------------------

    def show_page(self, page: TranscriptPage) -> None:
        """Begin anew with the last page of a conversation: its end at once, the rest in small slices."""
        self._filler.stop()
        self._cut_from(0)
        self._below.clear()
        self._above = deque(page.messages)
        self._has_earlier = page.has_earlier
        self._edge_id = ""
        self._follow = True
        self._show_end()
        self._after_change()

    def show_around(self, page: TranscriptPage, message_id: str) -> None:
        """Begin anew around one message of a whole path, and put the focus on it; at the end when it is not there."""
        ids = [message.id for message in page.messages]
        at = ids.index(message_id) + 1 if message_id in ids else len(ids)
        self.show_page(TranscriptPage(messages=page.messages[:at], has_earlier=page.has_earlier))
        target, height = self._shown[-1] if self._shown else None, 0
        self._below = deque(page.messages[at:])
        if target is None or message_id not in ids:
            return
        while self._below and height < self.viewport().height():
            height += self._append(self._below.popleft()).sizeHint().height()
        self._follow = False
        self._after_change()
        self._set_current(target)
        target.setFocus()
        self.verticalScrollBar().setValue(target.y() - self._theme.space(8))

    def add_earlier(self, page: TranscriptPage) -> None:
        self._has_earlier = page.has_earlier
        self._above.extendleft(reversed(page.messages))
        self.scrolled()

    def show_path(self, page: TranscriptPage, keep_id: str) -> None:
        """The path has changed: keep the messages that are still on it, replace the others, show `keep_id`."""
        ids = [message.id for message in page.messages]
        gone = (at for at, view in enumerate(self._shown) if view.message.id not in ids)
        self._cut_from(next(gone, len(self._shown)))
        if not self._shown:
            self.show_page(page)
            return
        self._below.clear()
        for message in page.messages[ids.index(self._shown[-1].message.id) + 1 :]:
            self._append(message)
        self._follow = False
        self._after_change(keep_id)
        if view := self.view_of(keep_id):
            self.show_widget(view)

    def open_turn(self, question: StoredMessage, answer: StoredMessage) -> None:
        """Show the turn's question and answer after the question's parent; what stood there goes."""
        self._bring_below()
        self._cut_from(self._place_for(question))
        if self.view_of(question.id) is None:
            self._append(question)
        newest = self._append(answer)
        if not any(view.has_focus_inside() for view in self._shown):
            self._set_current(newest)
        self._follow = True
        self._after_change()

    def show_pending(self, question: StoredMessage) -> None:
        """A question that is not stored yet."""
        self._bring_below()
        self._append(question)
        self._follow = True
        self._after_change()

    def settle(self, answer: StoredMessage, error: str = "") -> None:
        """Show the answer as it was stored at its end."""
        view = self.view_of(answer.id)
        if isinstance(view, AnswerView):
            view.settle(answer, error)
            self._place()

    def drop(self, message_id: str) -> None:
        if view := self.view_of(message_id):
            self._remove(view)
            self._after_change()

    def rebuild(self) -> None:
        """Make every widget anew, in the colours and sizes of now."""
        messages, follow = [view.message for view in self._shown], self._follow
        edits = {v.message.id: v.edit_box.text for v in self._shown if isinstance(v, QuestionView) and v.edit_box}
        elsewhere = QApplication.focusWidget()
        focused = next((view.message.id for view in self._shown if view.has_focus_inside()), "")
        if self._edge is not None:
            self._edge.deleteLater()
            self._edge = None
        self._cut_from(0)
        self._room = 0
        for message in messages:
            view = self._append(message)
            if isinstance(view, QuestionView) and message.id in edits:
                view.edit(edits[message.id])
        self._follow = follow
        self._refocus = bool(focused) and focused not in edits
        self._after_change(focused)
        if edits and not focused and elsewhere is not None:
            elsewhere.setFocus()

    def show_memory_edge(self, first_kept_id: str | None) -> None:
        """Draw the edge of the model's memory above `first_kept_id`; nowhere for None."""
        self._edge_id = first_kept_id or ""
        self._place_edge()

    # -- looking at it -------------------------------------------------------------------------------------------

    def show_latest(self) -> None:
        """To the bottom, with the focus on the last message, and stay there."""
        self._bring_below()
        self._follow = True
        self._after_change()
        if self._shown:
            self._set_current(self._shown[-1])
            self._shown[-1].setFocus()

    def tab_after(self, anchor: QWidget) -> None:
        """Where Tab comes from to the current message."""
        self._tab_anchor = anchor

    def focus_message(self, step: int = 0) -> None:
        """Move the focus `step` messages on from the current one; 0 goes to it."""
        if not self._shown:
            return
        at = self._shown.index(self._current) if self._current in self._shown else len(self._shown) - 1
        view = self._shown[max(0, min(len(self._shown) - 1, at + step))]
        self._set_current(view)
        view.setFocus()
        self.show_widget(view)

    def items(self) -> Sequence[QWidget]:
        return self._shown

    def has_more_below(self) -> bool:
        return bool(self._below)

    def give_room(self, room: int) -> None:
        for view in self._shown:
            view.set_room(room)

    def scrolled(self) -> None:
        if self._wants_above() or self._wants_below():
            self._filler.start()
        elif self._has_earlier and not self._above and self._shown and self._is_near_top():
            self.earlier_wanted.emit(self._shown[0].message.id)

    # -- the window ----------------------------------------------------------------------------------------------

    def _show_end(self) -> None:
        height = 0
        while self._above and (len(self._shown) < FIRST_MESSAGES or height < self.viewport().height()):
            height += self._insert_above().sizeHint().height()

    def _insert_above(self) -> MessageView:
        view = self._adopt(self._above.pop())
        self._shown.insert(0, view)
        self._layout.insertWidget(0, view)
        view.show()
        return view

    def _append(self, message: StoredMessage) -> MessageView:
        view = self._adopt(message)
        self._shown.append(view)
        self._layout.insertWidget(self._layout.count() - 1, view)
        view.show()
        return view

    def _adopt(self, message: StoredMessage) -> MessageView:
        view = self._make(message)
        view.moved.connect(self.focus_message)
        if self._room:
            view.set_room(self._room)
        return view

    def _remove(self, view: MessageView) -> None:
        self._release(view)
        self._refocus = self._refocus or view.has_focus_inside()
        self._shown.remove(view)
        self._layout.removeWidget(view)
        if self._current is view:
            self._current = None
        view.hide()
        view.setParent(None)
        view.deleteLater()

    def _cut_from(self, index: int) -> None:
        for view in self._shown[index:]:
            self._remove(view)

    def _bring_below(self) -> None:
        """Go to the real bottom: far away the window is made anew there, near it it grows."""
        if len(self._below) > NEAR_MESSAGES:
            self._above.extend(view.message for view in self._shown)
            self._above.extend(self._below)
            self._below.clear()
            self._cut_from(0)
            self._show_end()
        while self._below:
            self._append(self._below.popleft())
        self._trim(from_top=True)

    def _place_for(self, question: StoredMessage) -> int:
        ids = [view.message.id for view in self._shown]
        for known in (question.id, question.parent_id):
            if known in ids:
                return ids.index(known) + 1
        return 0

    def _after_change(self, focus_id: str = "") -> None:
        """Where the focus was on something that is gone, it goes to `focus_id` or to the last message."""
        shown = self._shown
        for before, view, after in zip((None, *shown), shown, (*shown[1:], None), strict=False):
            view.set_last(after is None and not self._below)
            view.set_place(continues=isinstance(before, GoingOnView), continued=isinstance(after, GoingOnView))
        if self._shown and self._current is None:
            self._set_current(self._shown[-1])
        self._place_edge()
        self._place()
        if self._refocus and self._shown:
            view = self.view_of(focus_id) or self._shown[-1]
            self._set_current(view)
            view.setFocus()
        self._refocus = False
        self.scrolled()

    def _place_edge(self) -> None:
        view = self.view_of(self._edge_id) if self._edge_id else None
        begins = view is not None and view is self._shown[0] and not (self._above or self._has_earlier)
        if self._edge is not None:
            self._layout.removeWidget(self._edge)
            self._edge.hide()
        if view is not None and not begins:
            self._edge = self._edge or MemoryEdge(self._theme, self._column)
            self._layout.insertWidget(self._layout.indexOf(view), self._edge)
            self._edge.show()

    def _fill(self) -> None:
        """Make a few widgets where the person is going, for at most `SLICE_MS`."""
        spent = QElapsedTimer()
        spent.start()
        up = self._wants_above()
        while spent.elapsed() < SLICE_MS and (self._wants_above() if up else self._wants_below()):
            if up:
                self._insert_above()
            else:
                self._append(self._below.popleft())
        self._filler.stop()
        self._trim(from_top=not up)
        self._after_change()

    def _wants_above(self) -> bool:
        return bool(self._above) and (self._is_near_top() or len(self._shown) < AHEAD_MESSAGES)

    def _wants_below(self) -> bool:
        bar = self.verticalScrollBar()
        return bool(self._below) and bar.maximum() - bar.value() < 2 * self.viewport().height()

    def _is_near_top(self) -> bool:
        return self.verticalScrollBar().value() < 2 * self.viewport().height()

    def _trim(self, *, from_top: bool) -> None:
        while len(self._shown) > WINDOW_MESSAGES:
            view = self._shown[0 if from_top else -1]
            if view.message.status == "streaming":
                return
            self._remove(view)
            if from_top:
                self._above.append(view.message)
            else:
                self._below.appendleft(view.message)

    def _set_current(self, view: MessageView) -> None:
        if self._current is not None and self._current is not view:
            self._current.set_current(False)
        self._current = view
        if self._tab_anchor is not None:
            self.setTabOrder(self._tab_anchor, view)
        view.set_current(True)

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        for view in self._shown:
            if new is not None and (view is new or view.isAncestorOf(new)):
                self._set_current(view)
                view.reveal()
            elif old is not None and isValid(old) and (view is old or view.isAncestorOf(old)):
                QTimer.singleShot(0, view, view.reveal)  # what had the focus may be on its way out, half destroyed
