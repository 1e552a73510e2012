"""Rules about a person that every answer should follow, as pure values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RULE_CHARACTERS = 200
RULE_TOKENS = 160
"""What all rules together may cost in a prompt."""
CHARACTERS_PER_TOKEN = 3.5

RuleState = Literal["accepted", "refused"]
RULES_HEADING = "The person wants every answer to follow these rules:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`key` names the proposal that it came from, "" for one that the person wrote.

    A refused one is kept so that it is not proposed again.
    """

    id: str
    text: str
    created_at: float
    key: str = ""
    state: RuleState = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A rule that opinions speak for. `opinions` are the ids of those that do; `against` counts those that do not."""

    key: str
    text: str
    opinions: tuple[str, ...]
    against: int = 0


def tokens_of(text: str) -> int:
    """About how many tokens a text takes; rather too many."""
    return int(len(text) / CHARACTERS_PER_TOKEN) + 1


def within_budget(rules: tuple[Rule, ...], budget: int = RULE_TOKENS) -> tuple[Rule, ...]:
    """The accepted rules that fit, oldest first."""
    kept, spent = [], tokens_of(RULES_HEADING)
    for rule in rules:
        cost = tokens_of(rule.text) + 1
        if rule.state == "accepted" and spent + cost <= budget:
            kept.append(rule)
            spent += cost
    return tuple(kept)


def told(instructions: str, rules: tuple[Rule, ...]) -> str:
    """The instructions with the rules below them."""
    if not rules:
        return instructions
    listed = "\n".join(f"- {rule.text}" for rule in rules)
    return f"{instructions}\n\n{RULES_HEADING}\n{listed}".lstrip()
