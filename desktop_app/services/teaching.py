"""A larger installed model answers the person's own questions, for the model in use to learn from.

Its answers are a source of examples like ratings: the same training, the same gate. One lesson is stored after the
other, so that it can stop at any moment. Where the person has said something about an answer, that counts alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec

from desktop_app.domain.conversations import StoredMessage
from desktop_app.domain.feedback import TrainingExample
from desktop_app.domain.generation import GenerationEnded, ModelRequest, Sampling, TextDelta
from desktop_app.domain.lessons import Lesson, LessonsProgress
from desktop_app.domain.messages import Message
from desktop_app.domain.model_specs import InstalledModel
from desktop_app.errors import AppError, UserCanFix
from desktop_app.files import disk_errors, write_atomically
from desktop_app.ports import CancelToken, Clock, LanguageModel
from desktop_app.services.asked import what_was_asked
from desktop_app.services.history import History

MOST_LESSONS = 200
WEIGHT = 0.5
"""Of a lesson as an example: half of what the person said."""
SAMPLING = Sampling(temperature=0.3, max_tokens=400, seed=1)


class Models(Protocol):
    """What is needed of the library and its engines."""

    def chosen(self) -> InstalledModel: ...

    def judge(self, model: InstalledModel) -> LanguageModel: ...


class Lock(Protocol):
    def release(self) -> None: ...


class TeachingService:
    """`find` gives an installed model; `alone` the lock that trainings hold; `rated` the ids of judged answers."""

    def __init__(
        self,
        history: History,
        models: Models,
        find: Callable[[str], InstalledModel],
        *,
        alone: Callable[[], Lock],
        rated: Callable[[], Iterable[str]],
        instructions: Callable[[], str],
        path: Path,
        clock: Clock,
    ) -> None:
        self._history = history
        self._models = models
        self._find = find
        self._alone = alone
        self._rated = rated
        self._instructions = instructions
        self._path = path
        self._clock = clock
        self._forgotten: list[Callable[[frozenset[str]], None]] = []

    def lessons(self) -> tuple[Lesson, ...]:
        """Oldest first."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=tuple[Lesson, ...])
        except (OSError, msgspec.DecodeError):
            return ()

    def examples(self) -> tuple[TrainingExample, ...]:
        """What the model in use can learn from; nothing while none is installed."""
        try:
            student = self._models.chosen().sha256
        except AppError:
            return ()
        rated = frozenset(self._rated())
        mine = [each for each in self.lessons() if each.student_sha256 == student and each.answer_id not in rated]
        found = (self._example(lesson) for lesson in mine)
        return tuple(example for example in found if example)

    def teach(
        self, teacher_id: str, student_id: str, cancel: CancelToken, *, most: int = MOST_LESSONS
    ) -> Iterator[LessonsProgress]:
        """Write what is missing, newest conversations first. Raises UserCanFix("teaching.*"), AppError, Cancelled."""
        teacher, student = self._find(teacher_id), self._find(student_id) if student_id else self._models.chosen()
        _refuse_odd_pairs(teacher, student)
        lock = self._alone()
        try:
            known = {each.answer_id for each in self.lessons() if each.student_sha256 == student.sha256}
            wanted = self._questions()[:most]
            missing = [answer for answer in wanted if answer.id not in known]
            yield LessonsProgress(done=len(wanted) - len(missing), total=len(wanted))
            model = self._models.judge(teacher)
            for place, answer in enumerate(missing, 1):
                cancel.raise_if_cancelled()
                if text := self._answered(model, answer, cancel):
                    self._keep(self._lesson(answer, text, teacher, student))
                yield LessonsProgress(done=len(wanted) - len(missing) + place, total=len(wanted))
        finally:
            lock.release()

    def forget(self, student_id: str = "") -> int:
        """Remove the lessons of a model, or all; what learned from them goes out of use. Gives how many they were."""
        student = self._find(student_id).sha256 if student_id else ""
        return self._remove(lambda each: student in ("", each.student_sha256))

    def forget_erased(self) -> None:
        """Remove those whose conversation is gone for good."""
        self._remove(lambda each: self._message(each.answer_id) is None)

    def watch_forgotten(self, watcher: Callable[[frozenset[str]], None]) -> None:
        """Call `watcher` with the ids of lessons that no longer hold."""
        self._forgotten.append(watcher)

    # -- inside --------------------------------------------------------------------------------------------------

    def _questions(self) -> list[StoredMessage]:
        """The answers on the shown paths, without pictures and opinions, newest conversations first."""
        rated = frozenset(self._rated())
        found: list[StoredMessage] = []
        for conversation in self._history.conversations():
            path = self._history.path(conversation.id)
            if not any(message.pictures for message in path):
                found += [each for each in reversed(path) if each.role == "assistant" and each.id not in rated]
        return [each for each in found if each.text.strip() and each.status == "done"]

    def _answered(self, model: LanguageModel, answer: StoredMessage, cancel: CancelToken) -> str:
        """The teacher's whole answer; "" where it did not come to an end, or where the question is too long for it."""
        request = ModelRequest(messages=self._prompt(answer.conversation_id, answer.id), sampling=SAMPLING)
        text, whole = "", False
        try:
            for event in model.stream(request, cancel):
                if isinstance(event, TextDelta):
                    text += event.text
                elif isinstance(event, GenerationEnded):
                    whole = event.stopped_by == "end"
        except UserCanFix as error:
            if error.code != "chat.too_long":
                raise
        cancel.raise_if_cancelled()
        return text.strip() if whole else ""

    def _lesson(self, answer: StoredMessage, text: str, teacher: InstalledModel, student: InstalledModel) -> Lesson:
        return Lesson(
            id=f"lesson-{answer.id}-{student.sha256[:12]}",
            conversation_id=answer.conversation_id,
            answer_id=answer.id,
            answer=text,
            teacher=teacher.title,
            teacher_sha256=teacher.sha256,
            student_sha256=student.sha256,
            created_at=self._clock.now(),
        )

    def _example(self, lesson: Lesson) -> TrainingExample | None:
        """None while its conversation is deleted."""
        answer = self._message(lesson.answer_id)
        if answer is None or self._history.conversation(answer.conversation_id).deleted_at is not None:
            return None
        theirs = answer.text if answer.provenance.model_sha256 == lesson.student_sha256 else ""
        return TrainingExample(
            feedback_id=lesson.id,
            conversation_id=lesson.conversation_id,
            answer_id=lesson.answer_id,
            prompt=self._prompt(lesson.conversation_id, lesson.answer_id),
            answer=lesson.answer,
            liked=True,
            weight=WEIGHT,
            source="teacher",
            created_at=lesson.created_at,
            rather_than="" if theirs.strip() == lesson.answer else theirs,
        )

    def _prompt(self, conversation_id: str, answer_id: str) -> tuple[Message, ...]:
        return what_was_asked(self._history, conversation_id, answer_id, self._instructions())

    def _message(self, answer_id: str) -> StoredMessage | None:
        with suppress(AppError):
            return self._history.message(answer_id)
        return None

    def _keep(self, lesson: Lesson) -> None:
        self._write((*self.lessons(), lesson))

    def _remove(self, wanted: Callable[[Lesson], bool]) -> int:
        gone = frozenset(each.id for each in self.lessons() if wanted(each))
        if gone:
            self._write(tuple(each for each in self.lessons() if each.id not in gone))
            for watcher in self._forgotten:
                watcher(gone)
        return len(gone)

    def _write(self, lessons: tuple[Lesson, ...]) -> None:
        with disk_errors(self._path.parent):
            write_atomically(self._path, msgspec.json.encode(lessons))


def _refuse_odd_pairs(teacher: InstalledModel, student: InstalledModel) -> None:
    if teacher.role != "language" or student.role != "language":
        raise UserCanFix(
            "teaching.no_language",
            "Only a language model can teach, and only a language model can learn.",
            remedy="Look at the models with: stonechat models list",
        )
    if teacher.sha256 == student.sha256 or teacher.bytes <= student.bytes:
        raise UserCanFix(
            "teaching.not_larger",
            f"{teacher.title} is not larger than {student.title}, so there is little to learn from it.",
            remedy="Choose a larger model as the teacher.",
        )
