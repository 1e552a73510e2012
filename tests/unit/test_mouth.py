"""The mouth: blocks for the loudspeaker, silence at once, and what was heard."""

from __future__ import annotations

import pytest

from desktop_app.domain.audio import BLOCK_MS, Audio
from desktop_app.ports import CancelToken
from desktop_app.services.mouth import BLOCK_BYTES, HEARING_BLOCK_BYTES, MOUTH_RATE, Mouth, Report
from tests.fakes.audio import tone

Told = list[tuple[Report, str, int]]
SILENT = bytes(BLOCK_BYTES)


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def mouth(told: Told) -> Mouth:
    return Mouth(lambda kind, text, answer: told.append((kind, text, answer)))


def said(seconds: float) -> Audio:
    return tone(seconds, rate=MOUTH_RATE)


def blocks(mouth: Mouth, seconds: float) -> list[bytes]:
    return [mouth.next_block() for _ in range(round(seconds * 1000 / BLOCK_MS))]


def test_with_nothing_to_say_it_is_silent(mouth: Mouth, told: Told) -> None:
    assert blocks(mouth, 0.2) == [SILENT] * 5
    assert told == []


def test_sentences_are_said_without_a_gap_and_told(mouth: Mouth, told: Told) -> None:
    mouth.say("One.", said(0.1))
    mouth.say("Two.", said(0.1))
    mouth.nothing_more()
    sound = b"".join(blocks(mouth, 0.4))
    assert sound.rstrip(b"\0") == (said(0.1).pcm * 2).rstrip(b"\0")
    assert told == [
        ("begun", "One.", 0),
        ("heard", "One.", 0),
        ("begun", "Two.", 0),
        ("heard", "Two.", 0),
        ("silent", "", 0),
    ]


def test_another_rate_is_brought_to_the_loudspeakers(mouth: Mouth) -> None:
    mouth.say("One.", tone(1.0, rate=16_000))
    loud = [block for block in blocks(mouth, 2.0) if block.strip(b"\0")]
    assert abs(len(loud) - 25) <= 1


def test_a_pause_is_silent_from_the_next_block_and_goes_on_a_little_earlier(mouth: Mouth, told: Told) -> None:
    mouth.say("One long sentence.", said(2.0))
    blocks(mouth, 1.0)
    mouth.pause()
    assert blocks(mouth, 0.4) == [SILENT] * 10
    mouth.resume()
    rest = [block for block in blocks(mouth, 3.0) if block.strip(b"\0")]
    assert len(rest) == 25 + 8
    assert told[-1] == ("heard", "One long sentence.", 0)


def test_after_a_moment_of_silence_it_goes_on_where_it_was(mouth: Mouth) -> None:
    mouth.say("One long sentence.", said(2.0))
    blocks(mouth, 1.0)
    mouth.pause()
    blocks(mouth, 0.2)
    mouth.resume(back_ms=0)
    assert len([block for block in blocks(mouth, 3.0) if block.strip(b"\0")]) == 25


def test_stopping_tells_what_was_heard_and_makes_reports_stale(mouth: Mouth, told: Told) -> None:
    mouth.say("One.", said(0.4))
    mouth.say("Two three four five.", said(1.0))
    blocks(mouth, 0.9)
    assert mouth.stop() == "One. Two three"
    assert blocks(mouth, 0.2) == [SILENT] * 5
    assert mouth.answer == 1
    mouth.say("New.", said(0.1))
    blocks(mouth, 0.2)
    assert ("heard", "New.", 1) in told


def test_nothing_heard_is_nothing_kept(mouth: Mouth) -> None:
    mouth.say("One.", said(1.0))
    assert mouth.stop() == ""


def test_the_ear_is_given_what_was_played_in_its_order(mouth: Mouth) -> None:
    mouth.say("One.", said(1.0))
    played = []
    for _ in range(50):
        mouth.next_block()
        played.append(mouth.played_block())
    assert {len(block) for block in played} == {HEARING_BLOCK_BYTES}
    loud = [number for number, block in enumerate(played) if any(block)]
    assert loud[0] <= 2 and 24 <= len(loud) <= 27


def test_clocks_that_drift_do_not_pile_up_sound(mouth: Mouth) -> None:
    mouth.say("One.", said(10.0))
    blocks(mouth, 9.0)
    waiting = 0
    while any(mouth.played_block()):
        waiting += 1
    assert waiting <= 12


def test_a_cancel_ends_the_wait_for_room(mouth: Mouth) -> None:
    for _ in range(3):
        mouth.say("One.", said(1.0))
    cancel = CancelToken()
    cancel.cancel()
    mouth.wait_for_room(cancel)
