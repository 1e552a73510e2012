from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.errors import Bug, Cancelled, UserCanFix
from desktop_app.ports import CancelToken
from desktop_app.ui.jobs import THREADS, Job, Lanes


class Heard:
    """Everything a job said, with the thread it was heard on."""

    def __init__(self, job: Job) -> None:
        self.said: list[tuple[str, Any]] = []
        self.threads: set[int] = set()
        job.event.connect(lambda item: self._hear("event", item))
        job.finished.connect(lambda value: self._hear("finished", value))
        job.failed.connect(lambda error: self._hear("failed", error))
        job.cancelled.connect(lambda: self._hear("cancelled", None))

    def _hear(self, what: str, value: Any) -> None:
        self.said.append((what, value))
        self.threads.add(threading.get_ident())

    @property
    def endings(self) -> list[str]:
        return [what for what, _ in self.said if what != "event"]


@pytest.fixture
def lanes(qapp: object) -> Iterator[Lanes]:
    made = Lanes()
    yield made
    assert made.close()


def run(lanes: Lanes, bot: QtBot, work: Any, lane: Any = "io") -> Heard:
    job = lanes.job(lane, work)
    heard = Heard(job)
    job.start()
    bot.waitUntil(lambda: bool(heard.endings))
    return heard


def test_a_value_is_heard_on_the_gui_thread(lanes: Lanes, qtbot: QtBot) -> None:
    heard = run(lanes, qtbot, lambda _: threading.get_ident())
    (what, worker), *_ = heard.said
    assert what == "finished"
    assert heard.threads == {threading.get_ident()} != {worker}


def test_an_iterator_tells_each_item_and_then_its_end(lanes: Lanes, qtbot: QtBot) -> None:
    heard = run(lanes, qtbot, lambda _: iter("abc"))
    assert heard.said == [("event", "a"), ("event", "b"), ("event", "c"), ("finished", None)]


def test_an_expected_failure_arrives_as_it_is(lanes: Lanes, qtbot: QtBot) -> None:
    error = UserCanFix("a.b", "No.", remedy="Do.")

    def work(_: CancelToken) -> None:
        raise error

    assert run(lanes, qtbot, work).said == [("failed", error)]


def test_an_unexpected_failure_is_logged_and_becomes_a_bug(
    lanes: Lanes, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    heard = run(lanes, qtbot, lambda _: 1 / 0)
    ((what, error),) = heard.said
    assert what == "failed"
    assert isinstance(error, Bug)
    assert error.code == "app.unexpected"
    assert "ZeroDivisionError" in caplog.text


def test_cancelling_reaches_the_work(lanes: Lanes, qtbot: QtBot) -> None:
    begun = threading.Event()

    def work(cancel: CancelToken) -> None:
        begun.set()
        cancel.wait(10)
        cancel.raise_if_cancelled()

    job = lanes.job("io", work)
    heard = Heard(job)
    job.start()
    assert begun.wait(5)
    job.cancel()
    qtbot.waitUntil(lambda: heard.endings == ["cancelled"])


def test_work_that_ends_by_itself_after_a_cancel_has_finished(lanes: Lanes, qtbot: QtBot) -> None:
    job = lanes.job("io", lambda cancel: cancel.wait(10))
    heard = Heard(job)
    job.start()
    job.cancel()
    qtbot.waitUntil(lambda: bool(heard.endings))
    assert heard.endings in (["finished"], ["cancelled"])


def test_a_job_cancelled_before_its_turn_never_runs(lanes: Lanes, qtbot: QtBot) -> None:
    gate, ran = threading.Event(), []
    first, second = lanes.job("model", lambda _: gate.wait(10)), lanes.job("model", lambda _: ran.append(1))
    heard = Heard(second)
    first.start()
    second.start()
    second.cancel()
    gate.set()
    qtbot.waitUntil(lambda: heard.endings == ["cancelled"])
    assert not ran


def test_a_lane_runs_no_more_jobs_at_once_than_it_has_threads(lanes: Lanes, qtbot: QtBot) -> None:
    gate, lock, at_once, most = threading.Event(), threading.Lock(), [0], [0]

    def work(_: CancelToken) -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        gate.wait(10)
        with lock:
            at_once[0] -= 1

    for _ in range(5):
        lanes.job("io", work).start()
    qtbot.waitUntil(lambda: at_once[0] == THREADS["io"])
    gate.set()
    qtbot.waitUntil(lambda: lanes.running == 0)
    assert most[0] == THREADS["io"]


def test_an_unreferenced_job_lives_until_its_end(lanes: Lanes, qtbot: QtBot) -> None:
    said: list[int] = []

    def begin() -> None:
        job = lanes.job("io", lambda _: 7)
        job.finished.connect(said.append)
        job.start()

    begin()
    qtbot.waitUntil(lambda: said == [7])
    assert lanes.running == 0


def test_closing_cancels_what_runs_and_what_comes_later(qtbot: QtBot) -> None:
    lanes = Lanes()

    def work(cancel: CancelToken) -> None:
        cancel.wait(10)
        raise Cancelled

    early, late = lanes.job("voice", work), lanes.job("voice", lambda _: 1)
    heard = Heard(early), Heard(late)
    early.start()
    assert lanes.close()
    late.start()
    qtbot.waitUntil(lambda: [one.endings for one in heard] == [["cancelled"], ["cancelled"]])


def test_what_was_finished_but_not_told_before_closing_ends_as_cancelled(qtbot: QtBot) -> None:
    lanes, done = Lanes(), threading.Event()

    def work(_: CancelToken) -> int:
        done.set()
        return 7

    job = lanes.job("io", work)
    heard = Heard(job)
    job.start()
    assert done.wait(20) and lanes.close()
    qtbot.waitUntil(lambda: heard.endings == ["cancelled"])


def test_closing_does_not_wait_for_work_that_will_not_stop(qtbot: QtBot) -> None:
    lanes, begun, gate = Lanes(), threading.Event(), threading.Event()

    def work(_: CancelToken) -> None:
        begun.set()
        gate.wait(10)

    lanes.job("io", work).start()
    assert begun.wait(5)
    assert not lanes.close(ms=20)
    gate.set()
    assert lanes.close()
