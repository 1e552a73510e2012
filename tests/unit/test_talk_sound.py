"""Two tracks of the same moments, and what is heard in a block."""

from __future__ import annotations

from desktop_app.domain.audio import EarBlock
from desktop_app.errors import AppError, EngineCrashed
from desktop_app.services.talk_ear import TalkEar
from desktop_app.services.talk_sound import TalkSound

BLOCK = 1_280
CLEAN, CLEAR = b"\1\0" * 640, b"\2\0" * 640
LOUD = (b"\x00\x20" + b"\x00\xe0") * 320


def filled(blocks: int) -> TalkSound:
    sound = TalkSound()
    for _ in range(blocks):
        sound.add(CLEAN, CLEAR)
    return sound


def test_a_turn_is_clean_and_one_over_an_answer_clear_from_the_first_suspicion_on() -> None:
    sound = filled(10)
    assert sound.cut(0.04, 0.12).pcm == CLEAN * 2
    sound.begin(0.0, 0.2)
    assert sound.cut(0.12, 0.28).pcm == CLEAN * 2 + CLEAR * 2
    assert sound.cut(0.24, 0.32).pcm == CLEAR * 2
    sound.begin(0.0, None)
    assert sound.cut(0.24, 0.32).pcm == CLEAN * 2


def test_forgetting_keeps_the_clock() -> None:
    sound = filled(10)
    sound.begin(0.2, 0.24)
    assert sound.end_s == 0.4
    assert sound.cut(0.2, 0.28).pcm == CLEAN + CLEAR
    assert sound.cut(0.0, 0.2).pcm == b""


class Ear:
    """Says what it is told to, or dies."""

    def __init__(self, *heard: EarBlock | AppError) -> None:
        self.heard = list(heard)

    def hear(self, microphone: bytes, played: bytes) -> EarBlock:
        heard = self.heard.pop(0)
        if isinstance(heard, AppError):
            raise heard
        return heard

    def reset(self) -> None:
        return

    def close(self) -> None:
        return


def test_either_stage_of_the_canceller_is_enough() -> None:
    by_clean = EarBlock(pcm=LOUD, speech=0.9, clear_pcm=LOUD, clear_speech=0.1)
    by_clear = EarBlock(pcm=CLEAN, speech=0.1, clear_pcm=LOUD, clear_speech=0.9)
    neither = EarBlock(pcm=CLEAN, speech=0.1, clear_pcm=CLEAR, clear_speech=0.1)
    ear = TalkEar(Ear(by_clean, by_clear, neither), lambda error: None)
    assert [ear.hear(LOUD, bytes(BLOCK)).speech for _ in range(3)] == [True, True, False]


def test_over_our_own_voice_the_clear_stage_must_know_the_room_first() -> None:
    leak = EarBlock(pcm=CLEAN, speech=0.1, clear_pcm=LOUD, clear_speech=0.9)
    ear = TalkEar(Ear(*[leak] * 25), lambda error: None)
    assert not any(ear.hear(LOUD, LOUD).speech for _ in range(25))


def test_a_dead_ear_is_told_once_and_knows_the_room_no_longer() -> None:
    dead = EngineCrashed("engine.crashed", "It stopped.", remedy="Wait.")
    leak = EarBlock(pcm=CLEAN, speech=0.1, clear_pcm=LOUD, clear_speech=0.9)
    told: list[AppError] = []
    ear = TalkEar(Ear(*[leak] * 30, dead, dead, *[leak] * 20), told.append)
    heard = [ear.hear(LOUD, LOUD).speech for _ in range(52)]
    assert heard[29] and not any(heard[30:])
    assert told == [dead]
