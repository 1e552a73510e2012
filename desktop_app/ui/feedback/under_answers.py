"""Ratings wired into the conversation: thumbs, the panel below an answer, the better answer, the better of two."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from desktop_app.domain.conversations import StoredMessage
from desktop_app.domain.examples import LikedAnswer
from desktop_app.domain.feedback import AnyOpinion, Pick, Rating
from desktop_app.domain.rules import Proposal
from desktop_app.domain.similarity import words_of
from desktop_app.ui.announce import announce
from desktop_app.ui.chat.answer import AnswerView
from desktop_app.ui.chat.conversation_view import ConversationView
from desktop_app.ui.chat.facts_panel import FactsPanel
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.chat.presenter import ChatPresenter
from desktop_app.ui.feedback.better_editor import BetterEditor
from desktop_app.ui.feedback.diff_view import DiffView
from desktop_app.ui.feedback.panel import RatingPanel
from desktop_app.ui.feedback.pick_bar import PickBar
from desktop_app.ui.feedback.presenter import RatingPresenter
from desktop_app.ui.feedback.use_note import UseNote
from desktop_app.ui.feedback.words import offered_reasons
from desktop_app.ui.notices import Notices
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import button

PANEL, EDITOR, CHANGES, PICK, NOTE, EXAMPLES = "rating", "better", "changes", "pick", "use", "examples"
SAME_QUESTION = 0.6
"""Two questions that share this part of their words are nearly the same."""


class UnderAnswers(QObject):
    """`by_voice` says whether a hands-free conversation goes on; `show_learned` opens the page of what was learned."""

    def __init__(
        self,
        ratings: RatingPresenter,
        chat: ChatPresenter,
        conversation: ConversationView,
        theme: Theme,
        notices: Notices,
        by_voice: Callable[[], bool],
        show_learned: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._ratings = ratings
        self._chat = chat
        self._conversation = conversation
        self._theme = theme
        self._notices = notices
        self._by_voice = by_voice
        self._show_learned = show_learned
        self._earlier: StoredMessage | None = None
        self._drafts: dict[str, str] = {}  # better answers in the making, which outlive their widgets
        self._connect()

    # -- what messages want --------------------------------------------------------------------------------------

    def _on_intent(self, view: AnswerView, id_: str) -> None:
        wants: dict[str, Callable[[], None]] = {
            "good": lambda: self._thumb(view, True),
            "bad": lambda: self._thumb(view, False),
            "better": lambda: self._edit(view),
            "why": lambda: self._show_examples(view),
            "copy": lambda: self._ratings.notice(view.message.id, "copied"),
            "regenerate": lambda: self._again(view),
        }
        if not view.is_live and (want := wants.get(id_)):
            want()

    def _thumb(self, view: AnswerView, liked: bool) -> None:
        known = self._ratings.rating(view.message.id)
        if known is not None and known.liked is liked:
            self._toggle_panel(view)
        else:
            self._once_told(view, lambda: self._rate(view, liked=liked))

    def _rate(self, view: AnswerView, *, liked: bool) -> None:
        self._ratings.rate(view.message.id, liked=liked)
        if not liked:
            self._open_panel(view)

    def _once_told(self, view: AnswerView, then: Callable[[], None]) -> None:
        """Say first what a rating is used for, if that was never said."""
        if self._ratings.was_told:
            then()
            return
        note = UseNote(self._theme, view)

        def agreed() -> None:
            view.put_below(NOTE, None)
            self._ratings.tell()
            then()

        note.agreed.connect(agreed)
        note.refused.connect(lambda: view.put_below(NOTE, None))
        self._put(view, NOTE, note)
        note.agree.setFocus()
        announce(note, note.accessibleDescription())

    def _again(self, view: AnswerView) -> None:
        self._ratings.notice(view.message.id, "regenerated")
        self._earlier = view.message

    # -- the panel -----------------------------------------------------------------------------------------------

    def _toggle_panel(self, view: AnswerView) -> None:
        if view.below(PANEL) is None:
            self._open_panel(view)
        else:
            view.put_below(PANEL, None)

    def _open_panel(self, view: AnswerView) -> None:
        if view.below(PANEL) is not None:
            return
        id_ = view.message.id
        question = self._conversation.transcript.view_of(view.message.parent_id or "")
        spoken = question is not None and question.message.spoken
        offered = offered_reasons(picture=bool(view.message.provenance.seen_by), spoken=spoken)
        panel = RatingPanel(offered, self._ratings.rating(id_), self._theme, view)
        panel.reasons_changed.connect(lambda reasons: self._ratings.rate(id_, reasons=reasons))
        panel.comment_changed.connect(lambda text: self._ratings.rate(id_, comment=text))
        panel.better_wanted.connect(lambda: self._edit(view))
        panel.withdraw_wanted.connect(lambda: self._withdraw(view))
        panel.closed.connect(lambda: self._close(view, PANEL))
        self._put(view, PANEL, panel)

    def _withdraw(self, view: AnswerView) -> None:
        if rating := self._ratings.rating(view.message.id):
            self._ratings.last = rating
            self._ratings.withdraw(rating)
            view.put_below(PANEL, None)
            view.setFocus()
            self._notices.info(self.tr("The rating is withdrawn."), self.tr("Undo"), self._ratings.undo)

    # -- the better answer ---------------------------------------------------------------------------------------

    def _edit(self, view: AnswerView) -> None:
        if isinstance(open_one := view.below(EDITOR), BetterEditor):
            open_one.begin()
            return
        known = self._ratings.rating(view.message.id)
        self._open_editor(view, known.better if known and known.better else view.text).begin()

    def _open_editor(self, view: AnswerView, text: str) -> BetterEditor:
        id_, editor = view.message.id, BetterEditor(text, self._theme, view)

        def close() -> None:
            self._drafts.pop(id_, None)
            self._close(view, EDITOR)

        def done(better: str) -> None:
            close()
            self._once_told(view, lambda: self._ratings.rate(id_, better=better))

        editor.done.connect(done)
        editor.left.connect(close)
        editor.editor.textChanged.connect(lambda: self._drafts.update({id_: editor.text}))
        self._put(view, EDITOR, editor)
        return editor

    def _show_rewritten(self, view: AnswerView, rating: Rating | None) -> None:
        """A line that it was rewritten, and the changes on demand."""
        if rating is None or not rating.better:
            if view.below(CHANGES) is not None:
                view.put_below(CHANGES, None)
            return
        holder = QWidget(view)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        changes: list[DiffView] = []

        def toggle() -> None:
            if changes:
                changes.pop().deleteLater()
            else:
                changes.append(DiffView(view.text, rating.better, self._theme, holder))
                column.addWidget(changes[0])
            show.setText(self.tr("Hide your changes") if changes else self.tr("You rewrote this answer: show changes"))

        show = button(self.tr("You rewrote this answer: show changes"), "link", toggle, parent=holder)
        column.addWidget(show, 0, Qt.AlignmentFlag.AlignLeft)
        view.put_below(CHANGES, holder)

    # -- the better of two ---------------------------------------------------------------------------------------

    def _on_turn_closed(self, answer: StoredMessage) -> None:
        if answer.stopped_by == "person":
            self._ratings.notice(answer.id, "interrupted" if self._by_voice() else "stopped")
        earlier, self._earlier = self._earlier, None
        view = self._conversation.transcript.view_of(answer.id)
        if earlier is None or not isinstance(view, AnswerView) or earlier.parent_id != answer.parent_id:
            return
        if answer.status == "done" and answer.text and earlier.text and answer.text != earlier.text:
            self._offer_pick(view, earlier)

    def _offer_pick(self, view: AnswerView, earlier: StoredMessage) -> None:
        bar = PickBar(earlier.text, self._theme, view)

        def picked(new: bool) -> None:
            pair = (view.message.id, earlier.id) if new else (earlier.id, view.message.id)
            view.put_below(PICK, None)
            self._once_told(view, lambda: self._prefer(*pair, flip=not new, shown_id=view.message.id))

        bar.picked.connect(picked)
        bar.left.connect(lambda: self._close(view, PICK))
        self._put(view, PICK, bar)

    def _prefer(self, better_id: str, worse_id: str, *, flip: bool, shown_id: str) -> None:
        self._ratings.prefer(better_id, worse_id)
        if flip:
            self._chat.flip(shown_id, -1)

    # -- signals that only the order of things tells -------------------------------------------------------------

    def _on_question(self, question: StoredMessage) -> None:
        """A question that is nearly the last one again says that the answer did not do."""
        answer = self._conversation.transcript.last("assistant")
        before = self._conversation.transcript.view_of((answer.message.parent_id or "") if answer else "")
        if answer is None or before is None:
            return
        old, new = frozenset(words_of(before.message.text)), frozenset(words_of(question.text))
        if old and len(old & new) >= SAME_QUESTION * max(len(old), len(new)):
            self._ratings.notice(answer.message.id, "reasked")

    def _on_edited(self, question_id: str) -> None:
        for view in self._conversation.transcript.messages:
            if view.message.parent_id == question_id and view.message.role == "assistant":
                self._ratings.notice(view.message.id, "edited_prompt")

    # -- why -----------------------------------------------------------------------------------------------------

    def _show_examples(self, view: AnswerView) -> None:
        """The liked answers that the model was shown, below "Why this answer"."""
        ids = view.message.provenance.examples
        view.put_below(EXAMPLES, None)
        if ids and view.shows_why:
            self._ratings.examples(ids, lambda found: self._put_examples(view, found))

    def _put_examples(self, view: AnswerView, found: tuple[LikedAnswer, ...]) -> None:
        if isValid(view) and view.shows_why and found:
            facts = tuple((each.question, each.answer) for each in found)
            view.put_below(
                EXAMPLES, FactsPanel(self.tr("Answers you liked that it was shown"), facts, self._theme, view)
            )

    # -- wires ---------------------------------------------------------------------------------------------------

    def _on_answer_made(self, view: AnswerView) -> None:
        view.intent.connect(lambda id_, _: self._on_intent(view, id_))
        self._dress(view)
        if view.message.id in self._drafts:
            self._open_editor(view, self._drafts[view.message.id])

    def _on_changed(self, answer_id: str) -> None:
        view = self._conversation.transcript.view_of(answer_id)
        if isinstance(view, AnswerView):
            self._dress(view)

    def _dress(self, view: AnswerView) -> None:
        rating = self._ratings.rating(view.message.id)
        view.show_thumb(rating.liked if rating else None)
        self._show_rewritten(view, rating)
        if isinstance(panel := view.below(PANEL), RatingPanel):
            panel.show_rating(rating)

    def _on_kept(self, opinion: AnyOpinion) -> None:
        if isinstance(opinion, Pick):
            words = self.tr("Your choice is kept.")
        elif isinstance(opinion, Rating) and opinion.better:
            words = self.tr("The better answer is kept.")
        else:
            words = self.tr("The rating is kept.")
        for other in (
            self.tr("Your choice is kept."),
            self.tr("The better answer is kept."),
            self.tr("The rating is kept."),
        ):
            self._notices.withdraw(other)
        self._notices.info(words, self.tr("Undo"), self._ratings.undo)

    def _on_proposed(self, proposal: Proposal) -> None:
        words = self.tr("Shall I keep to this? \u201c{rule}\u201d").format(rule=proposal.text)
        self._notices.info(words, self.tr("Look at it"), self._show_learned)

    def _put(self, view: AnswerView, name: str, widget: QWidget) -> None:
        """Below the answer, and in sight once the layout knows where that is."""
        view.put_below(name, widget)
        show = while_alive(widget, lambda: self._conversation.transcript.show_inside(widget))
        QTimer.singleShot(0, widget, show)

    def _close(self, view: AnswerView, name: str) -> None:
        view.put_below(name, None)
        view.setFocus()

    def _connect(self) -> None:
        self._conversation.answer_made.connect(self._on_answer_made)
        self._conversation.question_edited.connect(self._on_edited)
        self._chat.opened.connect(lambda *_: self._ratings.load(self._chat.current_id))
        self._chat.found.connect(lambda *_: self._ratings.load(self._chat.current_id))
        self._chat.turn_opened.connect(lambda opened: self._ratings.load(opened.question.conversation_id))
        self._chat.question_sent.connect(self._on_question)
        self._chat.turn_closed.connect(self._on_turn_closed)
        self._ratings.changed.connect(self._on_changed)
        self._ratings.kept.connect(self._on_kept)
        self._ratings.proposed.connect(self._on_proposed)
        self._ratings.failed.connect(self._notices.error)
