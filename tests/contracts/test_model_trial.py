"""A model file is run once in a child that is thrown away: whatever it does there, it is a sentence here."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desktop_app.engines.llama_trial import try_model
from desktop_app.errors import Cancelled, UserCanFix
from desktop_app.ports import CancelToken
from tests.unit.gguf_kit import gguf

ENDLESS = (
    b"{{ 9 ** (9 ** (9 ** 9)) }}{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    b"{{ 'a' * 9999999999 }}"
)
pytestmark = pytest.mark.slow


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "m.gguf"
    path.write_bytes(gguf())
    return path


def code_of(path: Path, engine: str = "", **options: float) -> str:
    more = {"factory": f"tests.fakes.trial:{engine}"} if engine else {}
    with pytest.raises(UserCanFix) as caught:
        try_model(path, None, CancelToken(), **more, **options)  # type: ignore[arg-type]
    assert caught.value.remedy
    return caught.value.code


def test_a_crash_an_endless_load_and_nonsense_are_the_same_sentence(file: Path) -> None:
    assert code_of(file, "Crashing") == "models.trial_failed"
    assert code_of(file, "Endless", least_s=3) == "models.trial_failed"
    try_model(file, None, CancelToken(), factory="tests.fakes.trial:Fine")


def test_the_person_can_stop_it(file: Path) -> None:
    cancel = CancelToken()
    threading.Timer(0.5, cancel.cancel).start()
    with pytest.raises(Cancelled):
        try_model(file, None, cancel, factory="tests.fakes.trial:Endless")


@pytest.mark.models
def test_a_file_that_passes_the_look_at_its_head_but_holds_no_model_is_refused(file: Path) -> None:
    assert code_of(file) == "models.trial_failed"


@pytest.mark.models
def test_a_real_model_runs_and_one_of_broken_numbers_does_not(model_store: Path, tmp_path: Path) -> None:
    real = next((model_store / "smollm2-135m").glob("*.gguf"))
    try_model(real, None, CancelToken())
    data = bytearray(real.read_bytes())
    data[len(data) // 2 :] = b"\xff" * (len(data) - len(data) // 2)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(data)
    assert code_of(broken) == "models.trial_failed"


@pytest.mark.models
def test_a_hostile_template_is_never_compiled_beside_the_model(model_store: Path, tmp_path: Path) -> None:
    """Jinja computes constants while it compiles: this one would keep the model from ever being loaded."""
    data = next((model_store / "smollm2-135m").glob("*.gguf")).read_bytes()
    key = data.index(b"tokenizer.chat_template") + len(b"tokenizer.chat_template") + 4
    length = int.from_bytes(data[key : key + 8], "little")
    assert len(ENDLESS) + 4 <= length
    padded = ENDLESS + b"{#" + b" " * (length - len(ENDLESS) - 4) + b"#}"
    hostile = tmp_path / "hostile.gguf"
    hostile.write_bytes(data[: key + 8] + padded + data[key + 8 + length :])
    try_model(hostile, None, CancelToken())


@pytest.mark.models
def test_a_model_whose_file_goes_away_still_answers(model_store: Path, tmp_path: Path) -> None:
    from desktop_app.domain.generation import ModelRequest, Sampling, TextDelta
    from desktop_app.domain.messages import said
    from desktop_app.engines.llama import LlamaModel

    path = tmp_path / "m.gguf"
    path.write_bytes(next((model_store / "smollm2-135m").glob("*.gguf")).read_bytes())
    model = LlamaModel(str(path), context_tokens=512)
    request = ModelRequest(messages=(said("user", "Hello"),), sampling=Sampling(temperature=0, max_tokens=8))
    try:
        model.load()
        path.unlink()
        events = list(model.stream(request, CancelToken()))
        assert any(isinstance(event, TextDelta) for event in events)
        model.close()
        with pytest.raises(UserCanFix) as caught:
            model.load()
        assert caught.value.code == "models.not_loaded"
    finally:
        model.close()
