"""How an English voice says numbers, units, dates and abbreviations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.spoken_words import UNITS, spelled_out


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("It weighs 3 kg, e.g. a cat.", "It weighs 3 kilograms, for example a cat."),
        ("On 2026-11-24 it was -5 °C.", "On November 24, 2026 it was minus 5 degrees Celsius."),
        ("It takes 5-10 minutes, from 1939 – 1945.", "It takes 5 to 10 minutes, from 1939 to 1945."),
        ("3.5-4 m at 1 km/h", "3.5 to 4 metres at 1 kilometre per hour"),
        ("A 5 A fuse, 20% of 8 GB.", "A 5 amperes fuse, 20 percent of 8 gigabytes."),
        ("See no. 5 and p. 7, fig. 2.", "See number 5 and page 7, figure 2."),
        ("Apples, pears, etc.", "Apples, pears, et cetera."),
        ("Apples etc. are fruit.", "Apples et cetera are fruit."),
        ("Dr. Smith vs. Mr. Jones.", "Doctor Smith versus Mister Jones."),
        (
            "2½ cups, or ½ cup, ±0.5 ml",
            "2 and one half cups, or one half cup plus or minus 0.5 millilitres".replace(" cup plus", " cup, plus"),
        ),
        ("R & D is 3x faster w/o sugar.", "R and D is 3 times faster without sugar."),
        ("x = -3", "x = minus 3"),
    ],
)
def test_it_says_what_is_meant(written: str, said: str) -> None:
    assert spelled_out(written) == said


@pytest.mark.parametrize(
    "text",
    [
        "Call 555-1234 or 030-1234567.",
        "A 10-year-old on the A-4, route 3m, in a 5A jacket.",
        "COVID-19, a 4x4, 192.168.0.1, 10-3 = 7.",
        "It starts at 9:30 a.m. on the 1st.",
        "I'm here; version 1.2.3-4.",
        "",
    ],
)
def test_what_may_mean_something_else_stays(text: str) -> None:
    assert spelled_out(text) == text


@given(st.integers(0, 10**6), st.sampled_from(sorted(UNITS)))
def test_a_number_stays_the_number_it_is(number: int, unit: str) -> None:
    words = spelled_out(f"about {number} {unit}.")
    assert words == f"about {number} {UNITS[unit][0 if number == 1 else 1]}."


@given(st.text(alphabet="abAB 0129.,-–%°/½&x±kgm²()", max_size=40))
def test_any_text_can_be_said(text: str) -> None:
    said = spelled_out(text)
    assert all(sign not in said for sign in "½")
