"""Going on with an answer that stopped: the request for it, and the quiet line that stands for it on screen.

The request is kept among the questions, where it is recognised by how it begins: in the stored words, never in
translated ones.
"""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.domain.conversations import StoredMessage
from desktop_app.ui.chat.message import MessageView
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import label, rule

BEGINNING = "Please go on where you stopped."
LAST_WORDS = 10


def request_to_go_on(text: str) -> str:
    """What the model is asked after it has written `text`."""
    words = " ".join(text.split()[-LAST_WORDS:])
    return f"{BEGINNING} Your last words were “{words}”. Write only what follows them." if words else BEGINNING


def asks_to_go_on(message: StoredMessage) -> bool:
    return message.role == "user" and not message.pictures and message.text.startswith(BEGINNING)


class GoingOnView(MessageView):
    """A hairline with a word on it where another program would show a question that nobody typed."""

    _right = True

    def __init__(self, message: StoredMessage, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(message, theme, parent)
        self.foot.hide()
        row = QHBoxLayout()
        row.setContentsMargins(0, theme.space(1), 0, theme.space(2))
        row.setSpacing(theme.space(3))
        row.addWidget(rule(self), 1)
        row.addWidget(label(self.tr("continued"), "meta", parent=self))
        row.addWidget(rule(self), 1)
        self._make_column().addLayout(row)
        self.setAccessibleName(self.tr("The answer goes on"))
