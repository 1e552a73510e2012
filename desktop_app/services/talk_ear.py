"""What a hands-free conversation hears: blocks of the microphone without our own voice, and whether a person speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desktop_app.domain.audio import SILENCE_DB, EarBlock, decibels
from desktop_app.domain.echo_gate import LINEAR, EchoGate
from desktop_app.errors import AppError
from desktop_app.ports import LiveEar

SPEECH = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """`clear` holds all of the person's voice and more of ours than `pcm`; `speech` is the person's."""

    pcm: bytes
    clear: bytes
    speech: bool


class TalkEar:
    """A dead ear is told once to `on_error`, and starts again with the next block."""

    def __init__(self, ear: LiveEar, on_error: Callable[[AppError], None]) -> None:
        self._ear, self._on_error = ear, on_error
        self._dead = False
        self._forget()

    def hear(self, block: bytes, played: bytes) -> Heard:
        """One block, and what was played in the same moment."""
        try:
            heard = self._ear.hear(block, played)
            self._dead = False
        except AppError as error:
            if not self._dead:
                self._on_error(error)
            self._dead = True
            self._forget()
            return Heard(pcm=block, clear=block, speech=False)
        clear = heard.pcm if heard.clear_pcm is None else heard.clear_pcm
        played_db = decibels(played) if any(played) else SILENCE_DB
        return Heard(pcm=heard.pcm, clear=clear, speech=self._is_speech(heard, clear, played_db))

    def heard_itself(self) -> None:
        """What was taken for the person's were our own words."""
        self._gate.heard_itself()
        self._clear_gate.heard_itself()

    def reset(self) -> None:
        """Other devices: what was known of the echo is void. Raises AppError."""
        self._forget()
        self._ear.reset()

    def _forget(self) -> None:
        self._gate, self._clear_gate = EchoGate(), EchoGate(LINEAR)

    def _is_speech(self, heard: EarBlock, clear: bytes, played_db: float) -> bool:
        """In what is left after one stage of the canceller or the other."""
        trusted = self._gate.trusts(decibels(heard.pcm), played_db)
        clearly = self._clear_gate.trusts(decibels(clear), heard.echo_db, playing=self._gate.audible_echo)
        return (trusted and heard.speech >= SPEECH) or (clearly and heard.clear_speech >= SPEECH)
