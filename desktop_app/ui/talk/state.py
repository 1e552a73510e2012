"""What a hands-free conversation is doing, as a person sees it: seven states, each with its own word and icon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.turn_taking_values import Phase

Doing = Literal["opening", "muted", "listening", "hearing", "thinking", "speaking", "paused"]

_DOING: dict[Phase, Doing] = {
    "quiet": "listening",
    "starting": "listening",
    "speaking": "hearing",
    "stopping": "hearing",
    "transcribing": "hearing",
    "thinking": "thinking",
    "answering": "speaking",
    "interrupted": "paused",
}
ICONS: dict[Doing, str] = {
    "opening": "hourglass",
    "muted": "microphone-slash",
    "listening": "ear",
    "hearing": "microphone",
    "thinking": "dots-three-bold",
    "speaking": "speaker-high",
    "paused": "pause",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkState:
    """`muted` stands beside what is being done: an answer goes on while the microphone is off."""

    doing: Doing = "opening"
    muted: bool = False


def state_of(phase: Phase, *, muted: bool) -> TalkState:
    doing = _DOING[phase]
    return TalkState(doing="muted" if muted and doing == "listening" else doing, muted=muted)


def word(doing: Doing) -> str:
    return {
        "opening": _tr("Getting ready"),
        "muted": _tr("Muted"),
        "listening": _tr("Listening"),
        "hearing": _tr("Hearing you"),
        "thinking": _tr("Thinking"),
        "speaking": _tr("Speaking"),
        "paused": _tr("Paused"),
    }[doing]


def hint(state: TalkState) -> str:
    """What the person can do now."""
    if state.muted and state.doing != "muted":
        return _tr("Your microphone is off.")
    return {
        "opening": _tr("Opening the microphone and the models…"),
        "muted": _tr("Your microphone is off. Press M to go on."),
        "listening": _tr("Say something whenever you like."),
        "hearing": _tr("Take your time, pauses are fine."),
        "thinking": _tr("Go on speaking if you had not finished."),
        "speaking": _tr("Speak to interrupt."),
        "paused": _tr("It has stopped to hear you."),
    }[state.doing]


def _tr(text: str) -> str:
    return QCoreApplication.translate("TalkState", text)
