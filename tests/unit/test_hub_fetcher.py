"""The fetcher of the model hub, against a hub on this machine that behaves as badly as it can."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.model_specs import HubSource, ModelFile, ModelSpec
from desktop_app.engines.hub_fetcher import HubFetcher
from desktop_app.errors import AppError, Cancelled
from desktop_app.ports import CancelToken
from tests.fakes.hub import Hub, hub_with

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
