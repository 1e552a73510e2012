"""Transcribing in the background: final before partial, nothing dropped is answered, errors are answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from desktop_app.domain.audio import Audio, Transcript
from desktop_app.errors import AppError, EngineCrashed
from desktop_app.ports import CancelToken
from desktop_app.services.transcriber import Transcriber


class HeldRecognizer:
    """Waits for `go` before each answer; says the number of samples. `fails` of its first calls crash."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)
        self.fails = 0

    def transcribe(self, audio: Audio, cancel: CancelToken) -> Transcript:
        self.begun.release()
        with cancel.calling(self.go.release):
            assert self.go.acquire(timeout=10)
        cancel.raise_if_cancelled()
        if self.fails:
            self.fails -= 1
            raise EngineCrashed("engine.crashed", "It stopped.", remedy="Wait.")
        return Transcript(text=str(audio.samples))

    def close(self) -> None:
        return


class Desk:
    def __init__(self) -> None:
        self.recognizer = HeldRecognizer()
        self.texts: list[tuple[int, str, bool]] = []
        self.errors: list[AppError] = []
        self.came = threading.Semaphore(0)
        self.transcriber = Transcriber(self.recognizer, self._text, self.errors.append)

    def _text(self, number: int, text: str, final: bool) -> None:
        self.texts.append((number, text, final))
        self.came.release()

    def ask(self, number: int, *, final: bool) -> None:
        self.transcriber.ask(number, Audio(pcm=bytes(2 * number)), final=final)

    def wait(self) -> None:
        assert self.came.acquire(timeout=10)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.transcriber.close()


def test_final_ones_come_first_and_older_partial_ones_never(desk: Desk) -> None:
    desk.ask(1, final=False)
    assert desk.recognizer.begun.acquire(timeout=10)
    for number, final in ((2, False), (3, True), (4, False), (5, False)):
        desk.ask(number, final=final)
    for _ in range(3):
        desk.recognizer.go.release()
        desk.wait()
    assert desk.texts == [(1, "1", False), (3, "3", True), (5, "5", False)]


@pytest.mark.parametrize("running", [True, False])
def test_what_is_dropped_is_not_answered(desk: Desk, running: bool) -> None:
    if not running:
        desk.ask(9, final=True)
    desk.ask(1, final=True)
    assert desk.recognizer.begun.acquire(timeout=10)
    desk.transcriber.drop(1)
    desk.ask(2, final=True)
    desk.recognizer.go.release(3)
    desk.wait()
    if not running:
        desk.wait()
    assert [number for number, *_ in desk.texts] == ([2] if running else [9, 2])


def test_a_crash_is_tried_again_and_then_answered_with_nothing(desk: Desk) -> None:
    desk.recognizer.fails = 1
    desk.recognizer.go.release(2)
    desk.ask(1, final=True)
    desk.wait()
    desk.recognizer.fails = 2
    desk.recognizer.go.release(2)
    desk.ask(2, final=True)
    desk.wait()
    assert desk.texts == [(1, "1", True), (2, "", True)]
    assert [error.code for error in desk.errors] == ["engine.crashed"]


def test_closing_ends_what_runs(desk: Desk) -> None:
    desk.ask(1, final=True)
    assert desk.recognizer.begun.acquire(timeout=10)
    assert desk.transcriber.busy
    desk.transcriber.close()
    assert desk.texts == []
