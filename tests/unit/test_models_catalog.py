"""The catalog that ships: every entry whole, every model with a card, and the rules that its readers rely on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desktop_app.domain.model_specs import ModelSpec
from desktop_app.engines import unpacking
from desktop_app.errors import Bug
from desktop_app.paths import model_data, resources
from desktop_app.services.model_catalog import load_catalog
from desktop_app.services.own_models import own_eyes

CATALOG = load_catalog()
SHA256 = re.compile(r"[0-9a-f]{64}")


@pytest.mark.parametrize("spec", CATALOG, ids=lambda spec: spec.id)
def test_every_entry_is_whole(spec: ModelSpec) -> None:
    assert re.fullmatch(r"[a-z0-9.-]+", spec.id)
    assert spec.title and spec.family and spec.licence and spec.origin and spec.summary
    assert spec.ram_bytes >= spec.bytes or spec.role == "hearing"
    assert spec.role != "language" or spec.context_tokens
    assert (spec.shape is not None) == (spec.role == "language")
    assert spec.projector in ("", *(file.name for file in spec.files[1:]))
    assert bool(spec.series) == bool(spec.size)
    for file in spec.files:
        assert file.bytes and bool(file.sources) != bool(file.hub)
        assert SHA256.fullmatch(file.sha256) or file.hub
        assert Path(file.name).name == file.name
        assert not file.convert or file.convert in unpacking.CONVERTERS
        for source in file.sources:
            assert SHA256.fullmatch(source.sha256) and source.bytes and source.version


@pytest.mark.parametrize("spec", CATALOG, ids=lambda spec: spec.id)
def test_every_entry_has_a_card_that_names_its_licence_and_limits(spec: ModelSpec) -> None:
    card = (model_data() / "cards" / spec.card).read_text(encoding="utf-8")
    assert card.startswith(f"# {spec.title}\n")
    assert spec.licence in card and "**Known limits:**" in card
    assert spec.pinned or "first download" in card


def test_no_card_is_left_over() -> None:
    cards = {spec.card for spec in CATALOG} | {eyes.card for eyes in own_eyes()}
    assert {path.name for path in (model_data() / "cards").glob("*.md")} == cards


def test_ids_are_unique_and_every_needed_role_has_a_starter() -> None:
    assert len({spec.id for spec in CATALOG}) == len(CATALOG)
    assert {spec.role for spec in CATALOG if spec.starter == "always"} == {"language", "hearing", "voice", "labels"}


def test_there_is_a_name_for_each_class() -> None:
    names = (resources() / "labels" / "imagenet1k.txt").read_text(encoding="utf-8").splitlines()
    assert len(names) == len(set(names)) == 1000
    assert (names[281], names[967]) == ("tabby", "espresso")


@pytest.mark.parametrize("text", ["", "model = 3", "[[model]]\nid = 'x'", "not toml"])
def test_a_broken_catalog_is_our_fault(text: str, tmp_path: Path) -> None:
    (tmp_path / "catalog.toml").write_text(text)
    with pytest.raises(Bug) as caught:
        load_catalog(tmp_path / "catalog.toml")
    assert caught.value.code == "models.bad_catalog"
