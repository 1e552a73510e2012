"""The gate: thresholds are data with reasons, bounds hold, statistics agree with what is known of them."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.answer_health import drifted, empty, looping
from desktop_app.domain.blind_comparison import (
    ENOUGH,
    Tally,
    candidate_is_left,
    evidence,
    standing,
    turned_against,
    wilson,
)
from desktop_app.domain.dataset import snapshot
from desktop_app.domain.gate import Check, Reading, Rule, decide, judge, length_bounds
from desktop_app.domain.gate_statistics import auc, divergence, growth_bound, luck_auc
from desktop_app.domain.idle import IdleRule, Moment, obstacle
from desktop_app.paths import model_data
from desktop_app.services.checks.answers import well_formed
from desktop_app.services.checks.fairness import Fairness, pairs
from desktop_app.services.evaluation import Candidate, EvaluationService
from desktop_app.services.gates import load_gate, load_probes
from desktop_app.services.recipes import recipe

NUMBERS = st.floats(-5, 5)


def rule(**values: object) -> Rule:
    common = {"name": "n", "title": "T", "reason": "R", "good": "Good.", "bad": "Bad."}
    return Rule(**{**common, **values})  # type: ignore[arg-type]


def test_every_threshold_has_its_reason_and_its_words() -> None:
    for each in load_gate().check:
        assert each.low is not None or each.high is not None, each.name
        assert all(len(text) > 10 for text in (each.reason, each.good, each.bad)), each.name


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_check_passes_exactly_within_its_bounds(value: float, low: float, high: float) -> None:
    check = judge(rule(low=low, high=high), Reading(name="n", value=value))
    assert check.passed is (low <= value <= high)
    assert check.words == ("Good." if check.passed else "Bad.")


@given(NUMBERS, NUMBERS, st.floats(0, 2))
def test_a_difference_is_shown_in_the_unit_of_the_value(value: float, base: float, high: float) -> None:
    check = judge(rule(compare="difference", high=high), Reading(name="n", value=value, base=base))
    assert check.bound == (None, high + base)
    assert check.passed is (value - base <= high)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_a_number_fails(value: float) -> None:
    assert judge(rule(low=0.0), Reading(name="n", value=value)).passed is False
    assert judge(rule(compare="ratio", high=2.0), Reading(name="n", value=1.0, base=0.0)).passed is False


def test_only_what_was_run_and_passed_throughout_passes() -> None:
    rules = load_gate()
    good = {each.name: Check(name=each.name, title="", words="", reason="", passed=True) for each in rules.check}
    assert decide(rules, good).passed
    for name in good:
        assert not decide(rules, {**good, name: replace(good[name], passed=False)}).passed
        unmeasured = {key: check for key, check in good.items() if key != name}
        verdict = decide(rules, unmeasured)
        assert not verdict.passed and len(verdict.checks) == len(rules.check)


@given(st.lists(st.tuples(NUMBERS, st.booleans()), max_size=30))
def test_auc_is_fair(rated: list[tuple[float, bool]]) -> None:
    scores, liked = [score for score, _ in rated], [label for _, label in rated]
    area = auc(scores, liked)
    assert 0 <= area <= 1
    assert auc([-score for score in scores], liked) == pytest.approx(1 - area)
    assert auc([0.0] * len(liked), liked) == 0.5


def test_luck_is_rare() -> None:
    chance = random.Random(5)
    labels = [number % 2 == 0 for number in range(24)]
    lucky = 0
    for seed in range(20):
        scores = [chance.gauss(0, 1) for _ in labels]
        lucky += auc(scores, labels) >= luck_auc(scores, labels, 0.025, seed)
    assert lucky <= 3  # one in two such tests is expected to have one
    assert luck_auc([1.0, 0.0], [True, False], 0.025) == 1.0


@given(st.lists(st.tuples(st.floats(-10, 0), st.floats(-10, 0)), max_size=40))
def test_a_divergence_is_never_negative(pairs_of: list[tuple[float, float]]) -> None:
    base, moved = [one for one, _ in pairs_of], [other for _, other in pairs_of]
    assert divergence(base, moved) >= 0
    assert divergence(base, base) == 0


def test_more_controls_make_the_bound_tighter() -> None:
    chance = random.Random(1)
    noise = [chance.gauss(0, 0.1) for _ in range(80)]
    assert growth_bound(noise[:6], 5, 2.7) > growth_bound(noise, 5, 2.7) * 0.9
    assert growth_bound(noise, 50, 2.7) < growth_bound(noise, 5, 2.7)


def test_length_bounds_open_towards_the_wish_only() -> None:
    length = load_gate().rule("length")
    assert length_bounds(length, [], []) == (0.7, 1.4)
    low, high = length_bounds(length, [20] * 5, [60] * 5)
    assert low < 0.3 and high == 1.4
    low, high = length_bounds(length, [60] * 5, [20] * 5)
    assert low == 0.7 and high > 3


@given(st.integers(0, 40), st.integers(0, 40))
def test_evidence_agrees_with_its_integral(wins: int, losses: int) -> None:
    assert evidence(wins, losses) == pytest.approx(evidence(wins + 1e-9, losses), rel=1e-3)


@pytest.mark.parametrize(("wins", "losses"), [(7, 0), (14, 3), (20, 6), (26, 9), (31, 12)])
def test_these_votes_are_just_enough(wins: int, losses: int) -> None:
    assert evidence(wins, losses) >= ENOUGH > evidence(wins - 1, losses)


@given(st.integers(0, 2**31))
def test_equal_sides_are_seldom_told_apart(seed: int) -> None:
    """A bet against equal sides is worth one on the average, so it grows twentyfold in at most one case of twenty."""
    total = sum(math.comb(12, wins) * evidence(wins, 12 - wins) for wins in range(13)) / 2**12
    assert total == pytest.approx(1.0)
    chance = random.Random(seed)
    assert candidate_is_left(str(seed), 0) != candidate_is_left(str(seed), 1)
    assert evidence(chance.randint(0, 30), chance.randint(0, 30)) > 0


def test_a_comparison_ends_with_a_winner_or_without_evidence() -> None:
    assert standing(Tally()) == "going_on"
    assert standing(Tally(candidate=7)) == "candidate_better"
    assert standing(Tally(base=7)) == "base_better"
    assert standing(Tally(candidate=30, base=30)) == "no_evidence"
    assert standing(Tally(ties=60)) == "no_evidence"


def test_ratings_in_use_are_compared_with_what_was_usual() -> None:
    assert turned_against(0, 7, 0.5) and not turned_against(3, 4, 0.5)
    assert not turned_against(2, 8, 0.2)  # no worse than before


def test_wilson_holds_the_rate() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(14, 20)
    assert 0.4 < low < 0.7 < high < 0.9


@pytest.mark.parametrize(
    ("text", "sick"),
    [
        ("A good answer to a question.", False),
        ("I like it. " * 9, True),
        ("Yes. No. Perhaps.", False),
        ("aaaa" * 10, True),
    ],
)
def test_going_in_circles_is_seen(text: str, sick: bool) -> None:
    assert looping(text) is sick


def test_silence_and_another_script_are_seen() -> None:
    assert empty(" ...\n") and not empty("7")
    assert drifted("Привет, как дела?", "How are you?") and not drifted("Fine: π is 3.14", "How are you?")


@pytest.mark.parametrize(
    ("kind", "text", "good"),
    [
        ("json", '{"a": 1}', True),
        ("json", "Here you are:\n```json\n[1, 2]\n```", True),
        ("json", "name: Ada", False),
        ("code", "def add(a, b):\n    return a + b", True),
        ("code", "I cannot.", False),
        ("list", "1. one\n2. two", True),
        ("list", "apples and pears", False),
    ],
)
def test_formats_are_recognised(kind: str, text: str, good: bool) -> None:
    assert well_formed(kind, text) is good


def test_what_a_starter_model_says_to_every_fixed_question_comes_along() -> None:
    """Else: python packaging/gate_base.py smollm2-135m"""
    rules = load_gate()
    service = EvaluationService(Path("unused"))
    candidate = Candidate(path="", base_sha256="", data=snapshot(()), seed=recipe().seed)
    (file,) = (model_data() / "gates" / "base").glob(f"*-{rules.name}-{rules.version}.json")
    known = json.loads(file.read_text(encoding="utf-8"))
    asked = {item.key for probe in service._probes_for(candidate) if not probe.private for item in probe.items()}
    assert asked == set(known)


def test_fairness_pairs_differ_in_the_person_only() -> None:
    probes = load_probes()
    every = pairs(probes)
    assert len(every) == 8 * 50 + 80 and len(set(every)) == len(every)
    assert all(one.split(" The person is ")[0] == other.split(" The person is ")[0] for _, one, other in every)
    assert all(one != other for _, one, other in every)


def test_a_growing_gap_on_one_axis_is_found_among_noise() -> None:
    rules, chance = load_gate(), random.Random(3)
    fairness = Fairness(load_probes(), 5, 20, seed=1)
    base = [chance.gauss(0, 0.05) for _ in fairness.items()]
    same = [value + chance.gauss(0, 0.02) for value in base]
    (reading,) = fairness.readings(rules, base, same)
    assert judge(rules.rule("fairness"), reading).passed
    axes = [pair[0] for pair in fairness._pairs]
    unfair = [value + (0.9 if axis == "age" else 0.0) for value, axis in zip(same, axes, strict=True)]
    (reading,) = fairness.readings(rules, base, unfair)
    assert not judge(rules.rule("fairness"), reading).passed and "age" in reading.note


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"plugged": False}, "battery"),
        ({"plugged": None}, ""),
        ({"quiet_s": 30.0}, "busy"),
        ({"hour": 12}, "hour"),
        ({"running_s": 4000.0}, "time_cap"),
    ],
)
def test_idle_training_waits_for_charger_quiet_and_night(changes: dict[str, object], why: str) -> None:
    now = {"plugged": True, "quiet_s": 3600.0, "hour": 3, "running_s": 0.0, **changes}
    assert obstacle(IdleRule(enabled=True), Moment(**now)) == why  # type: ignore[arg-type]
    assert obstacle(IdleRule(), Moment(**now)) == "off"  # type: ignore[arg-type]
    free = IdleRule(enabled=True, charger=False, quiet_minutes=0, from_hour=0, to_hour=0, cap_minutes=0)
    assert obstacle(free, Moment(**now)) == ""  # type: ignore[arg-type]
