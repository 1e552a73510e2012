"""What a hands-free conversation is doing, as a person sees it: eight states, each with its own word and icon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.events import DevicesChanged
from desktop_app.domain.turn_taking_values import Phase

Doing = Literal["opening", "muted", "listening", "hearing", "thinking", "speaking", "paused", "waiting"]

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
    "waiting": "link-break",
}
ANSWERING: tuple[Doing, ...] = ("thinking", "speaking", "paused")
"""There is an answer that can be silenced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkState:
    """`muted` stands beside what is being done: an answer goes on while the microphone is off.

    `closed`: the microphone is closed by now. `missing`: why the conversation waits for a device, and the remedy.
    """

    doing: Doing = "opening"
    muted: bool = False
    closed: bool = False
    missing: str = ""


def state_of(phase: Phase, *, muted: bool, devices: DevicesChanged | None = None) -> TalkState:
    doing = _DOING[phase]
    closed = devices is not None and devices.microphone != "open"
    gone = devices is not None and "gone" in (devices.microphone, devices.speaker)
    missing = f"{devices.message} {devices.remedy}".strip() if devices is not None and gone else ""
    if gone and (doing not in ANSWERING or (devices is not None and devices.speaker == "gone")):
        doing = "waiting"
    elif muted and doing == "listening":
        doing = "muted"
    return TalkState(doing=doing, muted=muted, closed=closed, missing=missing)


def word(doing: Doing) -> str:
    return {
        "opening": _tr("Getting ready"),
        "muted": _tr("Muted"),
        "listening": _tr("Listening"),
        "hearing": _tr("Hearing you"),
        "thinking": _tr("Thinking"),
        "speaking": _tr("Speaking"),
        "paused": _tr("Paused"),
        "waiting": _tr("Waiting"),
    }[doing]


def hint(state: TalkState) -> str:
    """What the person can do now."""
    if state.missing:
        return f"{state.missing} {_tr('Then it goes on by itself.')}"
    if state.muted and state.doing not in ("muted", "waiting"):
        return _tr("Your microphone is off.")
    return {
        "opening": _tr("Opening the microphone and the models…"),
        "muted": _tr("Your microphone is closed. Press M to go on.")
        if state.closed
        else _tr("Your microphone is off. Press M to go on."),
        "listening": _tr("Say something whenever you like."),
        "hearing": _tr("Take your time, pauses are fine."),
        "thinking": _tr("Go on speaking if you had not finished."),
        "speaking": _tr("Speak to interrupt, or press Esc."),
        "paused": _tr("It has stopped to hear you."),
        "waiting": _tr("A device is missing."),
    }[state.doing]


def _tr(text: str) -> str:
    return QCoreApplication.translate("TalkState", text)
