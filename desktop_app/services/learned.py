"""What is learned from opinions at once: rules about the person, and liked answers shown to the model as examples.

All of it is off with the setting `use_learned`. Rules act only when the person accepted or wrote them.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from desktop_app.domain.conversations import StoredMessage
from desktop_app.domain.examples import Examples, LikedAnswer, as_turns, liked_answers
from desktop_app.domain.feedback import Rating
from desktop_app.domain.messages import Message, Picture
from desktop_app.domain.rule_proposals import propose, text_for
from desktop_app.domain.rules import RULE_CHARACTERS, Proposal, Rule, told, within_budget
from desktop_app.errors import UserCanFix
from desktop_app.ports import Clock
from desktop_app.services.feedback import FeedbackService
from desktop_app.services.preferences import Preferences
from desktop_app.storage import Database, rules
from desktop_app.storage.ids import Ids

NEWEST = 200
"""Opinions that are looked at for proposals: what a person wanted long ago may not hold any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one prompt gets of it. `instructions` hold the rules; `examples` are ids, `turns` their messages.

    `path` is the conversation with the answers that the person rewrote as they wrote them; `rewritten` are their ids.
    """

    instructions: str
    path: tuple[StoredMessage, ...]
    rules: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    turns: tuple[Message, ...] = ()
    rewritten: tuple[str, ...] = ()


class LearnedService:
    def __init__(self, database: Database, feedback: FeedbackService, preferences: Preferences, clock: Clock) -> None:
        self._database = database
        self._feedback = feedback
        self._preferences = preferences
        self._clock = clock
        self._ids = Ids(clock)
        self._examples: Examples | None = None
        self._read_last: tuple[str, ...] = ()
        self._lock = threading.Lock()
        feedback.watch(self._forget_index)

    # rules

    def rules(self) -> tuple[Rule, ...]:
        """The accepted ones, oldest first."""
        return tuple(rule for rule in self._all() if rule.state == "accepted")

    def in_use(self) -> tuple[Rule, ...]:
        """The accepted ones that fit into the token budget."""
        return within_budget(self._all())

    def proposals(self) -> tuple[Proposal, ...]:
        """Rules that the opinions speak for and that the person has not decided on."""
        known = [rule.key for rule in self._all() if rule.key]
        return propose(tuple(reversed(self._feedback.list()[:NEWEST])), known=known)

    def accept(self, key: str, text: str = "") -> Rule:
        """Follow a proposal, in other words if `text` is given. Raises UserCanFix."""
        return self._keep(key, text or text_for(key), refused=False)

    def refuse(self, key: str) -> None:
        """Never propose it again. Raises UserCanFix("rules.no_proposal")."""
        self._keep(key, text_for(key), refused=True)

    def add(self, text: str) -> Rule:
        """A rule in the person's own words. Raises UserCanFix("rules.empty", "rules.too_long", "rules.known")."""
        rule = Rule(id=self._ids.new(), text=self._checked(text), created_at=self._clock.now())
        with self._database.write() as connection:
            rules.save(connection, rule)
        return rule

    def edit(self, rule_id: str, text: str) -> Rule:
        """Raises UserCanFix("rules.not_found", "rules.empty", "rules.too_long", "rules.known")."""
        words = self._checked(text, besides=rule_id)
        with self._database.write() as connection:
            changed = replace(rules.find(connection, rule_id), text=words)
            rules.save(connection, changed)
        return changed

    def remove(self, rule_id: str) -> Rule:
        """No longer follow it. One that was proposed is not proposed again. Returns what `put_back` takes."""
        with self._database.write() as connection:
            rule = rules.find(connection, rule_id)
            if rule.key:
                rules.save(connection, replace(rule, text=text_for(rule.key), state="refused"))
            else:
                rules.delete(connection, rule_id)
        return rule

    def put_back(self, rule: Rule) -> None:
        with self._database.write() as connection:
            rules.save(connection, rule)

    # prompts

    def tell(self, path: tuple[StoredMessage, ...], *, conversation_id: str, ahead: bool = False) -> Told:
        """What the prompt for the last message of `path` gets; `ahead`: nobody waits for the answer yet.

        A conversation keeps the examples that its last answer had. Before a new one is asked there is time to read
        more similar ones; once it is asked, those that the model has read already do.
        """
        instructions = self._preferences.current.system_prompt
        if not self._preferences.current.use_learned:
            return Told(instructions=instructions, path=path)
        followed = self.in_use()
        rewritten, path = self._as_rewritten(path, conversation_id)
        chosen = self._choose(path, conversation_id, ahead=ahead)
        self._read_last = tuple(each.id for each in chosen) or self._read_last
        return Told(
            instructions=told(instructions, followed),
            path=path,
            rules=tuple(rule.text for rule in followed),
            examples=tuple(each.id for each in chosen),
            turns=as_turns(chosen),
            rewritten=rewritten,
        )

    def named(self, ids: Sequence[str]) -> tuple[LikedAnswer, ...]:
        """The examples with these ids that are still liked, whole, for display."""
        wanted = frozenset(ids)
        return tuple(each for each in liked_answers(tuple(reversed(self._feedback.list()))) if each.id in wanted)

    def liked(self) -> tuple[LikedAnswer, ...]:
        """Everything that can become an example, newest first."""
        return tuple(reversed(liked_answers(tuple(reversed(self._feedback.list())))))

    # inside

    def _choose(self, path: tuple[StoredMessage, ...], conversation_id: str, *, ahead: bool) -> tuple[LikedAnswer, ...]:
        examples = self._index()
        earlier = [message for message in path if message.role == "assistant"]
        if earlier:
            return examples.named(earlier[-1].provenance.examples)
        read = tuple(each for each in examples.named(self._read_last) if each.conversation_id != conversation_id)
        if read and not ahead:
            return read
        question = path[-1].text if path else ""
        return examples.for_question(question, conversation_id=conversation_id, read_already=self._read_last)

    def _as_rewritten(
        self, path: tuple[StoredMessage, ...], conversation_id: str
    ) -> tuple[tuple[str, ...], tuple[StoredMessage, ...]]:
        if not conversation_id or not any(message.role == "assistant" for message in path):
            return (), path
        opinions = self._feedback.of_conversation(conversation_id)
        better = {each.answer_id: each.better for each in opinions if isinstance(each, Rating) and each.better}
        changed = tuple(_worded(each, better[each.id]) if each.id in better else each for each in path)
        return tuple(message.id for message in path if message.id in better), changed

    def _index(self) -> Examples:
        with self._lock:
            if self._examples is None:
                self._examples = Examples(liked_answers(tuple(reversed(self._feedback.list()))))
            return self._examples

    def _forget_index(self) -> None:
        with self._lock:
            self._examples = None

    def _all(self) -> tuple[Rule, ...]:
        with self._database.read() as connection:
            return rules.listing(connection)

    def _keep(self, key: str, text: str, *, refused: bool) -> Rule:
        if not text_for(key):
            raise UserCanFix(
                "rules.no_proposal", "There is no such proposal.", remedy="Look at the list of proposals again."
            )
        known = next((rule for rule in self._all() if rule.key == key), None)
        words = self._checked(text, besides=known.id if known else "") if not refused else text
        fresh = Rule(id=self._ids.new(), text=words, key=key, created_at=self._clock.now())
        rule = replace(known or fresh, text=words, state="refused" if refused else "accepted")
        with self._database.write() as connection:
            rules.save(connection, rule)
        return rule

    def _checked(self, text: str, *, besides: str = "") -> str:
        """One line that is not there yet."""
        words = " ".join(text.split())
        if not words:
            raise UserCanFix("rules.empty", "The rule is empty.", remedy="Write what answers should be like.")
        if len(words) > RULE_CHARACTERS:
            raise UserCanFix(
                "rules.too_long",
                f"A rule has at most {RULE_CHARACTERS} characters.",
                remedy="Say it in fewer words, or as two rules.",
            )
        if any(rule.text.casefold() == words.casefold() and rule.id != besides for rule in self.rules()):
            raise UserCanFix("rules.known", "This rule is there already.", remedy="Change the one in the list.")
        return words


def _worded(message: StoredMessage, text: str) -> StoredMessage:
    pictures: tuple[str | Picture, ...] = message.pictures
    return replace(message, parts=(*pictures, text))
