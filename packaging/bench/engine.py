"""The model child: against llama-cpp-python in this process, follow-ups, cancelling, pictures."""

from __future__ import annotations

import base64
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from figures import Figure, at_least, at_most, plain

PAIRS = 20
TOKENS = 48
TURNS = 50
WORDS = "List five things that a person can do on a rainy day, each in one short sentence."
SMALL, DEFAULT = "smollm2-135m", "qwen2.5-coder-0.5b"


@dataclass(frozen=True, kw_only=True)
class Answered:
    first_token_ms: float
    tokens_per_second: float
    text: str
    reused: int


def model_path(model_id: str = SMALL) -> str:
    from desktop_app.paths import places

    return str(next((places().models / model_id).glob("*.gguf")))


def hosted(**options):
    from desktop_app.engines.host import EngineHost
    from desktop_app.engines.hosted import HostedLanguageModel

    options = {"model_path": model_path(), "context_tokens": 8192, "threads": 2, **options}
    return HostedLanguageModel(EngineHost("language model", "desktop_app.engines.llama:LlamaModel", options))


def ask(model, messages, *, tokens=TOKENS, key="", files=None) -> Answered:
    from desktop_app.domain.generation import GenerationEnded, ModelRequest, Sampling, TextDelta
    from desktop_app.ports import CancelToken

    sampling = Sampling(temperature=0, max_tokens=tokens)
    request = ModelRequest(messages=messages, sampling=sampling, cache_key=key, picture_files=files or {})
    started, first, text, ended = time.perf_counter(), 0.0, "", None
    for event in model.stream(request, CancelToken()):
        if isinstance(event, TextDelta):
            first = first or time.perf_counter()
            text += event.text
        if isinstance(event, GenerationEnded):
            ended = event
    over = time.perf_counter()
    first = first or over
    speed = (ended.tokens - 1) / (over - first) if ended.tokens > 1 else 0.0
    return Answered(
        first_token_ms=(first - started) * 1000, tokens_per_second=speed, text=text, reused=ended.reused_tokens
    )


def against_raw() -> Iterator[Figure]:
    """Alternating pairs of the same question, once to llama-cpp-python here, once to our child."""
    import llama_cpp

    from desktop_app.domain.chat_templates import chatml
    from desktop_app.domain.messages import said

    raw = llama_cpp.Llama(model_path(), n_ctx=8192, n_threads=2, n_threads_batch=2, verbose=False)
    ours = hosted()
    ours.load()

    def ask_raw(number: int) -> tuple[float, float]:
        prompt = chatml([("user", f"{number}. {WORDS}")])
        started, first, count = time.perf_counter(), 0.0, 0
        for _ in raw.create_completion(prompt, max_tokens=TOKENS, temperature=0, stream=True):
            count += 1
            first = first or time.perf_counter()
        return (first - started) * 1000, (count - 1) / (time.perf_counter() - first)

    def ask_ours(number: int) -> tuple[float, float]:
        got = ask(ours, (said("user", f"{number}. {WORDS}"),))
        return got.first_token_ms, got.tokens_per_second

    pairs = []
    for number in range(-2, PAIRS):
        order = (("raw", ask_raw), ("ours", ask_ours))[:: 1 if number % 2 else -1]
        both = {name: asked(number) for name, asked in order}
        if number >= 0:  # the first two warm both up
            pairs.append(both)
    ours.close()
    raw.close()
    yield plain("first token, llama-cpp-python in one process", [pair["raw"][0] for pair in pairs], "ms")
    later = [pair["ours"][0] - pair["raw"][0] for pair in pairs]
    yield at_most("first token later than that", later, 10, "ms")
    yield plain("tokens/s, llama-cpp-python in one process", [pair["raw"][1] for pair in pairs], "tokens/s")
    yield at_least("tokens/s of ours to that", [pair["ours"][1] / pair["raw"][1] for pair in pairs], 0.97, "ratio")


def follow_up() -> Iterator[Figure]:
    """The last turns of a conversation of fifty against the second turn of as many new ones, for both models."""
    for model_id in (DEFAULT, SMALL):
        yield from _follow_up(model_id)


