"""Which blocks can be the person's voice while our own comes out of the loudspeaker."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.audio import SILENCE_DB
from desktop_app.domain.echo_gate import (
    FINISHED,
    HOLD_MS,
    LINEAR,
    MARGIN_DB,
    EchoGate,
)

VOICE_DB = -28.0
PLAYED_DB = -20.0
REST_DB = -48.0
levels = st.floats(min_value=SILENCE_DB, max_value=0.0)


def hear(gate: EchoGate, cleaned_db: float, played_db: float, *, ms: int = 40) -> list[bool]:
    return [gate.trusts(cleaned_db, played_db) for _ in range(ms // 40)]


def settled() -> EchoGate:
    gate = EchoGate()
    assert not any(hear(gate, REST_DB, PLAYED_DB, ms=10_000))
    return gate


def test_while_nothing_plays_everything_is_trusted() -> None:
    gate = EchoGate()
    assert all(hear(gate, VOICE_DB, SILENCE_DB) + hear(gate, SILENCE_DB, SILENCE_DB) + hear(gate, -70.0, -65.0))
    assert not gate.audible_echo
    assert gate.coupling_db == FINISHED.first_coupling_db


def test_the_rest_of_the_echo_is_not_trusted_and_a_voice_is_from_its_first_block() -> None:
    gate = EchoGate()
    assert not any(hear(gate, REST_DB, PLAYED_DB, ms=1_000))
    assert all(hear(gate, VOICE_DB, PLAYED_DB, ms=1_000))
    assert gate.audible_echo


def test_quiet_parts_of_a_word_stay_trusted_and_no_longer() -> None:
    gate = settled()
    hear(gate, VOICE_DB, PLAYED_DB)
    after = hear(gate, REST_DB - 20, PLAYED_DB, ms=1_000)
    assert after == [ms < HOLD_MS for ms in range(0, 1_000, 40)]


def test_the_echo_reaches_into_the_silence_after_what_was_played() -> None:
    gate = settled()
    assert hear(gate, REST_DB, SILENCE_DB, ms=FINISHED.reach_ms - 40) == [False] * (FINISHED.reach_ms // 40 - 1)
    assert hear(gate, REST_DB, SILENCE_DB) == [True]


def test_the_better_the_canceller_the_quieter_a_voice_may_be() -> None:
    quiet_db = -38.0
    assert not any(hear(EchoGate(), quiet_db, PLAYED_DB, ms=200))
    assert all(hear(settled(), quiet_db, PLAYED_DB, ms=200))


def test_louder_playing_may_leave_more() -> None:
    gate = settled()
    assert not any(hear(gate, REST_DB + 15, PLAYED_DB + 15, ms=1_000))


def test_an_echo_just_above_the_estimate_is_learned_fast() -> None:
    gate = settled()
    before = gate.coupling_db
    assert not any(hear(gate, gate.residual_db + MARGIN_DB - 1, PLAYED_DB, ms=400))
    assert gate.coupling_db > before + 3


def test_an_echo_that_has_become_much_louder_is_not_a_person_for_ever() -> None:
    gate = settled()
    assert hear(gate, VOICE_DB, PLAYED_DB, ms=20_000)[-1] is False


def test_a_long_interruption_stays_trusted() -> None:
    assert all(hear(settled(), VOICE_DB, PLAYED_DB, ms=4_000))


def test_told_that_it_heard_itself_it_becomes_more_careful() -> None:
    gate = settled()
    rest_db = gate.residual_db + MARGIN_DB + 2
    assert all(hear(gate, rest_db, PLAYED_DB))
    hear(gate, SILENCE_DB, SILENCE_DB, ms=FINISHED.reach_ms)
    gate.heard_itself()
    assert not any(hear(gate, rest_db, PLAYED_DB, ms=400))


def test_the_length_of_a_block_changes_only_how_often_it_is_asked() -> None:
    long, short = EchoGate(), EchoGate(block_ms=10)
    for cleaned_db in [REST_DB] * 50 + [VOICE_DB] * 10 + [REST_DB] * 50:
        long.trusts(cleaned_db, PLAYED_DB)
        for _ in range(4):
            short.trusts(cleaned_db, PLAYED_DB)
    assert abs(long.coupling_db - short.coupling_db) < 0.5


@given(st.lists(st.tuples(levels, levels), max_size=80), levels, levels)
def test_louder_is_never_trusted_less(before: list[tuple[float, float]], one_db: float, other_db: float) -> None:
    answers = []
    for cleaned_db in sorted((one_db, other_db)):
        gate = EchoGate()
        for block in before:
            gate.trusts(*block)
        assert FINISHED.lowest_coupling_db <= gate.coupling_db <= FINISHED.highest_coupling_db
        answers.append(gate.trusts(cleaned_db, PLAYED_DB))
    assert all(quieter <= louder for quieter, louder in pairwise(answers))


def hear_clear(gate: EchoGate, rest_db: float, echo_db: float, *, ms: int, playing: bool = True) -> list[bool]:
    return [gate.trusts(rest_db, echo_db, playing=playing) for _ in range(ms // 40)]


def test_the_linear_stage_is_not_trusted_before_it_knows_the_room() -> None:
    gate = EchoGate(LINEAR)
    assert not any(hear_clear(gate, VOICE_DB, SILENCE_DB, ms=LINEAR.settle_ms))
    assert not any(hear_clear(gate, REST_DB, VOICE_DB, ms=1_000))
    assert all(hear_clear(gate, VOICE_DB, VOICE_DB, ms=400))


def test_it_settles_only_while_we_speak_and_silence_is_always_trusted() -> None:
    gate = EchoGate(LINEAR)
    assert all(hear_clear(gate, VOICE_DB, SILENCE_DB, ms=5_000, playing=False))
    assert not any(hear_clear(gate, VOICE_DB, REST_DB, ms=LINEAR.settle_ms))


def test_on_headphones_the_linear_stage_is_trusted_once_it_has_settled() -> None:
    gate = EchoGate(LINEAR)
    hear_clear(gate, SILENCE_DB, SILENCE_DB, ms=LINEAR.settle_ms)
    assert all(hear_clear(gate, VOICE_DB - 20, SILENCE_DB, ms=400))
