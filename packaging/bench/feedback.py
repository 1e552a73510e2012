"""What rules and examples cost: the time to the first token with them, against the same questions without.

Beside it, what decides that time: how many tokens of the prompt had to be read after the question was sent.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from figures import Figure, at_most, plain

ROUNDS = 6
MODELS = ("smollm2-135m", "qwen2.5-coder-0.5b")
RULES = ("Keep answers short: one or two sentences.", "Use metric units only.", "Never use emoji.")
LIKED = (
    ("How do I make a good cup of tea?", "Boil fresh water, pour it over the leaves, wait four minutes and serve."),
    ("How do I clean a bicycle?", "Wash it with soap and water, dry it, then put a little oil on the chain."),
    ("How do I boil an egg?", "Put it into boiling water for eight minutes, then cool it under the tap."),
    ("How do I paint a wall?", "Cover the floor, paint the edges with a brush, then the rest with a roller."),
)
ASKED = (
    "How do I make a pot of green tea?",
    "How do I clean an old bicycle chain?",
    "How do I boil six eggs at once?",
    "How do I paint the wall of a kitchen?",
    "How do I make tea for ten people?",
    "How do I clean a bicycle without water?",
)
THEN = "And what do I need for that?"


@dataclass(frozen=True, kw_only=True)
class Begun:
    """How an answer began. `read_tokens`: what the cache did not hold."""

    first_token_ms: float
    read_tokens: int


CASES = ("typed", "sent at once", "follow-up")


def learned() -> Iterator[Figure]:
    for model_id in MODELS:
        with tempfile.TemporaryDirectory() as folder:
            yield from _against_plain(model_id, Path(folder))


def _against_plain(model_id: str, folder: Path) -> Iterator[Figure]:
    with_all, without = _services(model_id, folder / "with"), _services(model_id, folder / "without")
    try:
        for question, answer in LIKED:
            _like(with_all, question, answer)
        for rule in RULES:
            with_all.learned.add(rule)
        took: dict[str, list[tuple[Begun, Begun]]] = {case: [] for case in CASES}
        for number in range(-1, ROUNDS):
            pair = [_round(services, number) for services in (with_all, without)[:: 1 if number % 2 else -1]]
            ours, plain_ = pair[:: 1 if number % 2 else -1]
            if number >= 0:  # the first one warms both up
                for case in CASES:
                    took[case].append((ours[case], plain_[case]))
    finally:
        with_all.close()
        without.close()
    for case in CASES:
        nothing = [off.first_token_ms for _, off in took[case]]
        yield plain(f"{model_id}: first token, {case}, nothing learned", nothing, "ms")
        later = [on.first_token_ms / off.first_token_ms for on, off in took[case]]
        yield at_most(f"{model_id}: with rules and examples to that", later, 1.25, "ratio")
        for name, which in (("nothing learned", 1), ("with rules and examples", 0)):
            read = [float(pair[which].read_tokens) for pair in took[case]]
            yield plain(f"{model_id}: tokens read, {case}, {name}", read, "tokens")


def _services(model_id: str, home: Path):
    import dataclasses

    from desktop_app.app import build
    from desktop_app.paths import places

    where = dataclasses.replace(places(home).create(), models=places().models)
    services = build(where)
    services.preferences.change(language_model=model_id, threads=1)
    return services


def _like(services, question: str, answer: str) -> None:
    from desktop_app.domain.conversations import Provenance
    from desktop_app.domain.events import Timings

    history = services.history
    begun = history.begin_answer(
        history.add_question(history.create().id, None, (question,)).id, provenance=Provenance()
    )
    history.finish_answer(
        begun.id, "That depends.", status="done", stopped_by="end", provenance=Provenance(), timings=Timings()
    )
    services.feedback.rate(begun.id, better=answer)


def _round(services, number: int) -> dict[str, Begun]:
    """Each case, in new conversations."""
    from desktop_app.ports import CancelToken

    question = ASKED[number % len(ASKED)]
    for share in (0.4, 0.7):
        services.chat.foresee(question[: int(len(question) * share)], conversation_id=None, cancel=CancelToken())
    typed, conversation_id = _ask(services, question, None)
    follow_up, _ = _ask(services, THEN, conversation_id)
    at_once, _ = _ask(services, ASKED[(number + 1) % len(ASKED)], None)
    return {"typed": typed, "follow-up": follow_up, "sent at once": at_once}


def _ask(services, text: str, conversation_id: str | None) -> tuple[Begun, str]:
    from desktop_app.domain.events import TurnFinished, TurnStarted
    from desktop_app.ports import CancelToken
    from desktop_app.services.chat import AskOptions

    options = AskOptions(temperature=0.0, seed=1, max_tokens=12)
    begun, ended = "", None
    for event in services.chat.ask(text, conversation_id=conversation_id, options=options, cancel=CancelToken()):
        if isinstance(event, TurnStarted):
            begun = event.conversation_id
        if isinstance(event, TurnFinished):
            ended = event.timings
    if ended is None or ended.first_token_ms is None:
        raise SystemExit(f"{text}: no answer")
    read = (ended.prompt_tokens or 0) - (ended.reused_tokens or 0)
    return Begun(first_token_ms=ended.first_token_ms, read_tokens=read), begun
