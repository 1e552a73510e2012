"""What a language model promises: kept by the scripted one, and by llama.cpp, in this process and in a child."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.generation import GenerationEnded, ModelRequest, PromptProgress, Sampling, TextDelta
from desktop_app.domain.messages import said
from desktop_app.engines.host import EngineHost
from desktop_app.engines.hosted import HostedLanguageModel
from desktop_app.engines.scripted import CRASH, ScriptedModel
from desktop_app.errors import EngineCrashed, UserCanFix
from desktop_app.ports import CancelToken, LanguageModel

QUESTION = (said("system", "You are helpful."), said("user", "Name three fruits."))
CALM = Sampling(temperature=0, max_tokens=12)


def smallest(store: Path) -> str:
    return str(next((store / "smollm2-135m").glob("*.gguf")))


def scripted_host() -> EngineHost:
    return EngineHost("scripted model", "desktop_app.engines.scripted:ScriptedModel", {"says": ("One", " two", ".")})


@pytest.fixture(
    params=[
        "scripted",
        pytest.param("hosted scripted", marks=pytest.mark.slow),
        pytest.param("llama", marks=[pytest.mark.models, pytest.mark.slow]),
        pytest.param("hosted llama", marks=[pytest.mark.models, pytest.mark.slow]),
    ]
)
def model(request: pytest.FixtureRequest) -> Iterator[LanguageModel]:
    made: LanguageModel
    if request.param == "scripted":
        made = ScriptedModel(says=("One", " two", "."))
    elif request.param == "hosted scripted":
        made = HostedLanguageModel(scripted_host())
    else:
        path = smallest(request.getfixturevalue("model_store"))
        if request.param == "llama":
            from desktop_app.engines.llama import LlamaModel

            made = LlamaModel(path, context_tokens=2048)
        else:
            host = EngineHost(
                "language model", "desktop_app.engines.llama:LlamaModel", {"model_path": path, "context_tokens": 2048}
            )
            made = HostedLanguageModel(host)
    yield made
    made.close()


def test_a_stream_is_progress_then_text_then_one_end(model: LanguageModel) -> None:
    events = list(model.stream(ModelRequest(messages=QUESTION, sampling=CALM), CancelToken()))
    kinds = [type(event) for event in events]
    assert kinds[0] is PromptProgress
    assert kinds.count(GenerationEnded) == 1
    ended = events[-1]
    assert isinstance(ended, GenerationEnded)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)).strip()
    assert ended.prompt_tokens == model.count_tokens(ModelRequest(messages=QUESTION))
    assert 0 < ended.tokens <= CALM.max_tokens


def test_a_cancelled_stream_ends_as_stopped_by_the_person(model: LanguageModel) -> None:
    cancel = CancelToken()
    cancel.cancel()
    events = list(model.stream(ModelRequest(messages=QUESTION, sampling=CALM), cancel))
    assert isinstance(events[-1], GenerationEnded)
    assert events[-1].stopped_by == "person"


def test_a_likelier_answer_scores_higher(model: LanguageModel) -> None:
    request = ModelRequest(messages=QUESTION)
    likely, unlikely = (model.score(request, text) for text in ("One two three.", "Xqzzkw jjvvpqxtt wwzzkqxxv."))
    assert likely.tokens > 0
    assert likely.log_prob > unlikely.log_prob
    assert all(each <= 0 for each in likely.token_log_probs)
    assert model.score(ModelRequest(messages=()), "One two three four.").perplexity > 1


def test_without_an_adapter_nothing_has_moved(model: LanguageModel) -> None:
    model.use_adapter("")
    assert model.divergence(ModelRequest(messages=QUESTION), "One two three.") == 0


def test_an_adapter_that_is_not_there_is_a_sentence_and_changes_nothing(model: LanguageModel, tmp_path: Path) -> None:
    before = model.score(ModelRequest(messages=QUESTION), "One two three.")
    with pytest.raises(UserCanFix) as failed:
        model.use_adapter(str(tmp_path / "gone.gguf"))
    assert failed.value.code == "adapter.unreadable"
    assert model.score(ModelRequest(messages=QUESTION), "One two three.") == before


def test_it_can_be_closed_and_used_again(model: LanguageModel) -> None:
    model.close()
    assert model.load().context_tokens >= 2048


@pytest.mark.models
@pytest.mark.slow
def test_a_follow_up_reads_only_what_is_new(model_store: Path) -> None:
    from desktop_app.engines.llama import LlamaModel

    model = LlamaModel(smallest(model_store), context_tokens=2048)
    first = list(model.stream(ModelRequest(messages=QUESTION, sampling=CALM, cache_key="a"), CancelToken()))
    answer = "".join(event.text for event in first if isinstance(event, TextDelta))
    longer = (*QUESTION, said("assistant", answer), said("user", "And three vegetables?"))
    other = ModelRequest(messages=(said("user", "Hello"),), sampling=CALM, cache_key="b")
    list(model.stream(other, CancelToken()))
    ended = list(model.stream(ModelRequest(messages=longer, sampling=CALM, cache_key="a"), CancelToken()))[-1]
    model.close()
    assert isinstance(ended, GenerationEnded)
    assert ended.reused_tokens >= model_tokens(first) - 2


def model_tokens(events: list[object]) -> int:
    ended = events[-1]
    assert isinstance(ended, GenerationEnded)
    return ended.prompt_tokens


@pytest.mark.models
@pytest.mark.slow
def test_cancel_reaches_a_long_prompt(model_store: Path) -> None:
    options = {"model_path": smallest(model_store), "context_tokens": 8192}
    model = HostedLanguageModel(EngineHost("language model", "desktop_app.engines.llama:LlamaModel", options))
    cancel = CancelToken()
    long = ModelRequest(messages=(said("user", "word " * 6000),))
    stopped_at: list[float] = []

    def stop() -> None:
        stopped_at.append(time.monotonic())
        cancel.cancel()

    events = model.stream(long, cancel)
    assert isinstance(next(events), PromptProgress)
    threading.Timer(0.3, stop).start()
    last = list(events)[-1]
    after = time.monotonic() - stopped_at[0]
    model.close()
    assert isinstance(last, GenerationEnded)
    assert last.stopped_by == "person"
    assert after < 2.0  # the bound that a hang breaks; the measured time stands in the bench


@pytest.mark.models
@pytest.mark.slow
def test_a_prompt_that_is_too_long_is_a_sentence(model_store: Path) -> None:
    from desktop_app.engines.llama import LlamaModel

    model = LlamaModel(smallest(model_store), context_tokens=512)
    with pytest.raises(UserCanFix) as failed:
        list(model.stream(ModelRequest(messages=(said("user", "word " * 2000),)), CancelToken()))
    model.close()
    assert failed.value.code == "chat.too_long"


def test_a_file_that_is_no_model_is_a_sentence(tmp_path: Path) -> None:
    from desktop_app.engines.llama import LlamaModel

    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 100)
    with pytest.raises(UserCanFix) as failed:
        LlamaModel(str(broken)).load()
    assert failed.value.code == "models.not_loaded"


@pytest.mark.slow
def test_a_child_that_dies_is_an_engine_crash_and_the_next_call_works() -> None:
    host = EngineHost("scripted model", "desktop_app.engines.scripted:ScriptedModel", {"says": ("One", CRASH)})
    model = HostedLanguageModel(host)
    with pytest.raises(EngineCrashed) as crashed:
        list(model.stream(ModelRequest(messages=QUESTION), CancelToken()))
    assert crashed.value.code == "engine.crashed"
    assert model.load().architecture == "scripted"
    model.close()
    assert not host.running


@pytest.mark.slow
def test_leaving_a_stream_early_leaves_the_engine_usable() -> None:
    model = HostedLanguageModel(scripted_host())
    stream = model.stream(ModelRequest(messages=QUESTION), CancelToken())
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert model.count_tokens(ModelRequest(messages=QUESTION)) > 0
    model.close()


@pytest.mark.models
@pytest.mark.slow
@pytest.mark.parametrize("model_id", ["smollm2-135m", "qwen2.5-coder-0.5b"])
def test_turns_tokenized_one_by_one_are_those_of_the_whole_prompt(model_store: Path, model_id: str) -> None:
    from desktop_app.domain.chat_templates import chatml
    from desktop_app.engines.llama import LlamaModel

    texts = ["You are helpful.", "  Hi\n\nthere ", "\n- one\n", "日本 🐦 a<b>c", "", "tail\n"]
    roles = ("system", "user", "assistant", "user", "assistant", "user")
    model = LlamaModel(str(next((model_store / model_id).glob("*.gguf"))), context_tokens=512)
    model.load()
    turns = list(zip(roles, texts, strict=True))
    whole = model._llama.tokenize(chatml(turns).encode(), add_bos=False, special=True)
    assert model._prompt.cells([said(role, text) for role, text in turns], {}) == list(whole)  # type: ignore[arg-type]
    model.close()


@pytest.mark.models
@pytest.mark.slow
def test_a_file_s_own_template_writes_what_the_vetted_one_would(model_store: Path, tmp_path: Path) -> None:
    """The template of a family we do not know, here ChatML in disguise, put in the place of the file's own."""
    from desktop_app.engines.llama import LlamaModel

    disguised = (
        b"{% for m in messages %}{{ '<|im' ~ '_start|>' ~ m.role }}\n{{ m.content }}{{ '<|im' ~ '_end|>' }}\n"
        b"{% endfor %}{% if add_generation_prompt %}{{ '<|im' ~ '_start|>assistant\n' }}{% endif %}"
    )
    data = Path(smallest(model_store)).read_bytes()
    key = data.index(b"tokenizer.chat_template") + len(b"tokenizer.chat_template") + 4
    length = int.from_bytes(data[key : key + 8], "little")
    changed = tmp_path / "stranger.gguf"
    padded = disguised + b"{#" + b" " * (length - len(disguised) - 4) + b"#}"
    changed.write_bytes(data[: key + 8] + padded + data[key + 8 + length :])
    request = ModelRequest(messages=(*QUESTION, said("assistant", "A"), said("user", "<|im_end|> <|endoftext|>")))
    vetted, own = LlamaModel(smallest(model_store)), LlamaModel(str(changed))
    try:
        assert (vetted.load().template, own.load().template) == ("chatml", "own")
        assert own._prompt.cells(request.messages, {}) == vetted._prompt.cells(request.messages, {})
    finally:
        vetted.close()
        own.close()
