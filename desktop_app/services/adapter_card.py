"""An adapter in words, for the person and for an export: report card, model card, manifest. No text of the person's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from desktop_app.domain.adapters import Adapter
from desktop_app.domain.gate import Check, Verdict

FORMAT = 1


def check_object(check: Check) -> dict[str, Any]:
    """What `--json` prints of one line of the report card."""
    return {
        "name": check.name,
        "title": check.title,
        "value": check.value,
        "base": check.base,
        "bound": list(check.bound),
        "passed": check.passed,
        "words": check.words,
        "reason": check.reason,
    }


def report_object(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": verdict.outcome,
        "gate": verdict.gate,
        "gate_version": verdict.gate_version,
        "seconds": round(verdict.seconds, 2),
        "checks": [check_object(check) for check in verdict.checks],
    }


def report_json(verdict: Verdict) -> str:
    return json.dumps(report_object(verdict), indent=2)


def report_lines(verdict: Verdict) -> list[str]:
    """The report card for a terminal."""
    lines = []
    for check in verdict.checks:
        mark = {True: "ok  ", False: "NO  ", None: "-   "}[check.passed]
        numbers = "" if check.value is None else f"  ({_numbers(check)})"
        lines.append(f"{mark}{check.title}: {check.words}{numbers}")
    return lines


def manifest(adapter: Adapter) -> str:
    """What a program needs to know. How many ratings, not which."""
    made = adapter.lineage
    return json.dumps(
        {
            "format": FORMAT,
            "id": adapter.id,
            "sha256": adapter.sha256,
            "base_sha256": made.base_sha256,
            "base_name": made.base_name,
            "recipe": made.recipe,
            "seed": made.seed,
            "code_version": made.code_version,
            "learned_from": len(made.learned_from),
            "judged_on": len(made.judged_on),
            "created_at": adapter.created_at,
        },
        indent=2,
    )


def card(adapter: Adapter, verdict: Verdict) -> str:
    made = adapter.lineage
    day = datetime.fromtimestamp(adapter.created_at, tz=UTC).date().isoformat()
    passed = sum(bool(check.passed) for check in verdict.checks)
    return "\n".join(
        (
            f"# Personal adapter {adapter.id}",
            "",
            f"A low-rank change (LoRA) to {made.base_name or 'a language model'}, made on {day} on one person's",
            f"computer from {len(made.learned_from)} of that person's ratings. It fits this one file only:",
            f"SHA-256 {made.base_sha256}.",
            "",
            "- Meant for: the person whose ratings it was made from.",
            "- Not meant for: anybody else; it carries a person's taste, and possibly traces of what was rated.",
            f"- Made by: Stonechat {made.code_version}, recipe {made.recipe}, seed {made.seed}.",
            f"- Checks: {passed} of {len(verdict.checks)} passed ({verdict.gate}, version {verdict.gate_version}).",
            "- Limits: the checks are small and in English; they notice changes better than they judge a model.",
            "",
            *(f"    {line}" for line in report_lines(verdict)),
            "",
        )
    )


def _numbers(check: Check) -> str:
    low, high = check.bound
    parts = [f"{check.value:.3g}"]
    if check.base is not None:
        parts.append(f"base {check.base:.3g}")
    if low is not None:
        parts.append(f"at least {low:.3g}")
    if high is not None:
        parts.append(f"at most {high:.3g}")
    return ", ".join(parts)
