"""Signs of struggle, questionnaires, intervals and charts: the pure rules."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.behaviour import RageClicks, Tasks, Wandering, changed_words
from desktop_app.domain.insights import RatedAnswer, how_sure
from desktop_app.domain.intervals import mean, percentile, share
from desktop_app.domain.satisfaction import satisfaction
from desktop_app.domain.survey_charts import surveys
from desktop_app.domain.surveys import Asked, Instrument, Moment, due, score
from desktop_app.domain.usage_charts import Tally, struggling, waiting


@pytest.mark.parametrize(
    ("presses", "told"),
    [
        ([("a", 0.0), ("a", 0.4), ("a", 0.9)], [False, False, True]),
        ([("a", 0.0), ("a", 0.4), ("a", 1.2)], [False, False, False]),
        ([("a", 0.0), ("b", 0.1), ("a", 0.2), ("a", 0.3)], [False] * 4),
        ([("a", 0.0), ("a", 0.2), ("a", 0.4), ("a", 0.6), ("a", 0.8)], [False, False, True, False, False]),
        ([("a", t / 5) for t in range(3)] + [("a", 5 + t / 5) for t in range(3)], [False, False, True] * 2),
    ],
)
def test_rage_is_three_presses_within_a_second(presses: list[tuple[str, float]], told: list[bool]) -> None:
    rage = RageClicks()
    assert [rage.press(place, at) for place, at in presses] == told


def test_a_page_that_is_left_at_once_is_a_step_back() -> None:
    walk = Wandering()
    walk.go("a", 0)
    assert walk.go("b", 10) is None
    assert walk.go("a", 12) == "closed"
    assert walk.go("b", 30) is None
    assert walk.go("a", 38) == "returned"
    assert walk.go("b", 60) is None
    walk.did_something()
    assert walk.go("a", 61) is None
    assert walk.go("b", 80) is None
    assert walk.go("a", 110) is None


def test_the_models_time_is_not_the_persons() -> None:
    tasks = Tasks()
    tasks.begin("ask", 0)
    tasks.wait("ask", 4)
    tasks.error()
    tasks.resume("ask", 10)
    ended = tasks.end("ask", 11, success=True)
    assert ended is not None
    assert (ended.person_ms, ended.model_ms, ended.errors) == (5000, 6000, 1)
    assert tasks.end("ask", 12, success=True) is None
    tasks.begin("ask", 20)
    assert tasks.end("ask", 20 + 3600, success=True) is None


@pytest.mark.parametrize(
    ("heard", "meant", "words", "changed"),
    [("call ana now", "Call Anna now", 3, 1), ("a b", "a b", 2, 0), ("", "a", 0, 1), ("a b c", "c", 3, 2)],
)
def test_changed_words(heard: str, meant: str, words: int, changed: int) -> None:
    assert changed_words(heard, meant) == (words, changed)


# -- intervals


def test_wilson_as_published() -> None:
    """15 of 20: 0.531 to 0.888; 0 of 10 reaches up to 0.278 (Newcombe, 1998, method 3)."""
    found = share(15, 20)
    assert found is not None
    assert (round(found.low, 3), round(found.high, 3)) == (0.531, 0.888)
    none = share(0, 10)
    assert none is not None and none.low == 0 and round(none.high, 3) == 0.278


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 7), min_size=1, max_size=60))
def test_a_mean_lies_in_its_interval_and_that_on_the_scale(values: list[int]) -> None:
    found = mean(values, least=1, most=7)
    assert found is not None
    assert 1 <= found.low <= found.value <= found.high <= 7


def test_percentiles() -> None:
    assert percentile([1, 2, 3, 4], 0.5) == 2.5
    assert percentile([7], 0.99) == 7
    assert math.isnan(percentile([], 0.5))


def test_too_little_is_said_plainly() -> None:
    assert how_sure(3).told() == "n = 3, not enough to conclude"
    assert how_sure(8).told() == "n = 8"


# -- questionnaires


def test_scores_as_published() -> None:
    assert score("seq", (6,)) == 6
    assert score("umux_lite", (7, 7)) == 100
    assert score("umux_lite", (1, 1)) == 0
    assert score("sus", (5, 1) * 5) == 100
    assert score("sus", (3,) * 10) == 50
    for instrument, items in (("sus", (3,)), ("seq", (8,)), ("umux_lite", (0, 3))):
        with pytest.raises(ValueError):
            score(instrument, items)  # type: ignore[arg-type]


NOW = Moment(day=1000, sessions=9, idle=True)


@pytest.mark.parametrize(
    ("moment", "asked", "wanted"),
    [
        (NOW, (), "umux_lite"),
        (replace(NOW, sessions=4), (), None),
        (replace(NOW, idle=False), (), None),
        (replace(NOW, task="ask"), (), "seq"),
        (replace(NOW, task="ask"), (("seq", 900, "ask"),), "umux_lite"),
        (replace(NOW, task="ask"), (("seq", 1000, "find"),), None),
        (NOW, (("umux_lite", 911, ""),), None),
        (NOW, (("umux_lite", 910, ""),), "umux_lite"),
        (NOW, (("seq", 1500, "ask"),), None),  # the clock went back
    ],
)
def test_when_a_question_may_be_put(
    moment: Moment, asked: tuple[tuple[Instrument, int, str], ...], wanted: Instrument | None
) -> None:
    history = [Asked(instrument=name, day=day, outcome="later", task=task) for name, day, task in asked]
    assert due(moment, history) == wanted


# -- charts

NOON = 1_800_014_400.0


def rated(liked: int, n: int, **told: str) -> list[RatedAnswer]:
    return [RatedAnswer(when=NOON, liked=place < liked, **told) for place in range(n)]  # type: ignore[arg-type]


def test_satisfaction_is_told_apart_only_where_it_is_sure() -> None:
    charts = {
        chart.id: chart for chart in satisfaction([*rated(38, 40, model="A"), *rated(10, 40, model="B")], 90).charts
    }
    by_model = charts["satisfaction_by_model"]
    assert by_model.summary.told() == "A is liked more than B."
    assert [(point.label, point.n) for point in by_model.series[0].points] == [("A", 40), ("B", 40)]
    assert (
        charts["satisfaction_over_time"].summary.told() == "60% of the rated answers were liked (49% to 70%; n = 80)."
    )
    close = {chart.id: chart for chart in satisfaction([*rated(5, 9, model="A"), *rated(4, 9, model="B")], 90).charts}
    assert close["satisfaction_by_model"].summary.told() == "The differences may be chance."
    few = satisfaction(rated(3, 3), 7).charts
    assert "not enough to conclude" in few[0].summary.told()
    assert few[1].summary.told() == "There is too little to compare."


def test_nothing_at_all_is_said_in_words_everywhere() -> None:
    for section in (satisfaction([], 90), waiting({}, {}), struggling([], {}), surveys([])):
        for chart in section.charts:
            assert chart.empty, chart.id
            assert chart.summary.told(), chart.id


def test_where_people_struggle() -> None:
    tallies = [
        Tally(name="ui.stall", n=5, words={"surface": "settings"}),
        Tally(name="error.shown", n=9, words={"surface": "talk", "family": "audio"}),
        Tally(name="ui.dead_click", n=1, words={"surface": "settings", "enabled": "0"}),
        Tally(name="chat.answered", n=20, words={"way": "typed", "ended": "end"}),
        Tally(name="chat.regenerated", n=5),
        Tally(name="task.done", n=9, words={"task": "ask", "success": "1"}),
        Tally(name="task.done", n=1, words={"task": "ask", "success": "0"}),
        Tally(name="task.abandoned", n=10, words={"task": "ask", "how": "stopped"}),
    ]
    times = {"ask": ([4000, 2000], [9000, 9000])}
    charts = {chart.id: chart for chart in struggling(tallies, times).charts}
    assert charts["struggle_by_surface"].labels == ("Hands-free", "Settings")
    assert charts["struggle_by_surface"].summary.told() == "Most signs of struggle (9) are at: Hands-free."
    rates = {point.label: point.value for point in charts["rates"].series[0].points}
    assert rates["Answers wanted again"] == 25
    assert charts["task_success"].series[0].points[0].value == 45
    person, model = charts["task_time"].series
    assert (person.points[0].value, model.points[0].value) == (3, 9)


def test_a_survey_of_three_concludes_nothing() -> None:
    asked = [Asked(instrument="umux_lite", day=1, outcome="answered", items=(6, 6), score=83.3) for _ in range(3)]
    whole, by_task = surveys(asked).charts
    assert "n = 3, not enough to conclude" in whole.summary.told()
    assert by_task.empty
