"""From ratings to an offered adapter: the whole way, every way out of it, every moment at which it can break off."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from desktop_app.domain.personalizing import StageProgress
from desktop_app.engines.scripted import ScriptedTrainer
from desktop_app.errors import AppError, Cancelled, EngineCrashed, EnvironmentProblem, UserCanFix
from desktop_app.files import disk_full
from desktop_app.ports import CancelToken
from tests.unit.personalize_kit import Kit, check_consistent, ended, example, examples, kit
from tests.unit.storage_kit import ROOT


def test_the_whole_way(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        events = list(it.events())
        done = ended(events)
        stages = [event.stage for event in events if isinstance(event, StageProgress)]
        assert stages == sorted(stages, key=("dataset", "cache", "train", "export", "gate").index)
        assert (done.outcome, done.train, done.held_out) == ("passed", 36, 12)
        adapter = it.registry.find(done.adapter_id)
        assert adapter.state == "offered"
        assert len(adapter.lineage.learned_from) == 36 and len(adapter.lineage.judged_on) == 12
        names = {each.name for each in it.registry.folder(adapter.id).iterdir()}
        assert names == {"adapter.gguf", "report.json", "card.md", "manifest.json"}
        assert it.registry.unfinished() == () and not it.jobs.exists()
        assert it.bases.model.adapter == ""
        check_consistent(it)


def test_what_does_not_pass_changes_nothing(tmp_path: Path) -> None:
    with kit(tmp_path, examples(likes_long=False)) as it:
        done = it.run()
        assert done.outcome == "rejected" and done.verdict is not None
        assert [check.name for check in done.verdict.failures] == ["held_out", "no_worse_than_current"]
        assert [check.passed for check in done.verdict.checks][2:] == [None, None, None]  # not run
        assert it.registry.find(done.adapter_id).state == "rejected"
        assert it.folders() == set()
        assert it.adapters.report(done.adapter_id) == done.verdict
        with pytest.raises(UserCanFix):
            it.adapters.use(done.adapter_id, it.bases.sha256)


def test_too_few_ratings_are_counted(tmp_path: Path) -> None:
    with kit(tmp_path, examples(20)) as it:
        with pytest.raises(UserCanFix, match="10 more rated answers") as refused:
            it.run()
        assert refused.value.code == "personalize.too_few"
        assert it.registry.list() == ()
        assert it.run(force_small=True).outcome == "passed"


def test_a_dry_run_only_tells(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        assert (it.run(dry_run=True).outcome, it.run(dry_run=True).train) == ("dry_run", 36)
        assert it.registry.list() == () and not it.trainer.jobs


def test_removed_items_are_not_learned_from(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        done = it.run(removed=frozenset({"f0003"}))
        assert "f0003" not in it.registry.find(done.adapter_id).lineage.learned_from
        assert all(each.feedback_id != "f0003" for each in it.trainer.jobs[0].examples)


def test_giving_up_leaves_nothing(tmp_path: Path) -> None:
    with kit(tmp_path, trainer=ScriptedTrainer(steps=50)) as it:
        it.jobs.mkdir(parents=True)
        with pytest.raises(Cancelled):
            for event in it.events():
                if isinstance(event, StageProgress) and event.stage == "train":
                    it.service.give_up()
        assert [each.state for each in it.registry.list()] == ["removed"]
        assert it.folders() == set() and not it.jobs.exists()
        check_consistent(it)


def test_what_was_stopped_goes_on_or_is_given_up(tmp_path: Path) -> None:
    with kit(tmp_path, trainer=ScriptedTrainer(steps=50)) as it:
        for _ in range(2):
            cancel = CancelToken()
            with pytest.raises(Cancelled):
                for event in it.events(cancel=cancel):
                    if isinstance(event, StageProgress) and event.stage == "train":
                        cancel.cancel()
            check_consistent(it)
        (run,) = it.registry.unfinished()
        assert it.service.unfinished() == run and len(it.registry.list()) == 1
        it.service.give_up()
        assert it.service.unfinished() is None and it.folders() == set()


@pytest.mark.parametrize(
    "error",
    [
        disk_full("no space left"),
        UserCanFix("training.base_changed", "Changed.", remedy="Again."),
        EngineCrashed("engine.crashed", "Gone.", remedy="Again."),
    ],
    ids=lambda error: error.code,
)
def test_a_failure_leaves_nothing(tmp_path: Path, error: AppError) -> None:
    with kit(tmp_path, trainer=ScriptedTrainer(fails=error)) as it:
        with pytest.raises(type(error)):
            it.run()
        assert it.folders() == set() and it.registry.unfinished() == ()
        assert len(it.trainer.jobs) == (3 if isinstance(error, EngineCrashed) else 1)
        check_consistent(it)


def test_without_memory_the_model_makes_room_once(tmp_path: Path) -> None:
    lacking = EnvironmentProblem("training.memory", "Too little.", remedy="More.")
    with kit(tmp_path, trainer=ScriptedTrainer(fails=lacking)) as it:
        with pytest.raises(EnvironmentProblem):
            it.run()
        assert (it.bases.rooms, len(it.trainer.jobs)) == (1, 2)


def test_a_model_that_cannot_be_trained_is_refused_with_the_reason(tmp_path: Path) -> None:
    with kit(tmp_path, trainer=ScriptedTrainer(refuses="This kind of model cannot be trained here.")) as it:
        with pytest.raises(UserCanFix, match="cannot be trained here"):
            it.run()
        assert it.service.preview().refusal


def test_a_replaced_model_file_is_noticed(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        with pytest.raises(UserCanFix) as noticed:
            for event in it.events():
                if isinstance(event, StageProgress) and event.stage == "train":
                    it.bases.file.write_text("other weights", encoding="utf-8")
        assert noticed.value.code == "personalize.model_changed"
        check_consistent(it)


def test_one_at_a_time(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        first = it.events()
        next(first)
        with pytest.raises(EnvironmentProblem) as refused:
            next(it.events())
        assert refused.value.code == "personalize.running"
        first.close()
        assert it.run().outcome == "passed"


def test_withdrawing_puts_out_of_use_at_once_and_asks_for_a_rebuild(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        first = it.run()
        it.adapters.use(first.adapter_id, it.bases.sha256)
        it.service.withdrawn(frozenset({"f9999"}))
        assert it.adapters.active(it.bases.sha256) is not None and not it.service.rebuild_due
        it.service.withdrawn(frozenset({"f0000"}))
        assert it.adapters.active(it.bases.sha256) is None
        assert it.registry.find(first.adapter_id).state == "stale" and it.folders() == set()
        assert it.service.rebuild_due
        it.given[:] = [each for each in it.given if each.feedback_id != "f0000"]
        second = it.run()
        assert "f0000" not in it.registry.find(second.adapter_id).lineage.learned_from
        assert not it.service.rebuild_due


def test_withdrawing_stops_what_is_learning_from_it(tmp_path: Path) -> None:
    with kit(tmp_path, trainer=ScriptedTrainer(steps=50)) as it:
        with pytest.raises(Cancelled):
            for event in it.events():
                if isinstance(event, StageProgress) and event.stage == "train":
                    it.service.withdrawn(frozenset({"f0000"}))
        assert [each.state for each in it.registry.list()] == ["removed"]
        check_consistent(it)


def test_the_same_without_a_rating_is_the_job_of_somebody_who_never_gave_it(tmp_path: Path) -> None:
    with kit(tmp_path / "one", [*examples(), example(99)]) as one, kit(tmp_path / "two", examples()) as two:
        one.run(removed=frozenset({"f0099"}))
        two.run()
        jobs = [it.trainer.jobs[0] for it in (one, two)]
        assert jobs[0].examples == jobs[1].examples and jobs[0].recipe == jobs[1].recipe


@pytest.mark.parametrize("breaks_at", range(12))
def test_it_goes_on_after_breaking_off_anywhere(tmp_path: Path, breaks_at: int) -> None:
    with kit(tmp_path, trainer=ScriptedTrainer(steps=4)) as it:
        events = it.events()
        for _ in range(breaks_at):
            next(events, None)
        events.close()
        begun = [each.id for each in it.registry.list()]
    with kit(tmp_path) as it:
        check_consistent(it)
        assert it.adapters.active(it.bases.sha256) is None
        done = it.run()
        assert done.outcome == "passed"
        if it.registry.list()[0].id in begun:
            assert len(it.trainer.jobs) <= 1
        check_consistent(it)


def test_a_run_that_asked_for_something_else_is_cleared_away(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        events = it.events()
        for _ in range(4):
            next(events)
        events.close()
        (begun,) = it.registry.list()
    with kit(tmp_path, examples(60)) as it:
        assert it.service.unfinished() is not None
        done = it.run()
        assert done.adapter_id != begun.id and it.registry.find(begun.id).state == "removed"
        check_consistent(it)


def test_damaged_base_values_are_measured_again(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        it.run()
        (kept,) = (tmp_path / "cache" / "gate").iterdir()
        kept.write_text("{broken", encoding="utf-8")
        assert it.run().outcome == "passed"


_KILLED = """
import sys
from pathlib import Path
from tests.unit.personalize_kit import kit
from desktop_app.engines.scripted import ScriptedTrainer
with kit(Path(sys.argv[1]), trainer=ScriptedTrainer(steps=5)) as it:
    print("ready", flush=True)
    while True:
        done = it.run()
        it.adapters.use(done.adapter_id, it.bases.sha256)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kill -9")
