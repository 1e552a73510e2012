"""Plays a short tone, listens to it, and says what the microphone heard. Nothing of it is kept."""

from __future__ import annotations

import math
import threading
from array import array
from dataclasses import dataclass

from desktop_app.domain.audio import FULL_SCALE, HEARING_RATE, SILENCE_DB, Audio, decibels
from desktop_app.errors import AppError, EnvironmentProblem
from desktop_app.ports import CancelToken
from desktop_app.services.voice import VoiceService

TONE_HZ = 1_000
TONE_S = 0.8
TONE_RATE = 22_050
TONE_HEIGHT = 0.25
ROOM_S = 0.6
AFTER_S = 0.5
"""Listened to before the tone, and after it: sound is late by what the devices keep in their buffers."""
PATIENCE_S = 4.0
WINDOW = HEARING_RATE // 10
ABOVE_ROOM_DB = 10.0
FAINTEST_DB = -75.0
MOST_NOISE_DB = 15.0
"""What the tone must be at the microphone, against the room at that pitch, to be taken for heard; and how much louder
all sound together may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundReport:
    """Loudness in dBFS: of the room, of the loudest moment, of the tone. `heard_tone`: loudspeaker to microphone."""

    room_db: float
    loudest_db: float
    tone_db: float
    heard_tone: bool


def check_sound(voice: VoiceService, cancel: CancelToken) -> SoundReport:
    """Takes about two seconds, and can be heard. Raises Cancelled, AppError: no device, or one that gives nothing."""
    heard = _recorded(voice, cancel)
    if not any(heard.pcm):
        raise EnvironmentProblem(
            "audio.microphone_silent",
            "The microphone is on, but gives no sound at all.",
            remedy="Unmute it in the system's sound settings, and allow this application to use the microphone.",
        )
    return report(heard)


def report(heard: Audio) -> SoundReport:
    """Of a recording that begins with `ROOM_S` without the tone."""
    samples = array("h", heard.pcm)
    windows = [samples[start : start + WINDOW] for start in range(0, len(samples) - WINDOW + 1, WINDOW)]
    before = max(1, round(ROOM_S * HEARING_RATE / WINDOW) - 1)
    room, rest = windows[:before], windows[before:]
    loud = [decibels(window.tobytes()) for window in windows]
    room_tone = max((_tone_db(window) for window in room), default=SILENCE_DB)
    tones = sorted((_tone_db(window) for window in rest), reverse=True)
    tone_db = tones[2] if len(tones) > 2 else SILENCE_DB  # three tenths of a second, so no click counts
    return SoundReport(
        room_db=max(loud[:before], default=SILENCE_DB),
        loudest_db=max(loud, default=SILENCE_DB),
        tone_db=tone_db,
        heard_tone=tone_db >= max(FAINTEST_DB, room_tone + ABOVE_ROOM_DB),
    )


def tone() -> Audio:
    """With soft edges."""
    count, edge = round(TONE_S * TONE_RATE), TONE_RATE // 20
    samples = array("h")
    for at in range(count):
        soft = min(1.0, at / edge, (count - at) / edge)
        samples.append(round(TONE_HEIGHT * FULL_SCALE * soft * math.sin(math.tau * TONE_HZ * at / TONE_RATE)))
    return Audio(pcm=samples.tobytes(), rate=TONE_RATE)


def _recorded(voice: VoiceService, cancel: CancelToken) -> Audio:
    so_far, lost = [0.0], list[AppError]()
    more = threading.Condition()

    def hear(_level: float, seconds: float) -> None:
        with more:
            so_far[0] = seconds
            more.notify_all()

    def lose(error: AppError) -> None:
        with more:
            lost.append(error)
            more.notify_all()

    def listen_until(seconds: float) -> None:
        with more:
            more.wait_for(lambda: so_far[0] >= seconds or bool(lost) or cancel.cancelled, PATIENCE_S)

    def wake() -> None:
        with more:
            more.notify_all()

    voice.start_recording(hear, lose)
    try:
        with cancel.calling(wake):
            listen_until(ROOM_S)
            if so_far[0] and not lost:
                voice.play(tone(), cancel)
                listen_until(so_far[0] + AFTER_S)
    finally:
        heard = voice.stop_recording()
    cancel.raise_if_cancelled()
    if lost:
        raise lost[0]
    return heard


def _tone_db(window: array[int]) -> float:
    """Loudness of the tone's pitch alone, where it is a good part of the sound.

    Goertzel's algorithm: Amer. Math. Monthly 65 (1958), 34.
    """
    turn = 2 * math.cos(math.tau * TONE_HZ / HEARING_RATE)
    last = before = 0.0
    for sample in window:
        last, before = sample + turn * last - before, last
    power = (last * last + before * before - turn * last * before) * 2 / (len(window) * FULL_SCALE) ** 2
    alone_db = max(SILENCE_DB, 10 * math.log10(power)) if power > 0 else SILENCE_DB
    return alone_db if alone_db >= decibels(window.tobytes()) - MOST_NOISE_DB else SILENCE_DB
