"""The project's own test eyes: small, whole, said to be what they are, and never offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.domain.model_headers import OWN_KEY
from desktop_app.domain.model_specs import InstalledModel, OwnEyes
from desktop_app.engines.gguf_header import read_header
from desktop_app.errors import Bug, UserCanFix
from desktop_app.files import sha256_of
from desktop_app.paths import model_data
from desktop_app.services import own_models
from desktop_app.services.model_catalog import load_catalog
from desktop_app.services.own_models import own_eyes, own_folder, with_test_eyes
from tests.unit import models_kit as kit

SMALL = InstalledModel(
    id="smollm2-135m", role="language", title="Small", path="m.gguf", sha256="", bytes=1, projector_path="mine.gguf"
)


@pytest.mark.parametrize("eyes", own_eyes(), ids=lambda eyes: eyes.language)
def test_each_file_is_what_the_list_says(eyes: OwnEyes) -> None:
    path = own_folder() / eyes.file
    assert path.stat().st_size == eyes.bytes <= 8_000_000
    assert sha256_of(path) == eyes.sha256
    header = read_header(path)
    assert (header.kind, header.own, header.licence) == ("projector", True, "GPL-3.0-or-later")
    assert eyes.language in {spec.id for spec in load_catalog()}


def test_the_card_says_plainly_what_they_are() -> None:
    for card in {eyes.card for eyes in own_eyes()}:
        text = (model_data() / "cards" / card).read_text(encoding="utf-8")
        assert "not for photographs" in text and "never offers" in text
        assert "GPL-3.0-or-later" in text and "**Known limits:**" in text


def test_nobody_is_offered_them(tmp_path: Path) -> None:
    names = {eyes.id for eyes in own_eyes()}
    assert not names & {spec.id for spec in load_catalog()}
    library = kit.library(kit.home(tmp_path))
    for eyes in own_eyes():
        with pytest.raises(UserCanFix) as refused:
            library.add(own_folder() / eyes.file)
        assert refused.value.code == "models.test_eyes"


def test_they_take_the_place_of_a_models_eyes() -> None:
    assert Path(with_test_eyes(SMALL).projector_path).parent == own_folder()
    other = InstalledModel(id="other", role="language", title="Other", path="", sha256="", bytes=1)
    with pytest.raises(UserCanFix) as refused:
        with_test_eyes(other)
    assert refused.value.code == "models.no_test_eyes"


def test_a_changed_file_is_our_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.toml").write_bytes((own_folder() / "own.toml").read_bytes())
    monkeypatch.setattr(own_models, "own_folder", lambda: tmp_path)
    (tmp_path / own_eyes(tmp_path)[0].file).write_bytes(b"something else")
    with pytest.raises(Bug) as caught:
        with_test_eyes(SMALL)
    assert caught.value.code == "models.bad_own"
    assert OWN_KEY == "stonechat.own"
