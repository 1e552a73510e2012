"""Sorts conversations under the days a person thinks in. Pure rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo
from typing import Literal

from desktop_app.domain.conversations import Conversation

Span = Literal["today", "yesterday", "week", "older"]
SPANS: tuple[Span, ...] = ("today", "yesterday", "week", "older")


def span_of(updated_at: float, now: float, zone: tzinfo | None = None) -> Span:
    """The span a moment belongs to, by calendar days where the person is. The future counts as today."""
    days = (_day(now, zone) - _day(updated_at, zone)).days
    if days <= 0:
        return "today"
    if days == 1:
        return "yesterday"
    return "week" if days < 7 else "older"


def grouped(
    conversations: Iterable[Conversation], now: float, zone: tzinfo | None = None
) -> tuple[tuple[Span, tuple[Conversation, ...]], ...]:
    """Only the spans that hold something, newest first; the order inside is kept."""
    piles: dict[Span, list[Conversation]] = {span: [] for span in SPANS}
    for conversation in conversations:
        piles[span_of(conversation.updated_at, now, zone)].append(conversation)
    return tuple((span, tuple(pile)) for span, pile in piles.items() if pile)


def _day(moment: float, zone: tzinfo | None) -> date:
    return datetime.fromtimestamp(moment, UTC).astimezone(zone).date()
