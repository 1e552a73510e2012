"""Who has the floor: rules that hold whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.domain.turn_taking import step
from desktop_app.domain.turn_taking_state import Talk
from desktop_app.domain.turn_taking_values import (
    Action,
    AnswerBegan,
    AnswerEnded,
    AnswerFailed,
    AskFinal,
    BeginTurn,
    BlockHeard,
    DropFinal,
    DropTurn,
    FinalHeard,
    Hush,
    Input,
    Left,
    Muted,
    PartialHeard,
    PauseSpeaker,
    ResumeSpeaker,
    SendTurn,
    SentenceBegan,
    SentencePlayed,
    Silenced,
    StopAnswer,
    TimePassed,
    Timing,
    Unhush,
    Unmuted,
)
from tests.unit.turn_taking_kit import BLOCK_S, TIMING, Room


@dataclass
class Stretch:
    """Speech without a gap, long enough to count where it happened. `begun` and `ended` in seconds."""

    begun: float
    ended: float


class Watched(Room):
    """A room with engines that answer when told, and a record of what must have been understood."""

    def __init__(self, timing: Timing = TIMING) -> None:
        super().__init__(timing)
        self.running: list[int] = []
        self.plays = False
        self.thinks = False
        self.paused = self.hushed = False
        self.hushed_since = 0.0
        self.open_turn = False
        self.spoken_since: float | None = None
        self.stretches: list[Stretch] = []
        self.silence(BLOCK_S)

    def happens(self, make: Callable[..., Input], **what: object) -> tuple[Action, ...]:
        actions = super().happens(make, **what)
        for action in actions:
            self._obey(action)
        assert self.audible or self.hushed or self.phase != "answering"
        assert self.hushed == (self.talk.hushed_s is not None)
        assert not self.hushed or self.now - self.hushed_since < TIMING.hush_most_s + 0.4, "hushed for ever"
        assert (self.plays and self.paused) or self.phase != "interrupted"
        assert self.thinks or self.phase != "thinking"
        return actions

    def _obey(self, action: Action) -> None:
        match action:
            case AskFinal(number=number, from_s=from_s, to_s=to_s):
                assert from_s < to_s
                self.running.append(number)
            case DropFinal(number=number):
                self.running = [running for running in self.running if running != number]
            case BeginTurn():
                assert not self.open_turn
                assert not self.talk.muted
                self.open_turn = True
            case SendTurn(text=text):
                assert self.open_turn
                assert text.strip()
                assert not self.thinks
                assert not self.plays
                self.open_turn, self.thinks = False, True
            case DropTurn():
                assert self.open_turn
                self.open_turn = False
            case Hush():
                assert self.audible
                self.paused = self.hushed = True
                self.hushed_since = self.now
            case Unhush():
                assert self.paused
                self.paused = self.hushed = False
            case PauseSpeaker():
                assert self.plays
                assert self.hushed or not self.paused
                self.paused, self.hushed = True, False
            case ResumeSpeaker():
                assert self.paused
                assert not self.hushed
                self.paused = False
            case StopAnswer():
                assert self.thinks or self.plays
                self.thinks = self.plays = self.paused = self.hushed = False

    @property
    def audible(self) -> bool:
        return self.plays and not self.paused

    def block(self, *, speech: bool, length: float) -> None:
        self.now += length
        listened = speech and not self.talk.muted
        over = self.audible or self.hushed
        needed = TIMING.pause_s[-1] if over else TIMING.start_s
        self.happens(BlockHeard, speech=speech)
        if not listened:
            self.spoken_since = None
            return
        if self.spoken_since is None:
            self.spoken_since = self.now - length
        spoken = self.now - self.spoken_since
        if spoken >= TIMING.hush_s[self.talk.wary] + 0.001:
            assert not self.audible, "speaks over the person"
        if spoken >= needed + 0.001 and not (self.audible or self.hushed):
            self.stretches = [s for s in self.stretches if s.begun != self.spoken_since]
            self.stretches.append(Stretch(self.spoken_since, self.now))

    def transcribed(self, text: str) -> None:
        if self.running:
            self.happens(FinalHeard, number=self.running.pop(0), text=text, stops=text == "Stop.")

    def answer_begins(self) -> None:
        if self.thinks:
            self.thinks, self.plays = False, True
            self.happens(AnswerBegan)
            self.spoken_since = None

    def answer_ends(self, kind: type[AnswerEnded] | type[AnswerFailed]) -> None:
        if self.thinks or self.plays:
            self.happens(kind)
            assert not self.paused, "the next answer would not be heard"
            self.thinks = self.plays = False

    def settle(self, text: str) -> float:
        """Silence, and engines that do their duty, until all is quiet; the seconds that it took."""
        begun = self.now
        while self.phase != "quiet" or self.open_turn:
            assert self.now - begun < 3 * TIMING.most_wait_s, f"stuck in {self.phase}"
            self.block(speech=False, length=BLOCK_S)
            self.transcribed(text)
            self.answer_begins()
            self.answer_ends(AnswerEnded)
        return self.now - begun

    def check_nothing_lost(self) -> None:
        """Every stretch lies in what was transcribed and not dropped; parts of a long turn join without a gap."""
        dropped = {drop.number for drop in self.all(DropFinal)}
        ranges: list[tuple[float, float]] = []
        for asked in self.all(AskFinal):
            if asked.number in dropped:
                continue
            joins = bool(ranges) and ranges[-1][1] == asked.from_s
            ranges.append((ranges.pop()[0] if joins else asked.from_s, asked.to_s))
        for stretch in self.stretches:
            assert any(a <= stretch.begun and stretch.ended <= b + 0.001 for a, b in ranges), stretch


TEXTS = ("", "Mhm.", "What is the", "Tell me a joke.", "Okay.", "Stop.", "and then")
EVENTS = st.one_of(
    st.tuples(st.just("speech"), st.integers(1, 20)),
    st.tuples(st.just("silence"), st.integers(1, 30)),
    st.tuples(st.just("flicker"), st.integers(1, 12)),
    st.tuples(st.just("final"), st.sampled_from(TEXTS)),
    st.tuples(st.just("partial"), st.sampled_from(TEXTS)),
    st.tuples(
        st.sampled_from(
            ("question", "question", "begin", "end", "fail", "mute", "unmute", "silenced", "sentence", "gap")
        )
    ),
)


def happen(room: Watched, event: tuple[object, ...]) -> None:
    match event:
        case ("speech" | "silence" as kind, int(blocks)):
            for _ in range(blocks):
                room.block(speech=kind == "speech", length=0.04)
        case ("flicker", int(blocks)):
            for i in range(blocks):
                room.block(speech=i % 2 == 0, length=0.032)
        case ("final", str(text)):
            room.transcribed(text)
        case ("partial", str(text)):
            room.happens(PartialHeard, number=room.talk.asked, text=text, stops=text == "Stop.")
        case ("question",):
            happen(room, ("speech", 10))
            happen(room, ("silence", 8))
            room.transcribed("Who is it?")
            happen(room, ("silence", 8))
            room.answer_begins()
        case ("begin",):
            room.answer_begins()
        case ("end",):
            room.answer_ends(AnswerEnded)
        case ("fail",):
            room.answer_ends(AnswerFailed)
        case ("mute",):
            room.happens(Muted)
            room.spoken_since = None
        case ("unmute",):
            room.happens(Unmuted)
        case ("silenced",):
            room.happens(Silenced)
        case ("sentence",):
            room.happens(SentenceBegan, text="Tell me a joke, or stop and think.")
        case ("gap",):
            room.now += 0.3
            room.spoken_since = None
            room.happens(TimePassed)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    events=st.lists(EVENTS, min_size=5, max_size=30),
    text=st.sampled_from(TEXTS),
    longest_s=st.sampled_from([60.0, 60.0, 2.0]),
)
def test_never_stuck_nothing_lost_nobody_talked_over(
    events: list[tuple[object, ...]], text: str, longest_s: float
) -> None:
    room = Watched(replace(TIMING, longest_s=longest_s))
    for event in events:
        happen(room, event)
    room.settle(text)
    room.check_nothing_lost()
    ends = len(room.all(SendTurn)) + len(room.all(DropTurn))
    assert len(room.all(BeginTurn)) == ends <= len(room.all(AskFinal))


@settings(max_examples=60, deadline=None)
@given(events=st.lists(EVENTS, max_size=25))
def test_leaving_is_possible_at_any_time(events: list[tuple[object, ...]]) -> None:
    room = Watched()
    for event in events:
        happen(room, event)
    room.happens(Left)
    assert room.phase == "quiet"
    assert not (room.open_turn or room.thinks or room.plays or room.running)


@settings(max_examples=60, deadline=None)
@given(events=st.lists(EVENTS, max_size=20))
def test_nothing_begins_while_muted(events: list[tuple[object, ...]]) -> None:
    room = Watched()
    room.happens(Muted)
    for event in events:
        if event != ("unmute",):
            happen(room, event)
    assert not room.all(BeginTurn)
    assert room.phase == "quiet"


INPUTS = st.one_of(
    st.builds(BlockHeard, at=st.just(0.0), speech=st.booleans()),
    st.builds(PartialHeard, at=st.just(0.0), number=st.integers(0, 6), text=st.sampled_from(TEXTS)),
    st.builds(FinalHeard, at=st.just(0.0), number=st.integers(0, 6), text=st.sampled_from(TEXTS)),
    st.sampled_from(
        [kind(at=0.0) for kind in (TimePassed, AnswerBegan, AnswerEnded, AnswerFailed, Muted, Unmuted, Silenced)]
    ),
    st.builds(SentencePlayed, at=st.just(0.0), text=st.sampled_from(TEXTS)),
)


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(st.tuples(INPUTS, st.floats(0.001, 0.4)), max_size=60))
def test_reports_that_nobody_asked_for_do_no_harm(steps: list[tuple[Input, float]]) -> None:
    talk, now = Talk(), 0.0
    for happened, passed in steps:
        now += passed
        talk, actions = step(talk, replace(happened, at=now), TIMING)
        assert all(action.text.strip() for action in actions if isinstance(action, SendTurn))
    for _ in range(4):
        now += 4
        talk, _ = step(talk, TimePassed(at=now), TIMING)
        talk, _ = step(talk, FinalHeard(at=now, number=talk.asked, text=""), TIMING)
        talk, _ = step(talk, AnswerEnded(at=now), TIMING)
    assert talk.phase == "quiet"