def _follow_up(model_id: str) -> Iterator[Figure]:
    from desktop_app.domain.messages import said

    model = hosted(model_path=model_path(model_id))
    model.load()
    ask(model, (said("user", "Hello"),), tokens=12)
    long, late = [said("system", "Answer in one short sentence.")], []
    for turn in range(1, TURNS + 1):
        long.append(said("user", f"What is {turn} plus {turn}?"))
        got = ask(model, tuple(long), tokens=12, key="long")
        long.append(said("assistant", got.text))
        if turn > TURNS - 5:
            late.append(got.first_token_ms)
    second = []
    for number in range(5):
        short = [said("system", "Answer in one short sentence.")]
        for turn in (1, 2):
            short.append(said("user", f"What is {turn} plus {number}?"))
            got = ask(model, tuple(short), tokens=12, key=f"short {number}")
            short.append(said("assistant", got.text))
        second.append(got.first_token_ms)
    back = ask(model, (*long, said("user", "Thank you.")), tokens=2, key="long")
    model.close()
    yield plain(f"{model_id}: first token of a second turn", second, "ms")
    ratios = [one / statistics.median(second) for one in late]
    yield at_most(f"{model_id}: turns {TURNS - 4} to {TURNS} to that", ratios, 1.5, "ratio")
    yield plain(f"{model_id}: back in that conversation", [back.first_token_ms], "ms")


def cancelling() -> Iterator[Figure]:
    """From `cancel` to the end of the stream, in the middle of a prompt of 3,000 tokens."""
    from desktop_app.domain.generation import ModelRequest
    from desktop_app.domain.messages import said
    from desktop_app.ports import CancelToken

    model = hosted()
    model.load()
    took = []
    for number in range(5):
        cancel, at = CancelToken(), []

        def stop(cancel=cancel, at=at) -> None:
            at.append(time.perf_counter())
            cancel.cancel()

        request = ModelRequest(messages=(said("user", f"{number} " + "word " * 3000),))
        stream = model.stream(request, cancel)
        next(stream)
        threading.Timer(0.2, stop).start()
        list(stream)
        took.append((time.perf_counter() - at[0]) * 1000)
    model.close()
    yield at_most("cancel in a prompt of 3,000 tokens (worst of 5)", took, 100, "ms", max)


def picture_follow_up() -> Iterator[Figure]:
    """A second question about a picture: ours against `MTMDChatHandler`, same model, same (random) projector."""
    import llama_cpp
    from llama_cpp.llama_chat_format import MTMDChatHandler
    from PIL import Image

    from desktop_app.domain.messages import Picture, said
    from tests.fakes.projector import random_projector

    class ChatMl(MTMDChatHandler):
        """The same template as ours, for messages whose content is a list of parts."""

        def _get_chat_template(self, _) -> str:
            return (
                "{% for m in messages %}<|im_start|>{{ m.role }}\n"
                "{% if m.content is string %}{{ m.content }}"
                "{% else %}{{ m.content | map(attribute='text') | join('\n') }}{% endif %}<|im_end|>\n"
                "{% endfor %}{{ '<|im_start|>assistant\n' }}"
            )

    with tempfile.TemporaryDirectory() as folder:
        eyes = random_projector(Path(folder) / "mmproj.gguf", image=336, patch=14, hidden=512, layers=12, heads=8)
        file = Path(folder) / "picture.png"
        Image.effect_noise((336, 336), 80).convert("RGB").save(file)
        url = "data:image/png;base64," + base64.b64encode(file.read_bytes()).decode()
        picture = Picture(sha256="a" * 64, width=336, height=336)
        ours = hosted(projector_path=str(eyes))
        theirs = llama_cpp.Llama(
            model_path(),
            chat_handler=ChatMl(str(eyes), verbose=False),
            n_ctx=8192,
            n_threads=2,
            n_threads_batch=2,
            verbose=False,
        )

        def ask_ours(question: str, answer: str) -> float:
            history = (said("user", "What is this?", (picture,)), said("assistant", answer), said("user", question))
            return ask(ours, history, tokens=2, key="one", files={picture.sha256: str(file)}).first_token_ms

        def ask_theirs(question: str, answer: str) -> float:
            parts = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What is this?"}]
            messages = [
                {"role": "user", "content": parts},
                {"role": "assistant", "content": answer},
                {"role": "user", "content": question},
            ]
            started = time.perf_counter()
            stream = theirs.create_chat_completion(messages, max_tokens=2, temperature=0, stream=True)
            for piece in stream:
                if piece["choices"][0]["delta"].get("content"):
                    break
            return (time.perf_counter() - started) * 1000

        first = ask(
            ours, (said("user", "What is this?", (picture,)),), tokens=2, key="one", files={picture.sha256: str(file)}
        )
        ask_theirs("First?", "A picture.")
        pairs = [(ask_ours(f"Colour {n}?", "A picture."), ask_theirs(f"Colour {n}?", "A picture.")) for n in range(5)]
        ours.close()
        theirs.close()
    yield plain("a picture of 576 tokens, first question, ours", [first.first_token_ms], "ms")
    yield plain("follow-up, MTMDChatHandler", [theirs for _, theirs in pairs], "ms")
    yield plain("follow-up, ours", [ours for ours, _ in pairs], "ms")
    yield at_least("follow-up: times faster to the first token", [b / a for a, b in pairs], 10, "ratio")
