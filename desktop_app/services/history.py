"""Everything said so far: conversations, their trees of messages, pictures and evidence. Callable from any thread.

What a method returned is stored durably. Failures are AppErrors: gone, disk full, locked, damaged.
"""

from __future__ import annotations

import threading

from desktop_app.domain.conversations import (
    Conversation,
    Provenance,
    SearchHit,
    Status,
    StoredMessage,
    TranscriptPage,
)
from desktop_app.domain.events import Timings
from desktop_app.domain.generation import StoppedBy
from desktop_app.domain.messages import Part, Picture
from desktop_app.domain.pictures import Evidence
from desktop_app.errors import Bug
from desktop_app.ports import Clock
from desktop_app.storage import Database, conversations, erasure, messages, pictures, tree
from desktop_app.storage import search as full_text
from desktop_app.storage.ids import Ids

TITLE_CHARACTERS = 48


class History:
    """Owns `database` and closes it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._ids = Ids(clock)
        self._writing: set[str] = set()
        self._lock = threading.Lock()

    # conversations

    def conversations(self, *, limit: int = 500, offset: int = 0) -> tuple[Conversation, ...]:
        """Last changed first, without the deleted ones."""
        with self._database.read() as connection:
            return conversations.listing(connection, limit=limit, offset=offset)

    def conversation(self, conversation_id: str) -> Conversation:
        """A deleted one too, until it is erased. Raises UserCanFix("history.not_found")."""
        with self._database.read() as connection:
            return conversations.find(connection, conversation_id)

    def create(self, title: str = "") -> Conversation:
        with self._database.write() as connection:
            return conversations.add(connection, self._ids.new(), title, self._clock.now())

    def rename(self, conversation_id: str, title: str) -> Conversation:
        with self._database.write() as connection:
            return conversations.rename(connection, conversation_id, title)

    def delete(self, conversation_id: str) -> None:
        """Hide it; `restore` brings it back until `purge`."""
        with self._database.write() as connection:
            conversations.set_deleted(connection, conversation_id, self._clock.now())

    def restore(self, conversation_id: str) -> None:
        with self._database.write() as connection:
            conversations.set_deleted(connection, conversation_id, None)

    def purge(self, *, older_than_s: float = 0.0) -> tuple[str, ...]:
        """Really erase what was deleted more than `older_than_s` seconds ago, from backups and old logs too.

        Returns the sha256 of pictures that nothing uses any more; their files are the caller's to remove.
        """
        now = self._clock.now()
        return erasure.purge(self._database, deleted_before=now - older_than_s, now=now)

    # messages

    def page(self, conversation_id: str, *, before: str | None = None, limit: int = 60) -> TranscriptPage:
        """A stretch of the shown path that ends before the message `before`, or at its end."""
        with self._database.read() as connection:
            last = conversations.find(connection, conversation_id).head_id
            if before is not None:
                last = messages.find(connection, before).parent_id
            return tree.page(connection, last, limit)

    def path(self, conversation_id: str, *, upto: str | None = None) -> tuple[StoredMessage, ...]:
        """From the first message to `upto`, or to the end of the shown path."""
        with self._database.read() as connection:
            head = conversations.find(connection, conversation_id).head_id
            return tree.path(connection, messages.find(connection, upto).id if upto is not None else head)

    def message(self, message_id: str) -> StoredMessage:
        with self._database.read() as connection:
            return messages.find(connection, message_id)

    def siblings(self, message_id: str) -> tuple[str, ...]:
        """Ids of the messages in the same place, this one among them, oldest first."""
        with self._database.read() as connection:
            return tree.siblings(connection, messages.find(connection, message_id))

    def show(self, message_id: str) -> Conversation:
        """Make the shown path go through this message, down to the newest one below it."""
        with self._database.write() as connection:
            message = messages.find(connection, message_id)
            conversations.set_head(connection, message.conversation_id, tree.newest_leaf(connection, message.id))
            return conversations.find(connection, message.conversation_id)

    def search(self, words: str, *, limit: int = 50) -> tuple[SearchHit, ...]:
        """Titles, then messages, that hold all the words (the last may be unfinished); newest first."""
        with self._database.read() as connection:
            return full_text.search(connection, words, limit=limit)

    def add_question(
        self, conversation_id: str, parent_id: str | None, parts: tuple[Part, ...], *, spoken: bool = False
    ) -> StoredMessage:
        """Store a question below `parent_id` (None: a first message) and show it; titles an untitled conversation."""
        now = self._clock.now()
        with self._database.write() as connection:
            conversation = conversations.find(connection, conversation_id)
            if parent_id is not None and messages.find(connection, parent_id).conversation_id != conversation_id:
                raise _foreign_parent(parent_id)
            question_id = self._ids.new()
            messages.add_question(
                connection,
                question_id,
                conversation_id=conversation_id,
                parent_id=parent_id,
                parts=parts,
                spoken=spoken,
                now=now,
            )
            conversations.set_head(connection, conversation_id, question_id)
            conversations.touch(connection, conversation_id, now)
            if not conversation.title.strip():
                conversations.rename(connection, conversation_id, title_from(parts))
            return messages.find(connection, question_id)

    def begin_answer(self, question_id: str, *, provenance: Provenance) -> StoredMessage:
        """Store an empty answer that this process writes, and show it."""
        now = self._clock.now()
        answer_id = self._ids.new()
        with self._database.write() as connection:
            messages.settle_answers_of_the_dead(connection)
            question = messages.find(connection, question_id)
            messages.begin_answer(connection, answer_id, question, provenance, now)
            conversations.set_head(connection, question.conversation_id, answer_id)
            conversations.touch(connection, question.conversation_id, now)
            answer = messages.find(connection, answer_id)
        with self._lock:
            self._writing.add(answer_id)
        return answer

    def save_answer(self, answer_id: str, text: str) -> None:
        """Keep what is written so far; call it at least once a second."""
        with self._database.write() as connection:
            messages.save_text(connection, answer_id, text)

    def finish_answer(
        self,
        answer_id: str,
        text: str,
        *,
        status: Status,
        stopped_by: StoppedBy | None,
        provenance: Provenance,
        timings: Timings,
    ) -> StoredMessage:
        with self._database.write() as connection:
            answer = messages.finish(
                connection,
                answer_id,
                text,
                status=status,
                stopped_by=stopped_by,
                provenance=provenance,
                timings=timings,
            )
            conversations.touch(connection, answer.conversation_id, self._clock.now())
        with self._lock:
            self._writing.discard(answer_id)
        return answer

    def cut_answer(self, answer_id: str, spoken: str) -> StoredMessage:
        """Keep of an answer only what was heard of it before the person interrupted."""
        answer = self.message(answer_id)
        return self.finish_answer(
            answer_id,
            spoken,
            status="done",
            stopped_by="person",
            provenance=answer.provenance,
            timings=answer.timings,
        )

    # pictures

    def keep_picture(self, picture: Picture, bytes_: int) -> None:
        """Remember a picture whose file of `bytes_` bytes is stored."""
        with self._database.write() as connection:
            pictures.keep(connection, picture, bytes_, self._clock.now())

    def picture(self, sha256: str) -> Picture | None:
        with self._database.read() as connection:
            return pictures.find(connection, sha256)

    def keep_evidence(self, sha256: str, reader: str, evidence: Evidence) -> None:
        """Remember what `reader` (with its version) found in a picture."""
        with self._database.write() as connection:
            pictures.keep_evidence(connection, sha256, reader, evidence)

    def evidence(self, sha256: str, reader: str) -> Evidence | None:
        with self._database.read() as connection:
            return pictures.evidence(connection, sha256, reader)

    def close(self) -> None:
        """Answers that nobody finished are marked as interrupted. Safe to call twice; never raises."""
        with self._lock:
            unfinished, self._writing = self._writing, set()
        if unfinished:
            self._database.before_close(lambda connection: messages.settle(connection, unfinished))
        self._database.close()


def title_from(parts: tuple[Part, ...]) -> str:
    """The first words of a question, else the name of its first picture."""
    texts = [part for part in parts if isinstance(part, str)] + [p.name for p in parts if isinstance(p, Picture)]
    words = next((found for text in texts if (found := " ".join(_visible(text[:1000]).split()))), "")
    if len(words) <= TITLE_CHARACTERS:
        return words
    end = words.rfind(" ", TITLE_CHARACTERS // 2, TITLE_CHARACTERS)
    whole = words[: end if end > 0 else TITLE_CHARACTERS - 1]
    return whole.rstrip(" ,.;:-") + "…"


def _visible(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _foreign_parent(parent_id: str) -> Bug:
    return Bug(
        "history.foreign_parent",
        "A message cannot follow one of another conversation.",
        remedy="Open the conversation again and send the message once more.",
        detail=parent_id,
    )
