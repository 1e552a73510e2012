"""The calm line under an answer that did not end by itself: what happened, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop_app.domain.conversations import StoredMessage
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button, label

CONTINUE = "continue"
AGAIN = "regenerate"
FETCH = "fetch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """`deeds` are the ids of what is offered, the likeliest first."""

    words: str
    deeds: tuple[str, ...] = ()


def note_for(message: StoredMessage, error: str = "", *, lacks_model: bool = False) -> Note | None:
    """What to say about how the answer ended; None when it was simply finished. `error` is a sentence of its own."""
    more = (CONTINUE, AGAIN) if message.text else (AGAIN,)
    if message.status == "failed":
        deeds = (FETCH, AGAIN) if lacks_model else (AGAIN,)
        return Note(words=error or _tr("Something went wrong and the answer stops here."), deeds=deeds)
    if message.status == "interrupted":
        return Note(words=_tr("Stonechat was closed while it was writing this."), deeds=more)
    if message.status == "streaming":
        return None
    return {
        "person": Note(words=_tr("You stopped this answer."), deeds=more),
        "length": Note(words=_tr("The answer reached its longest length."), deeds=(CONTINUE,)),
        "context": Note(words=_tr("The model's memory is full; the answer stops here.")),
    }.get(message.stopped_by or "")


class NoteBar(QFrame):
    """`wanted` carries the id of what was chosen."""

    wanted = Signal(str)

    def __init__(self, note: Note, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "note")
        titles = {CONTINUE: self.tr("Continue"), AGAIN: self.tr("Try again"), FETCH: self.tr("Fetch the models")}
        row = QHBoxLayout(self)
        row.setContentsMargins(*(theme.space(n) for n in (4, 2, 2, 2)))
        row.addWidget(label(note.words, "muted", wrap=True), 1)
        self._buttons = {
            id_: button(titles[id_], "ghost", partial(self.wanted.emit, id_), parent=self) for id_ in note.deeds
        }
        for made in self._buttons.values():
            row.addWidget(made)

    def offer(self, id_: str, offered: bool) -> None:
        """Whether one of its deeds can be done here and now."""
        if made := self._buttons.get(id_):
            made.setVisible(offered)


def _tr(text: str) -> str:
    return QCoreApplication.translate("AnswerNote", text)
