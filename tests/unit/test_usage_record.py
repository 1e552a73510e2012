"""The record of use: nothing before a yes, nothing but what the registry describes, and gone when it is told to go."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.metrics import Extra, Metric, NotRecorded, Registry
from desktop_app.errors import AppError
from desktop_app.services.metrics_file import registry
from desktop_app.storage import usage_rows
from desktop_app.storage.usage_file import MIGRATIONS, UsageFile
from tests.data.golden import make_usage
from tests.unit.usage_kit import DAY_S, SetClock, lines, on_disk, recording

CANARY = "CANARY-7f3"


def test_nothing_exists_before_a_yes(tmp_path: Path) -> None:
    with recording(tmp_path, None) as (usage, _):
        usage.record("chat.sent", way="typed", pictures=0)
        usage.flush()
        assert usage.export() == b""
        assert not usage.on
    assert not list(tmp_path.iterdir())


def test_a_no_erases_everything(tmp_path: Path) -> None:
    with recording(tmp_path) as (usage, _):
        usage.record("chat.sent", way="typed", pictures=0)
        usage.flush()
        assert lines(usage)
        usage.record("chat.sent", way="typed", pictures=0)
        usage.agree("off")
        usage.flush()
        assert not list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


def test_events_are_kept_as_the_registry_says(tmp_path: Path) -> None:
    with recording(tmp_path) as (usage, clock):
        clock.mono += 1.5
        usage.record("chat.sent", way="typed", pictures=200)
        usage.record("ui.stall", surface="settings", ms=123.6)
        usage.record("chat.answered", way="spoken", ended="end", total_ms=900)
        kept = lines(usage)
        assert [each["name"] for each in kept] == ["chat.sent", "ui.stall", "chat.answered"]
        assert kept[0]["pictures"] == 20  # brought to the bound
        assert kept[0]["t_ms"] == 1500
        assert kept[1]["ms"] == 124
        assert "first_token_ms" not in kept[2]
        counters = {(each["name"], each["label"]): each for each in lines(usage, "counter")}
        assert counters["ui.stall", "settings"]["total"] == 124
        assert usage.recent()[0].name == "chat.answered"


def test_counters_keep_no_single_event(tmp_path: Path) -> None:
    with recording(tmp_path, "counters") as (usage, _):
        for _ in range(3):
            usage.record("chat.regenerated")
        assert not lines(usage)
        assert [(each["name"], each["n"]) for each in lines(usage, "counter")] == [("chat.regenerated", 3)]


@pytest.mark.parametrize(
    ("name", "extras"),
    [
        ("chat.sent", {"way": CANARY}),
        ("chat.sent", {"pictures": CANARY}),
        ("chat.sent", {"words": CANARY}),
        ("chat.sent", {CANARY: 1}),
        ("chat.sent", {"way": "typed", "pictures": float("nan")}),
        ("chat.sent", {"pictures": True}),
        (CANARY, {}),
        ("ui.dead_click", {"surface": "settings", "enabled": 1}),
        ("error.shown", {"family": f"models.{CANARY}"}),
    ],
)
def test_what_does_not_fit_leaves_no_byte(tmp_path: Path, name: str, extras: dict[str, Any]) -> None:
    with recording(tmp_path) as (usage, _):
        usage.record("chat.regenerated")
        usage.record(name, **extras)
        assert len(lines(usage)) == 1
        assert CANARY.encode() not in usage.export()
    assert CANARY.encode() not in on_disk(tmp_path)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(registry().metrics)), st.data())
def test_no_text_gets_past_any_metric(name: str, data: st.DataObject) -> None:
    """Whatever is given: a row holds numbers and the registry's own words, or there is no row."""
    metric = registry().metrics[name]
    anything = st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.binary())
    given_ = {extra.name: data.draw(anything) for extra in metric.extras}
    try:
        row = metric.row(given_)
    except NotRecorded:
        return
    for extra, value in zip(metric.extras, row, strict=True):
        assert value is None or isinstance(value, int | float) or value in extra.choices
        if isinstance(value, int | float):
            assert extra.least <= value <= extra.most


def test_every_metric_is_explained_and_cannot_hold_text() -> None:
    for metric in registry().metrics.values():
        assert len(metric.purpose) > 20 and metric.about.endswith("."), metric.name
        assert metric.expires > date(2027, 1, 1), metric.name
        for extra in metric.extras:
            assert extra.type in ("enum", "int", "float", "bool"), (metric.name, extra.name)
            assert extra.about.endswith("."), (metric.name, extra.name)