@pytest.mark.timeout(280)
def test_kill_9_at_any_moment(tmp_path: Path) -> None:
    chance = random.Random()
    for number in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", _KILLED, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n", f"run {number} did not begin"
        time.sleep(chance.uniform(0.0, 0.8))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        with kit(tmp_path) as it:
            check_consistent(it)
            assert it.run().outcome == "passed"
            check_consistent(it)


def test_an_adapter_goes_away_and_comes_back(tmp_path: Path) -> None:
    with kit(tmp_path / "one") as one, kit(tmp_path / "two") as two:
        done = one.run()
        target = tmp_path / "mine.zip"
        one.service.export(done.adapter_id, target)
        assert not any("wonderfully" in part for part in _texts(target))
        taken, verdict = two.service.take_in(target, CancelToken())
        assert (taken.state, taken.lineage.origin, verdict.passed) == ("offered", "imported", True)
        two.adapters.use(taken.id, two.bases.sha256)
        check_consistent(two)
        two.bases.sha256 = "0" * 64
        with pytest.raises(UserCanFix) as refused:
            two.service.take_in(target, CancelToken())
        assert refused.value.code == "adapters.other_model"


def test_on_a_computer_without_ratings_it_is_judged_by_the_rest(tmp_path: Path) -> None:
    with kit(tmp_path / "one") as one, kit(tmp_path / "two", []) as two:
        target = tmp_path / "mine.zip"
        one.service.export(one.run().adapter_id, target)
        taken, verdict = two.service.take_in(target, CancelToken())
        assert taken.state == "offered"
        assert {check.name: check.passed for check in verdict.checks} == {
            "held_out": None,
            "no_worse_than_current": None,
            "plain_text": True,
            "empty": True,
            "accepted": None,
        }


