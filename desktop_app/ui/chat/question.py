"""A question on screen: its pictures, its words in a soft bubble on the right, and editing it in place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop_app.domain.conversations import StoredMessage
from desktop_app.domain.messages import Picture
from desktop_app.ui.chat.message import Deed, MessageView
from desktop_app.ui.chat.pictures import Thumbnail
from desktop_app.ui.chat.prose import PlainView
from desktop_app.ui.chat.shown_text import number, shown
from desktop_app.ui.theme import Theme

FIRST_CHARACTERS = 1_500
FIRST_LINES = 16
MORE_CHARACTERS = 16_000
BUBBLE_SHARE = 0.86


def beginning(text: str, characters: int, lines: int) -> str:
    """At most that much of the text, cut at a line or word where one is near."""
    cut = "\n".join(text.split("\n", lines)[:lines]) if lines else text
    if len(cut) > characters:
        near = max(cut.rfind("\n", characters - 200, characters), cut.rfind(" ", characters - 200, characters))
        cut = cut[: near if near > 0 else characters]
    return cut


class LongText(QWidget):
    """Plain words; of very many only the first, and more of them on demand, a piece at a time."""

    changed = Signal()

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rest = text
        self._views: list[PlainView] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._more = QPushButton(self)
        self._more.setProperty("kind", "link")
        self._more.clicked.connect(self.show_more)
        self._column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        self._add(beginning(text, FIRST_CHARACTERS, FIRST_LINES))

    def show_more(self) -> None:
        self._add(beginning(self._rest.lstrip("\n"), MORE_CHARACTERS, 0))
        self.changed.emit()

    def wanted_width(self, at_most: int) -> int:
        widest = max(view.wanted_width(at_most) for view in self._views)
        return max(widest, self._more.sizeHint().width()) if self._rest else widest

    def set_room(self, width: int) -> None:
        self.setFixedWidth(width)
        for view in self._views:
            view.set_room(width)

    def _add(self, piece: str) -> None:
        start = self._rest.index(piece)
        self._rest = self._rest[start + len(piece) :]
        view = PlainView(self._theme, shown(piece), parent=self)
        view.setAccessibleName(self.tr("Text of the question"))
        self._views.append(view)
        self._column.insertWidget(self._column.count() - 1, view)
        self._more.setVisible(bool(self._rest.strip()))
        self._more.setText(self.tr("Show more ({count} characters)").format(count=number(len(self._rest))))


class EditBox(QFrame):
    """The question again, to be changed: Send asks it anew, Escape leaves it as it was."""

    done = Signal(str)
    left = Signal()

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "edit_box")
        self._editor = QPlainTextEdit(text, self)
        self._editor.setProperty("kind", "bare")
        self._editor.setTabChangesFocus(True)
        self._editor.setAccessibleName(self.tr("Edit your message"))
        self._editor.setFixedHeight(self._editor.fontMetrics().lineSpacing() * min(10, max(3, text.count("\n") + 2)))
        self._editor.installEventFilter(self)
        cancel = self._button(self.tr("Cancel"), "ghost", self.left.emit)
        self._send = self._button(self.tr("Send"), "primary", self.send)
        self._editor.textChanged.connect(lambda: self._send.setEnabled(bool(self.text.strip())))
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(cancel)
        row.addWidget(self._send)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(*(theme.space(3),) * 4)
        self.column.addWidget(self._editor)
        self.column.addLayout(row)

    @property
    def text(self) -> str:
        return self._editor.toPlainText()

    @property
    def editor(self) -> QPlainTextEdit:
        return self._editor

    def begin(self) -> None:
        self._editor.setFocus()
        self._editor.moveCursor(self._editor.textCursor().MoveOperation.End)

    def send(self) -> None:
        if self.text.strip():
            self.done.emit(self.text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.left.emit()
                return True
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shift:
                self.send()
                return True
        return super().eventFilter(watched, event)

    def _button(self, title: str, kind: str, then: Callable[[], None]) -> QPushButton:
        button = QPushButton(title, self)
        button.setProperty("kind", kind)
        button.clicked.connect(lambda: then())
        return button


class QuestionView(MessageView):
    """A question. `edited` carries the changed words."""

    edited = Signal(str, str)
    _right = True

    def __init__(
        self,
        message: StoredMessage,
        theme: Theme,
        make_thumbnail: Callable[[Picture], Thumbnail],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(message, theme, parent)
        self._room = 0
        self._edit: EditBox | None = None
        self._text = LongText(theme, message.text, self) if message.text else None
        self._bubble = self._build_bubble()
        self.foot.show_versions(message.sibling, message.siblings)
        self.foot.say(self.tr("spoken") if message.spoken else "")
        column = self._make_column()
        column.setSpacing(theme.space(1))
        if message.pictures:
            column.addLayout(self._build_pictures(make_thumbnail))
        column.addWidget(self._bubble, 0, Qt.AlignmentFlag.AlignRight)
        column.addWidget(self.foot)
        self._column = column
        self.setAccessibleName(self.tr("You: {text}").format(text=shown(message.text, limit=400)))

    def set_room(self, width: int) -> None:
        self._room = width
        if self._text is None:
            return
        width = self._inside(width)
        frame = self._theme.space(8) + 2
        self._text.set_room(self._text.wanted_width(int(width * BUBBLE_SHARE) - frame))

    def edit(self, text: str | None = None) -> None:
        """Change the words in place, beginning with `text` or with what was asked."""
        if self._edit is not None:
            return
        self._edit = EditBox(self.message.text if text is None else text, self._theme, self)
        self._edit.left.connect(self.leave_edit)
        self._edit.done.connect(self._send_edit)
        self._column.insertWidget(self._column.indexOf(self._bubble), self._edit)
        self._bubble.hide()
        for layout in (self._column, self._edit.column):  # Tab follows what stands where
            layout.activate()
        self._edit.begin()

    def leave_edit(self) -> None:
        if self._edit is not None:
            self._edit.hide()
            self._edit.deleteLater()
            self._edit = None
            self._bubble.setVisible(self._text is not None)
            self.setFocus()

    @property
    def edit_box(self) -> EditBox | None:
        return self._edit

    def _send_edit(self, text: str) -> None:
        self.leave_edit()
        self.edited.emit(self.message.id, text)

    def _build_bubble(self) -> QFrame:
        bubble = QFrame(self)
        bubble.setProperty("kind", "bubble")
        bubble.setProperty("contrast", self._theme.high_contrast)
        column = QVBoxLayout(bubble)
        column.setContentsMargins(*(self._theme.space(n) for n in (4, 3, 4, 2)))
        if self._text is not None:
            column.addWidget(self._text)
            self._text.changed.connect(lambda: self.set_room(self._room))
        else:
            bubble.hide()
        return bubble

    def _build_pictures(self, make_thumbnail: Callable[[Picture], Thumbnail]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self._theme.space(2))
        row.addStretch()
        for picture in self.message.pictures:
            row.addWidget(make_thumbnail(picture))
        return row

    def _deeds(self) -> tuple[Deed, ...]:
        return (
            Deed(id="copy", title=self.tr("Copy"), icon="copy"),
            Deed(id="edit", title=self.tr("Edit and ask again"), icon="pencil-simple"),
        )