def metric(name: str = "test.happened", **changes: Any) -> Metric:
    told = Metric(
        name=name,
        kind="event",
        about="It happened.",
        purpose="To test.",
        sensitivity="technical",
        owner="nobody",
        expires=date(2090, 1, 1),
    )
    return replace(told, **changes)


def only(*metrics: Metric) -> Registry:
    return Registry({each.name: each for each in metrics})


def test_a_new_or_changed_metric_waits_for_another_yes(tmp_path: Path) -> None:
    with recording(tmp_path, registry=only(metric(), metric("test.stayed"))):
        pass
    changed = only(metric(purpose="To sell."), metric("test.stayed", owner="somebody else"), metric("test.new"))
    with recording(tmp_path, None, registry=changed) as (usage, _):
        for name in changed.metrics:
            usage.record(name)
        assert [each["name"] for each in lines(usage)] == ["test.stayed"]
        assert usage.state().news == ("test.happened", "test.new")
        usage.agree("events", "And these?")
        for name in changed.metrics:
            usage.record(name)
        assert len(lines(usage)) == 4
        assert not usage.state().news
        assert len(lines(usage, "consent")) == 2


def test_an_expired_metric_is_silent(tmp_path: Path) -> None:
    with recording(tmp_path, registry=only(metric(expires=date(2020, 1, 1)))) as (usage, _):
        usage.record("test.happened")
        assert not lines(usage)


def test_an_extra_that_changed_does_not_garble_what_was_kept(tmp_path: Path) -> None:
    first = Extra(name="first", type="int", about="One.", most=9)
    second = Extra(name="second", type="int", about="Two.", most=9)
    with recording(tmp_path, registry=only(metric(extras=(first, second)))) as (usage, _):
        usage.record("test.happened", first=1, second=2)
    with recording(tmp_path, registry=only(metric(extras=(second,)))) as (usage, _):
        usage.record("test.happened", second=3)
        kept = [{key: each.get(key) for key in ("first", "second")} for each in lines(usage)]
    assert kept == [{"first": 1, "second": 2}, {"first": None, "second": 3}]


def test_the_log_of_consent_only_grows(tmp_path: Path) -> None:
    with recording(tmp_path) as (usage, _):
        usage.agree("counters", "May I?")
        consents = lines(usage, "consent")
    assert [each["level"] for each in consents] == ["events", "counters"]
    assert consents[0]["wording_sha256"] == hashlib.sha256(b"May I?").hexdigest()
    assert consents[0]["registry_sha256"] == registry().fingerprint
    connection = sqlite3.connect(tmp_path / "usage.db")
    for statement in ("update consent set level = 'off'", "delete from consent"):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)
    connection.close()


def test_another_process_that_says_no_is_heard(tmp_path: Path) -> None:
    with recording(tmp_path) as (usage, _):
        usage.record("chat.regenerated")
        usage.flush()
        with recording(tmp_path, "off"):
            pass
        usage.record("chat.regenerated")
        usage.flush()
        assert usage.level == "off"
    assert not list(tmp_path.iterdir())


def test_a_pause_ends_after_a_day(tmp_path: Path) -> None:
    with recording(tmp_path) as (usage, clock):
        heard: list[bool] = []
        usage.watch(lambda _: heard.append(usage.on))
        usage.pause()
        usage.record("chat.regenerated")
        usage.flush()
        assert not usage.on and not lines(usage)
        assert usage.state().paused_until == clock.wall + DAY_S
        clock.wall += DAY_S + 1
        usage.flush()
        usage.record("chat.regenerated")
        assert len(lines(usage)) == 1
        assert heard == [False, True]


def test_deleting_leaves_the_yes_and_nothing_else(tmp_path: Path) -> None:
    with recording(tmp_path) as (usage, _):
        usage.record("chat.sent", way="talk", pictures=7)
        usage.flush()
        usage.delete()
        assert not lines(usage) and not lines(usage, "counter") and not usage.recent()
        assert usage.on
        usage.record("chat.regenerated")
        assert [each["name"] for each in lines(usage)] == ["chat.regenerated"]


def test_events_go_after_30_days_and_their_counts_stay(tmp_path: Path) -> None:
    clock = SetClock()
    with recording(tmp_path, clock=clock) as (usage, _):
        usage.record("chat.regenerated")
    clock.wall += 31 * DAY_S
    with recording(tmp_path, None, clock=clock) as (usage, _):
        assert not lines(usage)
        assert [each["n"] for each in lines(usage, "counter")] == [1]
    clock.wall += 366 * DAY_S
    with recording(tmp_path, None, clock=clock) as (usage, _):
        assert not lines(usage, "counter")
        assert usage.level == "events"


