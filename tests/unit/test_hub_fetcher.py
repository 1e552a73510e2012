"""The fetcher of the model hub, against a hub on this machine that behaves as badly as it can."""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.model_specs import HubSource, ModelFile, ModelSpec
from desktop_app.engines.downloader import Downloader
from desktop_app.engines.hub_fetcher import HubFetcher
from desktop_app.errors import AppError, Cancelled
from desktop_app.ports import CancelToken
from tests.fakes.hub import Hub, hub_with
from tests.unit import models_kit as kit

pytestmark = pytest.mark.slow
DATA = random.Random(7).randbytes(3_000_000)
SUM = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with hub_with({"some/model/weights q4.gguf": DATA}) as made:
        monkeypatch.setenv("HF_ENDPOINT", made.address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        made.files["some/model/weights.gguf"] = DATA
        yield made


def spec(sha256: str = SUM, path: str = "weights.gguf") -> ModelSpec:
    file = ModelFile(name="model.gguf", bytes=len(DATA), sha256=sha256, hub=HubSource(repo="some/model", path=path))
    return ModelSpec(
        id="m", role="language", title="M", family="f", licence="MIT", origin="o", files=(file,), ram_bytes=1
    )


def fetch(folder: Path, wanted: ModelSpec, cancel: CancelToken | None = None) -> list[int]:
    return [step.done for step in HubFetcher(folder / "cache").fetch(wanted, folder, cancel or CancelToken())]


def test_a_file_arrives_under_its_name_and_nothing_is_left(hub: Hub, tmp_path: Path) -> None:
    done = fetch(tmp_path, spec())
    assert (tmp_path / "model.gguf").read_bytes() == DATA
    assert done == sorted(done) and done[-1] == len(DATA)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_file_that_is_there_causes_no_traffic(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(DATA)
    fetch(tmp_path, spec())
    assert not hub.asked


def test_a_connection_that_breaks_again_and_again_costs_few_bytes(hub: Hub, tmp_path: Path) -> None:
    hub.drop_after = 1_000_000
    fetch(tmp_path, spec())
    assert (tmp_path / "model.gguf").read_bytes() == DATA
    assert hub.sent <= len(DATA) * 1.02


def test_a_server_without_ranges_still_gives_the_right_file(hub: Hub, tmp_path: Path) -> None:
    hub.ignores_ranges = True
    fetch(tmp_path, spec())
    assert (tmp_path / "model.gguf").read_bytes() == DATA


@pytest.mark.parametrize(
    ("behaviour", "sha256", "code"),
    [
        ({"damage": True}, SUM, "models.hash_mismatch"),
        ({"damage": True}, "", "models.hash_mismatch"),
        ({"wrong_etag": True}, SUM, "models.hash_mismatch"),
        ({"status": 404}, SUM, "models.gone"),
        ({"status": 403}, SUM, "models.closed"),
    ],
)
def test_what_is_not_the_file_is_refused(
    behaviour: dict[str, object], sha256: str, code: str, hub: Hub, tmp_path: Path
) -> None:
    for name, value in behaviour.items():
        setattr(hub, name, value)
    with pytest.raises(AppError) as caught:
        fetch(tmp_path, spec(sha256))
    assert caught.value.code == code
    assert not (tmp_path / "model.gguf").exists()


def test_a_cancelled_download_goes_on_where_it_was(hub: Hub, tmp_path: Path) -> None:
    hub.drop_after = 1_000_000
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        for step in HubFetcher(tmp_path / "cache").fetch(spec(), tmp_path, cancel):
            if step.done:
                cancel.cancel()
    hub.drop_after = 0
    fetch(tmp_path, spec())
    assert (tmp_path / "model.gguf").read_bytes() == DATA
    assert hub.sent < 2 * len(DATA)


def test_names_with_spaces_are_asked_for_as_they_are(hub: Hub, tmp_path: Path) -> None:
    fetch(tmp_path, spec(path="weights q4.gguf"))
    assert (tmp_path / "model.gguf").read_bytes() == DATA


def test_the_proxy_of_the_person_is_used(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, hub.address)
    fetch(tmp_path, spec())
    assert (tmp_path / "model.gguf").read_bytes() == DATA
    assert any("http://hub.invalid/" in asked for asked in hub.asked)


def test_a_disk_that_fills_up_in_the_middle_is_a_sentence_and_the_next_time_goes_on(hub: Hub, tmp_path: Path) -> None:
    child = tmp_path / "child.py"
    child.write_text(
        "import json, pathlib, sys\n"
        "part = pathlib.Path(sys.argv[1]) / 'x.incomplete'\n"
        "part.write_bytes(bytes(1000))\n"
        "print(json.dumps({'event': 'progress', 'done': 1000}))\n"
        "print(json.dumps({'event': 'failed', 'kind': 'full', 'detail': 'No space left on device'}))\n"
    )
    full = HubFetcher(tmp_path / "cache", (sys.executable, str(child)))
    with pytest.raises(AppError) as caught:
        list(full.fetch(spec(), tmp_path, CancelToken()))
    assert caught.value.code == "disk.full" and caught.value.remedy
    assert not (tmp_path / "model.gguf").exists()
    fetch(tmp_path, spec())
    assert (tmp_path / "model.gguf").read_bytes() == DATA


def test_an_entry_without_a_sum_keeps_the_first_one_it_was_given(hub: Hub, tmp_path: Path) -> None:
    fetcher = Downloader(tmp_path / "cache", hub=HubFetcher(tmp_path / "hub"))
    library = kit.library(kit.home(tmp_path / "home"), fetcher, spec(sha256=""))
    assert [step.stage for step in library.fetch(["m"], CancelToken())][-1] == "ready"
    assert library.find("m").sha256 == SUM
    library.remove("m")
    hub.files["some/model/weights.gguf"] = DATA[::-1]
    with pytest.raises(AppError) as caught:
        list(library.fetch(["m"], CancelToken()))
    assert caught.value.code == "models.hash_mismatch" and library.installed() == ()


@pytest.mark.parametrize("path", ["../weights.gguf", "a/../../weights.gguf", "/etc/passwd"])
def test_a_path_out_of_the_repository_writes_nothing_outside(path: str, hub: Hub, tmp_path: Path) -> None:
    inside = tmp_path / "models" / "m"
    before = set(tmp_path.rglob("*"))
    with pytest.raises(AppError):
        list(HubFetcher(tmp_path / "models" / "cache").fetch(spec(path=path), inside, CancelToken()))
    written = set(tmp_path.rglob("*")) - before
    assert all(each.is_relative_to(tmp_path / "models") for each in written)
    assert not (inside / "model.gguf").exists()
