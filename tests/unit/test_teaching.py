"""A larger model answers the person's questions: lessons are kept one by one, and are examples like ratings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.domain.dataset import snapshot
from desktop_app.domain.generation import GenerationEnded, GenerationEvent, ModelRequest, TextDelta
from desktop_app.domain.model_specs import InstalledModel
from desktop_app.errors import Cancelled, UserCanFix
from desktop_app.ports import CancelToken
from desktop_app.services.teaching import TeachingService
from tests.unit.feedback_kit import Kit, feedback_kit
from tests.unit.storage_kit import HandClock

SMALL = InstalledModel(id="small", role="language", title="Small", path="", sha256="s" * 64, bytes=1)
LARGE = InstalledModel(id="large", role="language", title="Large", path="", sha256="l" * 64, bytes=2)
EAR = InstalledModel(id="ear", role="hearing", title="Ear", path="", sha256="e" * 64, bytes=3)


class Teacher:
    """Answers every question in capitals; does not come to an end with one that says "endless"."""

    def __init__(self) -> None:
        self.asked: list[ModelRequest] = []

    def stream(self, request: ModelRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        self.asked.append(request)
        question = request.messages[-1].text
        yield TextDelta(text=f" {question.upper()} ")
        yield GenerationEnded(
            stopped_by="length" if "endless" in question else "end",
            prompt_tokens=1,
            reused_tokens=0,
            tokens=1,
            first_token_ms=1,
            total_ms=1,
        )


class Class:
    """The teaching service of a kit, with what stands around it."""

    def __init__(self, kit: Kit, folder: Path) -> None:
        self.teacher = Teacher()
        self.chosen_model = SMALL
        self.locked = 0
        models = {each.id: each for each in (SMALL, LARGE, EAR)}
        self.service = TeachingService(
            kit.history,
            self,  # type: ignore[arg-type]
            models.__getitem__,
            alone=self.alone,
            rated=lambda: (each.answer_id for each in kit.feedback.list()),
            instructions=lambda: "Be brief.",
            path=folder / "lessons.json",
            clock=HandClock(),
        )

    def chosen(self) -> InstalledModel:
        return self.chosen_model

    def judge(self, model: InstalledModel) -> Teacher:
        assert model == LARGE
        return self.teacher

    def alone(self) -> Class:
        self.locked += 1
        return self

    def release(self) -> None:
        self.locked -= 1

    def teach(self, teacher: str = "large", student: str = "") -> list[tuple[int, int]]:
        return [(step.done, step.total) for step in self.service.teach(teacher, student, CancelToken())]


@contextmanager
def school(folder: Path) -> Iterator[tuple[Kit, Class]]:
    with feedback_kit(folder) as kit:
        yield kit, Class(kit, folder)


def test_each_question_gets_a_lesson_once(tmp_path: Path) -> None:
    with school(tmp_path) as (kit, school_):
        kit.answers(("one?", "1"), ("two?", "2"))
        assert school_.teach() == [(0, 2), (1, 2), (2, 2)]
        assert [each.answer for each in school_.service.lessons()] == ["TWO?", "ONE?"]
        read = [message.text for message in school_.teacher.asked[0].messages]
        assert read == ["Be brief.", "one?", "1", "two?"]
        assert school_.teach() == [(2, 2)] and school_.locked == 0
        found = school_.service.examples()
        assert {(each.source, each.liked, each.answer) for each in found} == {
            ("teacher", True, "ONE?"),
            ("teacher", True, "TWO?"),
        }
        data = snapshot(found)
        assert data.readiness.effective == 1.0 and len(data.train) + len(data.held_out) == 2


def test_what_the_person_said_counts_alone(tmp_path: Path) -> None:
    with school(tmp_path) as (kit, school_):
        first, _ = kit.answers(("one?", "1"), ("two?", "2"))
        kit.feedback.rate(first, liked=True)
        assert school_.teach()[-1] == (1, 1)
        later = school_.service.lessons()[0].answer_id
        kit.feedback.rate(later, liked=False)
        assert school_.service.examples() == ()


def test_an_answer_that_does_not_end_is_no_lesson(tmp_path: Path) -> None:
    with school(tmp_path) as (kit, school_):
        kit.answers(("an endless one?", "1"))
        school_.teach()
        assert school_.service.lessons() == ()


def test_only_a_larger_language_model_teaches(tmp_path: Path) -> None:
    with school(tmp_path) as (_, school_):
        for teacher, student in (("small", "large"), ("large", "large"), ("ear", "small"), ("large", "ear")):
            with pytest.raises(UserCanFix) as caught:
                school_.teach(teacher, student)
            assert caught.value.code.startswith("teaching.") and caught.value.remedy
        assert school_.locked == 0


def test_stopping_keeps_what_is_written(tmp_path: Path) -> None:
    with school(tmp_path) as (kit, school_):
        kit.answers(("one?", "1"), ("two?", "2"))
        cancel = CancelToken()
        with pytest.raises(Cancelled):
            for step in school_.service.teach("large", "", cancel):
                if step.done == 1:
                    cancel.cancel()
        assert len(school_.service.lessons()) == 1 and school_.locked == 0
        assert school_.teach()[-1] == (2, 2)


def test_lessons_are_for_one_model_and_can_be_forgotten(tmp_path: Path) -> None:
    with school(tmp_path) as (kit, school_):
        kit.answers(("one?", "1"))
        school_.teach()
        gone: list[frozenset[str]] = []
        school_.service.watch_forgotten(gone.append)
        school_.chosen_model = replace(SMALL, sha256="o" * 64)
        assert school_.service.examples() == ()
        assert school_.service.forget("small") == 1
        assert len(gone) == 1 and school_.service.lessons() == ()


def test_lessons_go_with_their_conversation(tmp_path: Path) -> None:
    with school(tmp_path) as (kit, school_):
        (answer,) = kit.answers(("one?", "1"))
        school_.teach()
        kit.history.delete(kit.history.message(answer).conversation_id)
        assert school_.service.examples() == ()
        kit.history.purge()
        school_.service.forget_erased()
        assert school_.service.lessons() == ()
        assert b"ONE" not in (tmp_path / "lessons.json").read_bytes()


def test_a_broken_file_is_no_lessons(tmp_path: Path) -> None:
    with school(tmp_path) as (_, school_):
        (tmp_path / "lessons.json").write_bytes(b"{")
        assert school_.service.lessons() == ()