def test_a_day_that_was_never_there_does_not_stay_for_ever(tmp_path: Path) -> None:
    clock = SetClock()
    with recording(tmp_path, clock=clock) as (usage, _):
        clock.wall += 300 * DAY_S  # the clock is wrong
        usage.record("chat.regenerated")
        usage.record("chat.regenerated")
    clock.wall -= 300 * DAY_S  # and right again
    with recording(tmp_path, None, clock=clock) as (usage, _):
        today = date.fromtimestamp(clock.wall).isoformat()
        assert {each["day"] for each in lines(usage)} == {today}
        assert [(each["day"], each["n"]) for each in lines(usage, "counter")] == [(today, 2)]


def test_a_clock_that_jumps_changes_no_time_within_a_session(tmp_path: Path) -> None:
    with recording(tmp_path) as (usage, clock):
        usage.record("chat.regenerated")
        clock.mono += 2
        clock.wall -= 5 * DAY_S
        usage.record("chat.regenerated")
        assert [each["t_ms"] for each in lines(usage)] == [0, 2000]


def test_a_pause_cannot_outlast_a_clock_that_went_back(tmp_path: Path) -> None:
    with recording(tmp_path) as (usage, clock):
        usage.pause()
        clock.wall -= 300 * DAY_S
        assert usage.state().paused_until <= clock.wall + DAY_S


def test_a_damaged_file_is_erased_and_said(tmp_path: Path) -> None:
    with recording(tmp_path) as (usage, _):
        usage.record("chat.regenerated")
    path = tmp_path / "usage.db"
    path.write_bytes(b"This was never a database." * 200)
    with pytest.raises(AppError) as told, recording(tmp_path, None):
        pass
    assert told.value.code == "usage.damaged"
    assert not list(tmp_path.iterdir())


def test_damage_while_it_runs_stops_the_recording(tmp_path: Path) -> None:
    with recording(tmp_path) as (usage, _):
        (tmp_path / "usage.db").write_bytes(b"x" * 4096)
        usage.record("chat.regenerated")
        with pytest.raises(AppError):
            usage.flush()
        assert not usage.on


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    with recording(tmp_path):
        pass
    connection = sqlite3.connect(tmp_path / "usage.db")
    connection.execute("pragma user_version = 99")
    connection.close()
    before = (tmp_path / "usage.db").read_bytes()
    with pytest.raises(AppError) as told, recording(tmp_path, None):
        pass
    assert told.value.code == "usage.newer"
    assert (tmp_path / "usage.db").read_bytes() == before


def test_an_export_is_exactly_what_was_shown(tmp_path: Path) -> None:
    with recording(tmp_path) as (usage, _):
        usage.record("chat.regenerated")
        shown = usage.export()
        usage.record("chat.regenerated")  # after the look
        digest = usage.save_export(shown, tmp_path / "mine.jsonl")
        assert (tmp_path / "mine.jsonl").read_bytes() == shown
        assert hashlib.sha256(shown).hexdigest() == digest
        audit = lines(usage, "audit")
        assert (audit[0]["sha256"], audit[0]["bytes"]) == (digest, len(shown))


def test_no_time_of_day_is_kept_of_what_was_done(tmp_path: Path) -> None:
    with recording(tmp_path) as (usage, _):
        usage.record("chat.regenerated")
        usage.flush()
    with UsageFile(tmp_path / "usage.db").read() as connection:
        columns = {
            row[1]
            for table in ("event", "session", "counter")
            for row in connection.execute(f"pragma table_info({table})")
        }
        assert usage_rows.sessions(connection) == 1
    assert not columns & {"at", "ts", "time"}


def test_the_file_is_the_owners_alone(tmp_path: Path) -> None:
    with recording(tmp_path):
        assert (tmp_path / "usage.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("schema", range(1, len(MIGRATIONS) + 1))
def test_a_golden_record_of_every_released_schema_opens(schema: int, tmp_path: Path) -> None:
    shutil.copyfile(make_usage.golden(schema), tmp_path / "usage.db")
    with recording(tmp_path, None) as (usage, _):
        assert usage.level == "surveys"
        assert [(each["name"], each.get("pictures"), each.get("ms")) for each in lines(usage)] == [
            ("chat.sent", 2, None),
            ("ui.stall", None, 240),
        ]
        assert len(lines(usage, "audit")) == 1
        usage.agree("events", "Still?")
        usage.record("chat.regenerated")
        assert len(lines(usage)) == 3
    with UsageFile(tmp_path / "usage.db").read() as connection:
        assert usage_rows.asked(connection) == (make_usage.SEQ,)
