"""Adapters in use: legal steps only, one at a time, off and back, and never in the way of a start."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.adapters import NEXT, Adapter, AdapterState, Lineage, check_transition, surplus
from desktop_app.domain.blind_comparison import candidate_is_left
from desktop_app.domain.conversations import Provenance
from desktop_app.domain.feedback import Rating
from desktop_app.domain.generation import ModelAbilities
from desktop_app.engines.scripted import ScriptedModel
from desktop_app.errors import Bug, EngineCrashed, UserCanFix
from desktop_app.paths import places
from desktop_app.ports import CancelToken
from desktop_app.services.adapters import STARTING
from desktop_app.services.blind import BlindService
from desktop_app.storage.salvage import salvage
from tests.unit.personalize_kit import Kit, check_consistent, kit

STATES = list(NEXT)


@given(st.lists(st.sampled_from(STATES), max_size=12))
def test_only_legal_steps_are_taken_and_removed_is_the_end(wanted: list[AdapterState]) -> None:
    state: AdapterState = "candidate"
    for after in wanted:
        if after in NEXT[state]:
            check_transition(state, after)
            state = after
        else:
            with pytest.raises(Bug):
                check_transition(state, after)
    assert state != "removed" or not NEXT[state]


def test_nothing_unjudged_gets_into_use() -> None:
    into_use = {before for before, after in NEXT.items() if "active" in after}
    assert into_use == {"offered", "resting"}
    assert {before for before, after in NEXT.items() if "offered" in after} == {"candidate"}


def test_the_newest_five_and_the_one_in_use_stay() -> None:
    many = tuple(
        Adapter(
            id=str(number),
            state="active" if number == 0 else "resting",
            lineage=Lineage(base_sha256="b"),
            created_at=float(number),
            changed_at=0.0,
        )
        for number in range(8)
    )
    assert {each.id for each in surplus(many, "b")} == {"1", "2", "3"}
    assert surplus(many, "other") == ()


def test_one_is_in_use_and_the_other_rests(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        first, second = it.offered(), it.offered()
        base = it.bases.sha256
        it.adapters.use(first.id, base, strength=0.5)
        it.adapters.use(second.id, base)
        assert it.adapters.active(base) == it.registry.find(second.id)
        assert it.registry.find(first.id).state == "resting"
        back = it.adapters.rollback(base)
        assert back is not None and (back.id, back.strength) == (first.id, 0.5)
        assert it.adapters.rollback(base) is not None  # the second again, which is usable
        it.adapters.off()
        assert it.adapters.active(base) is None and it.adapters.rollback(base) is None
        check_consistent(it)


def test_strength_and_model_are_checked(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        adapter = it.offered()
        with pytest.raises(UserCanFix, match="between 0 and 1"):
            it.adapters.use(adapter.id, it.bases.sha256, strength=1.5)
        with pytest.raises(UserCanFix, match="another model"):
            it.adapters.use(adapter.id, "0" * 64)
        assert it.adapters.find(adapter.id[-8:]).id == adapter.id
        with pytest.raises(UserCanFix, match="no adapter"):
            it.adapters.find("zzzz")


def test_a_turn_gets_the_adapter_in_use_or_the_one_it_asks_for(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        model, abilities = ScriptedModel(), _abilities(it)
        used, other = it.offered(), it.offered()
        assert it.adapters.put_on(model, abilities) == "" and model.adapter == ""
        it.adapters.use(used.id, it.bases.sha256, strength=0.5)
        assert it.adapters.put_on(model, abilities) == used.id
        assert (model.adapter, model.strength) == (str(it.registry.file(used.id)), 0.5)
        assert it.adapters.put_on(model, abilities, other.id) == other.id
        assert it.adapters.put_on(model, abilities, "none") == "" and model.adapter == ""
        assert it.adapters.put_on(model, replace(abilities, sha256="0" * 64)) == ""


def test_an_adapter_that_does_not_work_is_put_out_of_use_and_the_turn_goes_on(tmp_path: Path) -> None:
    class Dies(ScriptedModel):
        def use_adapter(self, path: str, strength: float = 1.0) -> None:
            if path:
                raise EngineCrashed("engine.crashed", "Gone.", remedy="Again.")

    with kit(tmp_path) as it:
        adapter = it.offered()
        it.adapters.use(adapter.id, it.bases.sha256)
        assert it.adapters.put_on(Dies(), _abilities(it)) == ""
        assert it.registry.find(adapter.id).state == "resting"
        assert it.adapters.timeline()[0].reason == "crashed"
        with pytest.raises(EngineCrashed):
            it.adapters.put_on(Dies(), _abilities(it), adapter.id)


def test_a_changed_file_is_not_used(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        adapter = it.offered()
        it.adapters.use(adapter.id, it.bases.sha256)
        it.registry.file(adapter.id).write_text("something else", encoding="utf-8")
        assert it.adapters.put_on(ScriptedModel(), _abilities(it)) == ""
        with pytest.raises(UserCanFix, match="missing or was changed"):
            it.adapters.use(adapter.id, it.bases.sha256)


@pytest.mark.parametrize(("writer", "state"), [("1:dead", "resting"), ("", "active")])
def test_a_start_that_never_got_ready_goes_without_next_time(tmp_path: Path, writer: str, state: str) -> None:
    from desktop_app.storage.writers import this_writer

    with kit(tmp_path) as it:
        adapter = it.offered()
        it.adapters.use(adapter.id, it.bases.sha256)
        mark = {"adapter": adapter.id, "writer": writer or this_writer()}
        (it.registry.root / STARTING).write_text(json.dumps(mark), encoding="utf-8")
    with kit(tmp_path) as it:
        assert it.registry.find(adapter.id).state == state


@pytest.mark.parametrize("mark", ["{broken", "[]", '{"adapter": "x"}', '{"adapter": "nobody", "writer": "1:dead"}'])
def test_a_damaged_mark_is_no_obstacle(tmp_path: Path, mark: str) -> None:
    with kit(tmp_path) as it:
        it.registry.root.mkdir(exist_ok=True)
        (it.registry.root / STARTING).write_text(mark, encoding="utf-8")
    with kit(tmp_path) as it:
        assert it.registry.list() == ()


def test_ratings_that_turn_against_it_put_it_out_of_use(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        adapter = it.offered()
        it.adapters.use(adapter.id, it.bases.sha256)
        it.ratings += [_rating(it, "", liked=True) for _ in range(6)]
        it.ratings += [_rating(it, adapter.id, liked=False) for _ in range(3)]
        assert it.adapters.look_at_ratings(it.bases.sha256) is None
        it.ratings += [_rating(it, adapter.id, liked=False) for _ in range(4)]
        gone = it.adapters.look_at_ratings(it.bases.sha256)
        assert gone is not None and gone.id == adapter.id
        assert it.adapters.active(it.bases.sha256) is None


def test_enough_votes_promote_and_enough_against_reject(tmp_path: Path) -> None:
    with kit(tmp_path) as it:
        for better, state in ((True, "active"), (False, "resting")):
            adapter = it.offered()
            blind = BlindService(it.adapters, lambda _: it.bases.model, lambda: "")
            for number in range(7):
                pair = blind.pair(adapter.id, "Which?", CancelToken())
                left = candidate_is_left(adapter.id, number)
                result = blind.vote(pair, "left" if left is better else "right")
                assert blind.vote(pair, "left") == result  # a pair counts once
            assert result.tally.votes == 7
            assert it.registry.find(adapter.id).state == state


def test_what_a_damaged_database_knew_of_adapters_comes_back(tmp_path: Path) -> None:
    with kit(tmp_path / "damaged") as it:
        used, stale = it.offered(), it.offered()
        it.adapters.use(used.id, it.bases.sha256)
        it.registry.withdraw(("nothing",))
        it.registry.move(stale.id, "stale", "withdrawn")
    with kit(tmp_path / "backup"):
        pass
    salvage(*(places(tmp_path / name).database for name in ("damaged", "backup")))
    shutil.copytree(tmp_path / "damaged" / "adapters", tmp_path / "backup" / "adapters", dirs_exist_ok=True)
    with kit(tmp_path / "backup") as it:
        assert {each.id: each.state for each in it.registry.list()} == {used.id: "resting", stale.id: "stale"}
        assert it.registry.find(used.id).lineage.learned_from == ("f0000",)
        it.adapters.use(used.id, it.bases.sha256)


def _abilities(it: Kit) -> ModelAbilities:
    return ModelAbilities(
        name="Base",
        sha256=it.bases.sha256,
        architecture="scripted",
        context_tokens=1,
        sees_pictures=False,
        load_ms=0.0,
    )


def _rating(it: Kit, adapter: str, *, liked: bool) -> Rating:
    return Rating(
        id="r",
        conversation_id="c",
        answer_id="a",
        question="q",
        answer="a",
        created_at=0.0,
        changed_at=0.0,
        liked=liked,
        provenance=Provenance(model_sha256=it.bases.sha256, adapter=adapter),
    )
