"""Turns what happens to questions and answers, recordings and spoken conversations into events of the registry.

Numbers and a few fixed words come here, no text: of a corrected transcript only how many of its words were changed.
"""

from __future__ import annotations

from desktop_app.domain.behaviour import RESENT_S
from desktop_app.domain.events import Timings
from desktop_app.services.usage_watch import UsageWatch

TYPED_TASKS = ("ask", "ask_by_voice", "ask_about_picture")


class UsageTurns:
    """Told on the GUI thread by whoever watches the window."""

    def __init__(self, watch: UsageWatch) -> None:
        self._watch = watch
        self._way = "typed"
        self._task = "ask"
        self._sent_at: float | None = None
        self._answered_at: float | None = None
        self._spoke = False
        self._recording_at: float | None = None
        self._hearing_at: float | None = None
        self._talk_at: float | None = None
        self._talk_turns = 0
        self._silent_at: float | None = None

    # -- asking --------------------------------------------------------------------------------------------------

    def typing(self) -> None:
        """The first letter of a question."""
        self._watch.tasks.begin("ask", self._watch.now())

    def picture(self, *, accepted: bool) -> None:
        """A picture came to the composer, or was refused."""
        self._watch.record("picture.added", accepted=accepted)
        if accepted:
            self._watch.tasks.begin("ask_about_picture", self._watch.now())

    def sent(self, *, pictures: int, spoken: bool) -> None:
        """A question went off: typed, or spoken into the composer."""
        at, tasks = self._watch.now(), self._watch.tasks
        self._way = "spoken" if spoken or self._spoke else "typed"
        self._spoke = False
        wanted = "ask_about_picture" if pictures else "ask_by_voice" if self._way == "spoken" else "ask"
        for task in TYPED_TASKS:
            if task != wanted:
                tasks.forget(task)
        tasks.begin(wanted, at)
        self._task, self._sent_at = wanted, at
        tasks.wait(wanted, at)
        self._watch.record("chat.sent", way=self._way, pictures=pictures)

    def regenerated(self) -> None:
        self._watch.record("chat.regenerated")
        self._watch.record("task.abandoned", task=self._task, how="regenerated")
        self._sent_at = self._watch.now()

    def edited(self) -> None:
        """A question that has an answer was changed and asked again."""
        at = self._watch.now()
        soon = self._answered_at is not None and at - self._answered_at <= RESENT_S
        self._watch.record("chat.edited", soon=soon)
        self._sent_at = at

    def stopped(self) -> None:
        """By the person, while it was written."""
        if self._sent_at is not None:
            self._watch.record("chat.stopped", after_ms=(self._watch.now() - self._sent_at) * 1000)
            self._watch.record("task.abandoned", task=self._task, how="stopped")

    def answered(self, *, ended: str, timings: Timings) -> None:
        """An answer is stored, whole or partial; `ended` is its `stopped_by`."""
        watch = self._watch
        self._answered_at = watch.now()
        way = "talk" if self._talk_at is not None else self._way
        watch.visit.answers += 1
        watch.record(
            "chat.answered",
            way=way,
            ended=ended,
            first_token_ms=timings.first_token_ms,
            total_ms=timings.total_ms or 0,
            tokens=timings.tokens,
        )
        if timings.load_ms:
            watch.record("model.loaded", ms=timings.load_ms)
        self._end_task(ended)

    def refused(self) -> None:
        """The turn ended before anything was stored."""
        self._end_task("error")

    def _end_task(self, ended: str) -> None:
        self._sent_at = None
        self._watch.tasks.resume(self._task, self._watch.now())
        if ended == "person":
            self._watch.tasks.forget(self._task)
        else:
            self._watch.finish(self._task, success=ended in ("end", "length"))

    # -- speaking into the composer ------------------------------------------------------------------------------

    def recording(self) -> None:
        self._recording_at, self._hearing_at = self._watch.now(), None
        self._watch.tasks.begin("ask_by_voice", self._watch.now())

    def hearing(self) -> None:
        """The recording is over, its words are looked for."""
        self._hearing_at = self._watch.now()
        self._watch.tasks.wait("ask_by_voice", self._hearing_at)

    def recorded(self, ended: str) -> None:
        """`ended`: heard, nothing, discarded or failed."""
        began, at = self._recording_at, self._watch.now()
        if began is None:
            return
        self._recording_at = None
        stop = self._hearing_at or at
        self._spoke = self._spoke or ended == "heard"
        self._watch.tasks.resume("ask_by_voice", at)
        hear_ms = (at - stop) * 1000 if ended == "heard" else None
        self._watch.record("voice.recorded", ended=ended, ms=(stop - began) * 1000, hear_ms=hear_ms)
        if ended == "discarded":
            self._watch.tasks.forget("ask_by_voice")
            self._watch.record("task.abandoned", task="ask_by_voice", how="discarded")

    def corrected(self, *, words: int, changed: int) -> None:
        """What was heard was sent, with so many of its words changed."""
        self._watch.record("voice.corrected", words=words, changed=changed)

    def read_aloud(self) -> None:
        self._watch.record("voice.read_aloud")

    # -- talking hands-free --------------------------------------------------------------------------------------

    def talk_began(self) -> None:
        self._talk_at, self._talk_turns, self._silent_at = self._watch.now(), 0, None
        self._watch.tasks.begin("talk_hands_free", self._talk_at)

    def talk_asked(self) -> None:
        self._talk_turns += 1
        self._watch.tasks.wait("talk_hands_free", self._watch.now())
        self._watch.record("chat.sent", way="talk", pictures=0)

    def fell_silent(self) -> None:
        """The person stopped speaking; perhaps for good."""
        self._silent_at = self._watch.now()

    def first_audio(self) -> None:
        """The answer begins to be heard."""
        self._watch.tasks.resume("talk_hands_free", self._watch.now())
        if self._silent_at is not None:
            self._watch.record("talk.first_audio", ms=(self._watch.now() - self._silent_at) * 1000)
            self._silent_at = None

    def interrupted(self) -> None:
        self._watch.record("talk.interrupted")

    def false_interruption(self) -> None:
        self._watch.record("talk.false_interruption")

    def talk_ended(self) -> None:
        if self._talk_at is None:
            return
        began, self._talk_at = self._talk_at, None
        self._watch.record("talk.ended", ms=(self._watch.now() - began) * 1000, turns=self._talk_turns)
        if self._talk_turns:
            self._watch.finish("talk_hands_free", success=True)
        else:
            self._watch.tasks.forget("talk_hands_free")
