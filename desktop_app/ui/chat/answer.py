"""An answer on screen: who speaks, what was seen, the text, what went wrong, what can be done, and why."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from desktop_app.domain.conversations import StoredMessage
from desktop_app.domain.pictures import Evidence
from desktop_app.ui.announce import announce
from desktop_app.ui.chat.answer_note import CONTINUE, Note, NoteBar, note_for
from desktop_app.ui.chat.answer_status import AnswerStatus
from desktop_app.ui.chat.blocks_view import BlocksView
from desktop_app.ui.chat.facts_panel import Fact, FactsPanel, evidence_facts, why_facts
from desktop_app.ui.chat.highlighting import CodeColours
from desktop_app.ui.chat.message import Deed, MessageView
from desktop_app.ui.chat.shown_text import number, seconds, shown
from desktop_app.ui.chat.turn import Phase
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import label


class AnswerView(MessageView):
    """An answer, live or stored. `say` adds streamed text; `settle` shows how it ended."""

    def __init__(
        self, message: StoredMessage, theme: Theme, colours: CodeColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(message, theme, parent)
        self._blocks = BlocksView(theme, colours, self)
        self._blocks.link_wanted.connect(self.link_wanted)
        self._status: AnswerStatus | None = None
        self._note: NoteBar | None = None
        self._continued = False
        self._evidence: dict[str, Evidence] = {}
        self._panels: dict[str, QWidget] = {}
        self._seen: QPushButton | None = None
        self._text = ""
        self._column = self._make_column()
        self._column.setSpacing(theme.space(2))
        self._speaker = label(self.tr("Stonechat · AI"), kind="speaker", parent=self)
        self._column.addWidget(self._speaker)
        self._column.addWidget(self._blocks)
        self._column.addWidget(self.foot)
        self.settle(message)

    # -- live ----------------------------------------------------------------------------------------------------

    def show_phase(self, phase: Phase) -> None:
        if self._status is None:
            if phase.doing in ("writing", "ended"):
                return
            self._status = AnswerStatus(self._theme, self)
            self._column.insertWidget(self._column.indexOf(self._blocks) + 1, self._status)
        self._status.show_phase(phase)

    def say(self, text: str) -> None:
        self._text += text
        self._blocks.add_text(shown(text))

    def show_evidence(self, sha256: str, evidence: Evidence) -> None:
        self._evidence[sha256] = evidence
        self._show_seen()

    # -- at rest -------------------------------------------------------------------------------------------------

    def settle(self, message: StoredMessage, error: str = "", *, lacks_model: bool = False) -> None:
        """Show the message as stored. Text that is already on screen is not drawn again."""
        self.message = message
        self._settle_text(message)
        self._evidence |= message.provenance.evidence
        self._show_seen()
        if message.status != "streaming":
            self.show_phase(Phase(doing="ended"))
        self._show_note(note_for(message, error, lacks_model=lacks_model))
        self._show_foot()
        self.setAccessibleName(self.tr("Stonechat, AI: {text}").format(text=shown(message.text, limit=400)))
        self.reveal()

    def set_place(self, *, continues: bool, continued: bool) -> None:
        """An answer that goes on does not say again who speaks, one that is gone on with not that it stopped."""
        self._continued = continued
        self._speaker.setVisible(not continues)
        self._arrange_note()

    def set_speaking(self, speaking: bool) -> None:
        self.foot.change("read", self._stop_reading() if speaking else self._read())

    def toggle_why(self) -> None:
        self._toggle("why", lambda: self._panel(self.tr("Why this answer"), why_facts(self.message)))
        self._announce_panel("why", self.tr("Why this answer"))

    def toggle_evidence(self) -> None:
        self._toggle("evidence", self._evidence_panels)
        self._announce_panel("evidence", self.tr("What the picture reader found"))
        self._dress_seen()

    @property
    def shows_why(self) -> bool:
        return "why" in self._panels

    def show_thumb(self, liked: bool | None) -> None:
        """What the person said about it."""
        self.foot.change("good", self._good(liked is True))
        self.foot.change("bad", self._bad(liked is False))

    def put_below(self, name: str, widget: QWidget | None) -> None:
        """Something under the actions, in the place of what was there under this name; None takes it away."""
        if old := self._panels.pop(name, None):
            old.hide()
            old.deleteLater()
        if widget is not None:
            self._panels[name] = widget
            self._column.insertWidget(self._column.indexOf(self.foot) + 1, widget)
            widget.show()
        self._arrange_focus()

    def below(self, name: str) -> QWidget | None:
        return self._panels.get(name)

    @property
    def is_live(self) -> bool:
        """Whether it is still being written."""
        return self.message.status == "streaming"

    @property
    def text(self) -> str:
        return self._text

    @property
    def blocks(self) -> BlocksView:
        return self._blocks

    @property
    def status(self) -> AnswerStatus | None:
        return self._status

    def set_room(self, width: int) -> None:
        self._blocks.set_room(self._inside(width))

    def copy(self) -> None:
        QApplication.clipboard().setText(self._text)

    def links(self) -> tuple[str, ...]:
        return self._blocks.links()

    def want(self, id_: str) -> None:
        if id_ == "why":
            self.toggle_why()
        super().want(id_)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.hasFocus():
            self.toggle_why()
        else:
            super().keyPressEvent(event)

    def _settle_text(self, message: StoredMessage) -> None:
        if not message.text.startswith(self._text):
            self._blocks.reset()
            self._text = ""
        self._blocks.add_text(shown(message.text[len(self._text) :]))
        self._text = message.text
        if message.status != "streaming":
            self._blocks.finish()

    # -- what stands around the text -----------------------------------------------------------------------------

    def _show_seen(self) -> None:
        if not self._evidence or self._seen is not None:
            return
        self._seen = QPushButton(self.tr("Seen through the picture reader"), self)
        self._seen.setProperty("kind", "seen")
        self._dress_seen()
        self._seen.setAccessibleDescription(self.tr("Shows what the picture reader found"))
        self._seen.clicked.connect(self.toggle_evidence)
        self._column.insertWidget(1, self._seen, 0, Qt.AlignmentFlag.AlignLeft)

    def _dress_seen(self) -> None:
        if self._seen is not None:
            self._seen.setIcon(self._theme.icon("caret-down" if "evidence" in self._panels else "caret-right"))
            self._seen.setIconSize(QSize(self._theme.icon_size(3.5), self._theme.icon_size(3.5)))

    def _evidence_panels(self) -> QWidget:
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.space(2))
        for evidence in self._evidence.values():
            column.addWidget(self._panel(self.tr("What the picture reader found"), evidence_facts(evidence)))
        return holder

    def _panel(self, title: str, facts: tuple[Fact, ...]) -> FactsPanel:
        return FactsPanel(title, facts, self._theme, self)

    def _toggle(self, name: str, make: Callable[[], QWidget]) -> None:
        if panel := self._panels.pop(name, None):
            panel.hide()
            panel.deleteLater()
            return
        self._panels[name] = make()
        under = self._seen if name == "evidence" and self._seen else self.foot
        self._column.insertWidget(self._column.indexOf(under) + 1, self._panels[name])

    def _announce_panel(self, name: str, title: str) -> None:
        """It opens below what has the focus: who does not see it hears that it is there."""
        said = self.tr("{title}: opened below") if name in self._panels else self.tr("{title}: closed")
        announce(self, said.format(title=title))

    def _show_note(self, note: Note | None) -> None:
        if self._note is not None:
            self._note.hide()
            self._note.deleteLater()
            self._note = None
        if note is not None:
            self._note = NoteBar(note, self._theme, self)
            self._note.wanted.connect(self.want)
            self._column.insertWidget(self._column.indexOf(self.foot), self._note)
            self._arrange_note()

    def _arrange_note(self) -> None:
        """Going on is offered only where the conversation ends."""
        if self._note is not None:
            self._note.setVisible(not self._continued)
            self._note.offer(CONTINUE, self._is_last)
            self._arrange_focus()

    def _show_foot(self) -> None:
        self.foot.leave_out(*(() if self.message.text else ("copy", "read", "good", "bad", "better")))
        self.foot.show_versions(self.message.sibling, self.message.siblings)
        took, parts = self.message.timings, []
        if took.tokens_per_second:
            parts.append(self.tr("{speed} tokens/s").format(speed=number(took.tokens_per_second)))
        if took.first_token_ms is not None:
            parts.append(self.tr("first word after {time}").format(time=seconds(took.first_token_ms)))
        self.foot.say("  ·  ".join(parts))

    def _deeds(self) -> tuple[Deed, ...]:
        return (
            Deed(id="copy", title=self.tr("Copy"), icon="copy"),
            self._read(),
            Deed(id="regenerate", title=self.tr("Answer again"), icon="arrows-clockwise"),
            self._good(False),
            self._bad(False),
            Deed(id="better", title=self.tr("Write the better answer"), icon="pencil-line"),
            Deed(id="why", title=self.tr("Why this answer"), icon="info"),
        )

    def _good(self, chosen: bool) -> Deed:
        if chosen:
            return Deed(id="good", title=self.tr("Good answer, you said: tell more"), icon="thumbs-up-fill")
        return Deed(id="good", title=self.tr("Good answer"), icon="thumbs-up")

    def _bad(self, chosen: bool) -> Deed:
        if chosen:
            return Deed(id="bad", title=self.tr("Not a good answer, you said: tell more"), icon="thumbs-down-fill")
        return Deed(id="bad", title=self.tr("Not a good answer"), icon="thumbs-down")

    def _read(self) -> Deed:
        return Deed(id="read", title=self.tr("Read aloud"), icon="speaker-high")

    def _stop_reading(self) -> Deed:
        return Deed(id="read", title=self.tr("Stop reading"), icon="stop-circle")
