"""How long a practised person would take, by the keystroke-level model (Card, Moran and Newell, 1980).

Only good for comparing designs: it is about 20 % off for expert work without errors. The times of the operators are
those of `facts`: K for an average non-secretary typist, B for a press or a release, M once for each decision.
"""

from __future__ import annotations

from collections.abc import Sequence

from usability_tests.scenario import Step

SECONDS = {"K": 0.28, "P": 1.10, "B": 0.10, "H": 0.40, "M": 1.35}
_KEYBOARD = ("press", "type")
_ENDINGS = ("Enter", "Ctrl+Enter")


def operators(steps: Sequence[Step]) -> tuple[str, ...]:
    """The operators of the steps, waiting left out. Hands begin where the first step needs them.

    M stands before each step, except where the step before it has already decided it: words into the field that was
    just chosen, the key that sends them, an entry of the menu that was just opened.
    """
    doing = [step for step in steps if step.counts]
    written: list[str] = []
    before: Step | None = None
    for step in doing:
        if before is not None and _by_keys(before) != _by_keys(step):
            written.append("H")
        if not _foreseen(step, before):
            written.append("M")
        written.extend(_body(step))
        before = step
    return tuple(written)


def seconds(written: Sequence[str]) -> float:
    return round(sum(SECONDS[one] for one in written), 2)


def keys_of(what: str) -> tuple[str, int]:
    """("Ctrl+K", 1) of "Ctrl+K", ("Tab", 3) of "Tab x3"."""
    keys, _, times = what.partition(" x")
    return keys, int(times or 1)


def _by_keys(step: Step) -> bool:
    return step.verb in _KEYBOARD


def _foreseen(step: Step, before: Step | None) -> bool:
    if before is None:
        return False
    if step.verb == "type":
        return before.verb in ("click", "press")
    if step.verb == "press" and keys_of(step.what)[0] in _ENDINGS:
        return before.verb == "type"
    return before.verb == "hover"


def _body(step: Step) -> tuple[str, ...]:
    if step.verb == "click":
        return ("P", "B", "B")
    if step.verb == "hover":
        return ("P",)
    if step.verb == "type":
        return tuple("K" for letter in step.what for _ in range(2 if letter.isupper() else 1))
    keys, times = keys_of(step.what)
    return ("K",) * (len(keys.split("+")) * times)
