"""What `doctor` says of sound: the devices there are, and whether the microphone hears a tone from the loudspeaker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from desktop_app.errors import AppError
from desktop_app.ports import CancelToken
from desktop_app.services.doctor import Finding
from desktop_app.services.sound_check import SoundReport, check_sound
from desktop_app.services.voice import VoiceService

MISSING = "Connect one and choose it under Settings, Voice; typing and reading work without."


def sound_findings(voice: VoiceService, *, plays: bool) -> Iterator[Finding]:
    """With `plays` a tone is heard for a second, where there are devices for it."""
    looks: tuple[tuple[str, Callable[[], tuple[tuple[str, str], ...]]], ...] = (
        ("microphone", voice.microphones),
        ("speaker", voice.speakers),
    )
    devices = [_device(name, look) for name, look in looks]
    yield from devices
    if plays and all(found.ok for found in devices):
        yield _check(voice)


def said(report: SoundReport) -> str:
    """In words, with the levels."""
    room = f"the room is at {report.room_db:.0f} dB"
    if report.heard_tone:
        return f"the microphone heard the tone at {report.tone_db:.0f} dB, {room}"
    return f"the microphone works, but did not hear the tone; {room}"


def _device(name: str, look: Callable[[], tuple[tuple[str, str], ...]]) -> Finding:
    try:
        names = ", ".join(title for _, title in look())
    except AppError as error:
        return Finding(name=name, ok=False, value=error.message, remedy=error.remedy)
    return Finding(name=name, ok=bool(names), value=names or "none found", remedy="" if names else MISSING)


def _check(voice: VoiceService) -> Finding:
    """A tone that is not heard is no fault: that is what headphones are for."""
    try:
        return Finding(name="sound check", ok=True, value=said(check_sound(voice, CancelToken())))
    except AppError as error:
        return Finding(name="sound check", ok=False, value=error.message, remedy=error.remedy)
