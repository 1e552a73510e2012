"""What reasons, signals and thumbs are called on screen."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.feedback import (
    REASON_KINDS,
    AnyOpinion,
    Pick,
    Rating,
    Reason,
    ReasonKind,
    SignalKind,
)


def use_of_ratings() -> str:
    return _tr(
        "What you say here stays on this machine. It proposes rules for you to accept, chooses liked answers that the "
        "model is shown as examples, and can train a personal adapter if you start that. You can change it or take it "
        "back at any time, under Ratings."
    )


def reason_title(kind: ReasonKind) -> str:
    return {
        "wrong": _tr("Wrong"),
        "too_long": _tr("Too long"),
        "too_short": _tr("Too short"),
        "tone": _tr("Tone"),
        "not_asked": _tr("Not what I asked"),
        "unsafe": _tr("Unsafe"),
        "misread_picture": _tr("Misread the picture"),
        "misheard": _tr("Misheard me"),
        "custom": _tr("Another reason"),
    }[kind]


def reason_words(reason: Reason) -> str:
    return reason.words if reason.kind == "custom" else reason_title(reason.kind)


def offered_reasons(*, picture: bool, spoken: bool) -> tuple[ReasonKind, ...]:
    """Those that can apply to an answer."""
    left_out = {"custom"} | (set() if picture else {"misread_picture"}) | (set() if spoken else {"misheard"})
    return tuple(kind for kind in REASON_KINDS if kind not in left_out)


def signal_title(kind: SignalKind) -> str:
    return {
        "copied": _tr("You copied it"),
        "stopped": _tr("You stopped it"),
        "regenerated": _tr("You had it answered again"),
        "reasked": _tr("You asked nearly the same again"),
        "edited_prompt": _tr("You changed the question"),
        "interrupted": _tr("You interrupted it by voice"),
    }[kind]


def opinion_title(opinion: AnyOpinion) -> str:
    """One line about what was said."""
    if isinstance(opinion, Pick):
        return _tr("Better of two")
    if not isinstance(opinion, Rating):
        return _tr("Noticed: {what}").format(what=signal_title(opinion.kind))
    thumb = {True: _tr("Good"), False: _tr("Not good"), None: ""}[opinion.liked]
    parts = [thumb, *map(reason_words, opinion.reasons), _tr("you rewrote it") if opinion.better else ""]
    return ", ".join(part for part in parts if part) or _tr("Comment")


def _tr(text: str) -> str:
    return QCoreApplication.translate("FeedbackWords", text)
