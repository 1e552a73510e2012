from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.conversations import Conversation
from desktop_app.ui.palette.entries import Entry, fitting
from desktop_app.ui.palette.fuzzy import fit
from desktop_app.ui.sidebar.grouping import SPANS, grouped, span_of

NOW = datetime(2026, 3, 18, 0, 30, tzinfo=UTC).timestamp()  # half an hour into a Wednesday


def conversation(hours_ago: float) -> Conversation:
    moment = NOW - hours_ago * 3600
    return Conversation(id=str(hours_ago), title="", created_at=moment, updated_at=moment)


@pytest.mark.parametrize(
    ("hours_ago", "span"),
    [
        (0, "today"),
        (0.4, "today"),
        (1, "yesterday"),
        (24, "yesterday"),
        (25, "week"),
        (24 * 6, "week"),
        (24 * 7, "older"),
    ],
)
def test_days_are_calendar_days(hours_ago: float, span: str) -> None:
    assert span_of(NOW - hours_ago * 3600, NOW, UTC) == span


def test_days_are_those_of_the_place() -> None:
    lisbon_evening = timezone(timedelta(hours=-1))
    assert span_of(NOW - 3600, NOW, lisbon_evening) == "today"


def test_a_clock_that_went_back_makes_nothing_vanish() -> None:
    assert span_of(NOW + 10 * 86_400, NOW, UTC) == "today"


@given(st.lists(st.floats(min_value=-100, max_value=10_000)))
def test_nothing_is_lost_and_the_order_is_kept(hours: list[float]) -> None:
    given_ = [conversation(one) for one in hours]
    piles = grouped(given_, NOW, UTC)
    assert sorted(id(one) for _, pile in piles for one in pile) == sorted(id(one) for one in given_)
    assert [span for span, _ in piles] == [span for span in SPANS if span in dict(piles)]
    for _, pile in piles:
        places = [next(i for i, one in enumerate(given_) if one is kept) for kept in pile]
        assert places == sorted(places)


@pytest.mark.parametrize(
    ("typed", "title", "fits"),
    [
        ("", "Settings", True),
        ("set", "Settings", True),
        ("nc", "New conversation", True),
        ("SIDE", "the sidebar", True),
        ("zz", "Settings", False),
        ("sgnittes", "Settings", False),
        ("  set  ", "Settings", True),
    ],
)
def test_letters_in_order_fit(typed: str, title: str, fits: bool) -> None:
    assert (fit(typed, title) is not None) == fits


def test_the_best_fit_comes_first() -> None:
    titles = ["Show or hide the sidebar", "Dark colours", "Speak", "Search all conversations", "Settings"]
    entries = [Entry(title=title, run=lambda: None) for title in titles]
    assert fitting(entries, "se")[0].title == "Settings"
    assert fitting(entries, "dark")[0].title == "Dark colours"
    assert fitting(entries, "sac")[0].title == "Search all conversations"
    assert [entry.title for entry in fitting(entries, "")] == titles


@given(st.text(max_size=40), st.text(max_size=80))
def test_any_typing_is_survived(typed: str, title: str) -> None:
    fit(typed, title)
