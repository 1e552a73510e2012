"""`converse`: a hands-free conversation with a sound file as the microphone and another as the loudspeaker."""

from __future__ import annotations

import argparse
import dataclasses
import json
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.domain.audio import HEARING_RATE, Audio
from desktop_app.domain.events import (
    Event,
    FalseInterruption,
    FirstAudio,
    FirstToken,
    Interrupted,
    PartialTranscript,
    SentencePlayed,
    SpeechEnded,
    SpeechStarted,
    SpeechTranscribed,
    TextAdded,
    TurnFailed,
    TurnFinished,
    TurnStarted,
)
from desktop_app.domain.resampling import resampled
from desktop_app.errors import AppError, UserCanFix
from desktop_app.services.wav import read_wav, write_wav

if TYPE_CHECKING:
    from desktop_app.services.services import Services

SHOWN = (
    SpeechStarted,
    SpeechEnded,
    PartialTranscript,
    SpeechTranscribed,
    TurnStarted,
    FirstToken,
    FirstAudio,
    SentencePlayed,
    Interrupted,
    FalseInterruption,
    TurnFinished,
    TurnFailed,
)


def converse(services: Services, arguments: argparse.Namespace) -> int:
    """Runs until the file is over and everything is answered. Raises AppError."""
    from desktop_app.engines.wav_room import WavRoom

    echo_db, delay_ms = _echo(arguments.echo)
    room = WavRoom(
        _heard(Path(arguments.microphone)),
        echo_db=echo_db,
        echo_delay_ms=delay_ms,
        waits=(lambda: talk.session is not None and talk.session.working) if arguments.fast else None,
        quiet=lambda: talk.session is None or talk.session.quiet,
    )
    talk = services.talk.elsewhere(room.microphone(), room.speaker())
    ended: list[AppError] = []
    tell = _Teller(as_json=arguments.json)

    def end(error: AppError | None) -> None:
        ended.extend([error] if error else [])
        room.closed.set()

    try:
        talk.start(tell, end, conversation_id=arguments.conversation, introduce=arguments.introduce)
        room.closed.wait()
    finally:
        talk.leave()
    if arguments.speaker:
        write_wav(Path(arguments.speaker), room.said)
    if ended:
        raise ended[0]
    return 0


class _Teller:
    """Prints events as they come, from any thread; `t` counts from its making."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._lock = threading.Lock()
        self._started = time.monotonic()

    def __call__(self, event: Event) -> None:
        with self._lock:
            if self._as_json:
                self._print_json(event)
            elif isinstance(event, SpeechTranscribed):
                print(f"You: {event.text}\nStonechat: ", end="", flush=True)
            elif isinstance(event, TextAdded):
                print(event.text, end="", flush=True)
            elif isinstance(event, Interrupted):
                print(f"\n(interrupted; heard: {event.spoken})", flush=True)
            elif isinstance(event, TurnFailed):
                print(f"\n{event.message} {event.remedy}", flush=True)
            elif isinstance(event, TurnFinished):
                print(flush=True)

    def _print_json(self, event: Event) -> None:
        if isinstance(event, SHOWN):
            shown = {"event": type(event).__name__, "t": round(time.monotonic() - self._started, 3)}
            print(json.dumps(shown | dataclasses.asdict(event)), flush=True)


def _heard(path: Path) -> Audio:
    return resampled(read_wav(path), HEARING_RATE)


def _echo(given: str | None) -> tuple[float | None, int]:
    """Raises UserCanFix("cli.usage")."""
    if not given:
        return None, 0
    try:
        gain, delay = given.split(",")
        return float(gain), max(0, int(delay))
    except ValueError:
        error = UserCanFix("cli.usage", "The echo is not understood.", remedy="Write for example: --echo -10,80")
        error.exit_code = 2
        raise error from None