@pytest.mark.parametrize("trick", ["outside", "twice", "huge", "no manifest", "damaged", "not a zip"])
def test_a_hostile_file_is_refused_and_nothing_of_it_stays(tmp_path: Path, trick: str) -> None:
    with kit(tmp_path / "home") as it:
        done = it.run()
        target = tmp_path / "mine.zip"
        it.service.export(done.adapter_id, target)
        _spoil(target, trick)
        before = it.folders()
        with pytest.raises(UserCanFix):
            it.service.take_in(target, CancelToken())
        assert it.folders() == before
        assert not (tmp_path / "evil").exists()
        check_consistent(it)


def _texts(target: Path) -> list[str]:
    import zipfile

    with zipfile.ZipFile(target) as archive:
        return [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def _spoil(target: Path, trick: str) -> None:
    import warnings
    import zipfile

    if trick == "not a zip":
        target.write_text("hello", encoding="utf-8")
        return
    with zipfile.ZipFile(target) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if trick == "no manifest":
        del parts["manifest.json"]
    if trick == "damaged":
        parts["adapter.gguf"] += b"!"
    if trick == "huge":
        parts["card.md"] = b" " * (1 << 21)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, data in parts.items():
            archive.writestr(name, data)
        if trick == "outside":
            archive.writestr("../../evil", b"")
        if trick == "twice":
            archive.writestr("adapter.gguf", b"other")


def test_the_preview_tells_what_would_be_used(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        preview = it.service.preview()
        assert (preview.train, preview.held_out, preview.counts, preview.refusal) == (36, 12, {"rating": 48}, "")
        assert preview.readiness.ready and preview.seconds > 0
        planned = it.service.dataset.planned()
        assert len(planned) == 48 and planned[0].feedback_id == "f0047" and planned[0].held_out


def test_an_interrupted_home_is_put_in_order(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        _leave_a_mess(it)
    with kit(tmp_path) as it:
        check_consistent(it)


def _leave_a_mess(it: Kit) -> None:
    """What a crash, or a person with a file manager, may leave."""
    offered = it.offered()
    shutil.rmtree(it.registry.folder(offered.id))
    (it.registry.root / "unknown").mkdir(parents=True)
    (it.registry.root / "unknown" / "adapter.gguf").write_text("x", encoding="utf-8")
