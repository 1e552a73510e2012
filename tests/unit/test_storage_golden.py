"""Databases of every released schema open with the code of today, and hold what they held."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from desktop_app.domain.feedback import Pick, Rating, Signal
from desktop_app.paths import places
from desktop_app.services.history import History
from desktop_app.storage import Database, adapters, migrations, opinions, rules, trainings
from desktop_app.storage.connection import connect_frozen
from tests.data.golden import make
from tests.unit.storage_kit import ask, opened, texts

SCHEMAS = range(1, migrations.LATEST + 1)


def test_every_schema_has_a_golden_database() -> None:
    assert [make.golden(schema).name for schema in SCHEMAS] == [
        path.name for path in sorted(make.FOLDER.glob("schema_*.db"))
    ]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_golden_database_opens_and_reads(schema: int, tmp_path: Path) -> None:
    shutil.copyfile(make.golden(schema), places(tmp_path).database)
    with opened(tmp_path) as (history, database):
        assert database.warnings == ()
        (birds,) = history.conversations()
        assert birds.title == "Birds"
        question, answer, seen, cut = history.path(birds.id)
        assert (question.text, question.spoken) == ("Where do stonechats nest?", True)
        assert (answer.text, answer.sibling, answer.siblings) == ("In low bushes, close to the ground.", 1, 2)
        assert (answer.provenance, answer.timings, answer.stopped_by) == (make.PROVENANCE, make.TIMINGS, "end")
        assert seen.parts == (make.PICTURE, "What does the sign say?")
        assert (cut.text, cut.status) == ("The sign", "interrupted")
        assert history.picture(make.PICTURE.sha256) == make.PICTURE
        assert history.evidence(make.PICTURE.sha256, "golden reader") == make.EVIDENCE
        assert [hit.message_id for hit in history.search("bushes")] == [answer.id]
        if schema >= 2:
            _check_opinions(database, history, answer.id)
        if schema >= 3:
            _check_adapters(database)
        ask(history, birds.id, "It still grows.")
        assert texts(history, birds.id)[-1] == "It still grows."
        assert history.purge() == ()


def _check_opinions(database: Database, history: History, answer_id: str) -> None:
    with database.read() as connection:
        rating, pick, signal, imported = opinions.listing(connection)
        assert len(opinions.withdrawn(connection)) == 1
        kept, refused = rules.listing(connection)
    assert isinstance(rating, Rating)
    assert (rating.liked, rating.reasons, rating.comment) == (False, make.REASONS, "see page 3")
    assert (rating.better, rating.answer_id, rating.answer) == (make.BETTER, answer_id, history.message(answer_id).text)
    assert (rating.provenance, rating.timings) == (make.PROVENANCE, make.TIMINGS)
    assert isinstance(pick, Pick)
    assert (pick.answer_id, pick.worse) == (answer_id, "In trees.")
    assert isinstance(signal, Signal)
    assert signal.kind == "copied"
    assert (imported.imported, imported.question, imported.answer) == (True, "q", "a")
    assert (kept.text, kept.state, refused.key, refused.state) == (make.RULE, "accepted", "no_emoji", "refused")


def _check_adapters(database: Database) -> None:
    with database.read() as connection:
        training, stale, offered = adapters.listing(connection)
        assert [each.state for each in (training, stale, offered)] == ["candidate", "stale", "offered"]
        assert offered.lineage.learned_from == ("first",) and adapters.report(connection, offered.id) == make.VERDICT
        assert adapters.votes(connection, offered.id) == ("candidate",)
        (run,) = trainings.unfinished(connection)
        assert (run.adapter_id, run.removed) == (training.id, frozenset({"third"}))


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_migrated_database_has_the_schema_of_a_new_one(schema: int, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    shutil.copyfile(make.golden(schema), places(tmp_path / "old").database)
    found = []
    for name in ("old", "new"):
        with opened(tmp_path / name) as (_, database):
            pass
        with connect_frozen(database.path) as connection:
            assert migrations.version(connection) == migrations.LATEST
            found.append(set(connection.execute("select type, name, tbl_name, sql from sqlite_master")))
        connection.close()
    assert found[0] == found[1]
