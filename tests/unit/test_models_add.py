"""Adding a file of the person's: checked first, linked or copied, with its projector, never half."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from desktop_app.errors import AppError, Cancelled, UserCanFix
from desktop_app.ports import CancelToken
from desktop_app.services.model_import import Wanted
from desktop_app.services.model_library import ModelLibrary
from tests.unit import models_kit as kit
from tests.unit.gguf_kit import adapter, gguf, model_keys, projector


@pytest.fixture
def library(tmp_path: Path) -> ModelLibrary:
    return kit.library(kit.home(tmp_path / "home"))


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def code_of(library: ModelLibrary, wanted: Path | Wanted) -> str:
    with pytest.raises(AppError) as caught:
        library.add(wanted)
    assert caught.value.remedy
    assert [p.name for p in library.store.root.iterdir() if p.name != ".lock"] == []
    return caught.value.code


def test_a_model_is_added_under_a_name_made_of_the_files(library: ModelLibrary, downloads: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = put(downloads, "My Model (Q4).gguf", gguf())
    model = library.add(path, advance=lambda done, total: seen.append((done, total)))
    assert (model.id, model.title, model.licence, model.family) == ("my-model-q4", "Tiny", "apache-2.0", "llama")
    assert (model.role, model.added, model.context_tokens) == ("language", True, 128)
    assert model.sha256 == kit.digest(gguf()) and seen[-1] == (len(gguf()), len(gguf()))
    assert library.find("my-model-q4") == library.chosen("language") == model
    library.verify(model)
    path.unlink()
    library.verify(model)


def test_where_links_cannot_go_it_is_copied(
    library: ModelLibrary, downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Path, _target: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = put(downloads, "m.gguf", gguf())
    model = library.add(path)
    path.write_bytes(b"changed afterwards")
    library.verify(model)


def test_a_link_to_a_file_is_followed(library: ModelLibrary, downloads: Path) -> None:
    put(downloads, "blob", gguf())
    (downloads / "nice-name.gguf").symlink_to("blob")
    assert not Path(library.add(downloads / "nice-name.gguf").path).is_symlink()


def test_the_same_model_twice_is_one(library: ModelLibrary, downloads: Path) -> None:
    first = library.add(put(downloads, "a.gguf", gguf()))
    assert library.add(put(downloads, "b.gguf", gguf())) == first
    assert len(library.installed()) == 1


def test_another_model_of_the_same_name_gets_a_number(library: ModelLibrary, downloads: Path) -> None:
    library.add(put(downloads, "a.gguf", gguf()))
    assert library.add(put(downloads, "a.gguf", gguf(model_keys(general__name="Other")))).id == "a-2"


def test_a_model_of_the_catalog_is_recognised(tmp_path: Path, downloads: Path) -> None:
    spec = kit.spec("known", kit.file("known.gguf", gguf()))
    library = kit.library(kit.home(tmp_path / "home"), None, spec)
    model = library.add(put(downloads, "whatever.gguf", gguf()))
    assert (model.id, model.added, Path(model.path).name) == ("known", False, "known.gguf")
    assert [step.stage for step in library.fetch(["known"], CancelToken())] == ["ready"]


def test_what_the_file_claims_is_shown_as_short_plain_text(library: ModelLibrary, downloads: Path) -> None:
    name = "Evil\x1b[2J\u202e\n<b>name</b>" + "x" * 500
    model = library.add(put(downloads, "m.gguf", gguf(model_keys(general__name=name))))
    assert model.title.isprintable() and len(model.title) <= 80


def test_a_projector_beside_comes_along_when_it_fits(library: ModelLibrary, downloads: Path) -> None:
    put(downloads, "mmproj-wide.gguf", projector(width=99))
    put(downloads, "mmproj-broken.gguf", b"GGUF")
    put(downloads, "mmproj-right.gguf", projector(width=8))
    model = library.add(put(downloads, "m.gguf", gguf()))
    assert Path(model.projector_path).name == "mmproj-right.gguf"
    library.verify(model)


def test_a_projector_alone_joins_the_model_it_fits(library: ModelLibrary, downloads: Path) -> None:
    model = library.add(put(downloads, "m.gguf", gguf()))
    seeing = library.add(put(downloads, "m2.gguf", projector(width=8)))
    assert (seeing.id, Path(seeing.projector_path).name) == (model.id, "mmproj-m2.gguf")
    assert seeing.sha256 == model.sha256
    library.verify(seeing)


def test_a_projector_named_like_the_model_does_not_replace_it(library: ModelLibrary, downloads: Path) -> None:
    model = library.add(put(downloads, "mmproj-m.gguf", gguf()))
    (downloads / "other").mkdir()
    seeing = library.add(put(downloads / "other", "mmproj-m.gguf", projector(width=8)))
    assert seeing.path == model.path and seeing.projector_path != model.path
    library.verify(seeing)


def test_what_cannot_run_is_refused_before_it_is_taken(library: ModelLibrary, downloads: Path) -> None:
    assert code_of(library, downloads / "gone.gguf") == "models.no_file"
    assert code_of(library, downloads) == "models.no_file"
    assert code_of(library, put(downloads, "empty.gguf", b"")) == "models.cut_off"
    assert code_of(library, put(downloads, "photo.gguf", b"\x89PNG" + bytes(99))) == "models.bad_file"
    assert code_of(library, put(downloads, "lora.gguf", adapter())) == "models.is_adapter"
    assert code_of(library, put(downloads, "eyes.gguf", projector(width=99))) == "models.projector_alone"
    assert code_of(library, put(downloads, "part.gguf", gguf(model_keys(split__count=3)))) == "models.in_parts"


def test_a_full_disk_and_a_cancel_leave_nothing(
    library: ModelLibrary, downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(downloads, "m.gguf", gguf())
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        library.add(path, cancel=cancel)
    assert library.installed() == ()
    monkeypatch.setattr(Path, "hardlink_to", lambda _self, _target: (_ for _ in ()).throw(OSError(18, "no links")))
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 10**9, 0))
    assert code_of(library, path) == "disk.full"


def test_left_where_it_is_or_copied_as_wanted(library: ModelLibrary, downloads: Path) -> None:
    path = put(downloads, "m.gguf", gguf())
    model = library.add(Wanted(path=path, place="in_place"))
    assert Path(model.path).is_symlink() and Path(model.path).resolve() == path
    library.verify(model)
    library.remove(model.id)
    assert path.read_bytes() == gguf()
    copied = Path(library.add(Wanted(path=path, place="copy")).path)
    assert not copied.is_symlink() and not copied.samefile(path)


def test_a_file_that_goes_away_is_no_model_until_it_is_back(library: ModelLibrary, downloads: Path) -> None:
    """A drive that is unplugged."""
    path = put(downloads, "m.gguf", gguf())
    model = library.add(Wanted(path=path, place="in_place"))
    path.rename(downloads / "elsewhere")
    assert library.installed() == ()
    with pytest.raises(AppError) as caught:
        library.verify(model)
    assert caught.value.code == "models.not_found" and caught.value.remedy
    (downloads / "elsewhere").rename(path)
    library.verify(model)


def test_a_named_projector_must_belong_to_the_model(library: ModelLibrary, downloads: Path) -> None:
    path = put(downloads, "m.gguf", gguf())
    wide, other = put(downloads, "wide.gguf", projector(width=99)), put(downloads, "x.gguf", gguf())
    assert code_of(library, Wanted(path=path, projector=wide)) == "models.other_projector"
    assert code_of(library, Wanted(path=path, projector=other)) == "models.other_projector"
    of_another_family = put(downloads, "qwen.gguf", projector(width=8, kind="qwen2.5vl_merger"))
    assert code_of(library, Wanted(path=path, projector=of_another_family)) == "models.other_projector"
    right = put(downloads, "right.gguf", projector(width=8))
    seeing = library.add(Wanted(path=right, projector=path))  # in whichever order they come
    assert Path(seeing.projector_path).name == "mmproj-right.gguf"


def test_nothing_is_offered_that_did_not_run(downloads: Path, tmp_path: Path) -> None:
    tried: list[tuple[str, str]] = []

    def trial(model: Path, eyes: Path | None, _cancel: CancelToken) -> None:
        tried.append((model.name, eyes.name if eyes else ""))
        assert model.is_file() and (eyes is None or eyes.is_file())
        raise UserCanFix("models.trial_failed", "It does not run.", remedy="Choose another one.")

    library = kit.library(kit.home(tmp_path / "home"), trial=trial)
    put(downloads, "mmproj.gguf", projector(width=8))
    assert code_of(library, put(downloads, "m.gguf", gguf())) == "models.trial_failed"
    assert tried == [("m.gguf", "mmproj.gguf")]


NAMES = [
    "a b.gguf",
    "  .gguf",
    "模型 – ü.gguf",
    "..gguf",
    "-rf.gguf",
    "CON.gguf",
    "a'\"$(x);`y`.gguf",
    "x" * 200 + ".gguf",
]


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_are_taken(name: str, library: ModelLibrary, downloads: Path) -> None:
    model = library.add(put(downloads, name, gguf()))
    assert Path(model.path).parent.parent == library.store.root and library.find(model.id) == model
    library.verify(model)
    library.remove(model.id)
    assert library.installed() == ()


def test_a_way_out_of_the_folder_is_just_a_path(library: ModelLibrary, downloads: Path) -> None:
    put(downloads, "m.gguf", gguf())
    model = library.add(downloads / ".." / "downloads" / "m.gguf")
    assert (model.id, Path(model.path).parent.parent) == ("m", library.store.root)
    for id_ in ("../m", "..", "m/../../x", "/etc"):
        with pytest.raises(AppError):
            library.remove(id_)
