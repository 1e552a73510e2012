"""Judges an adapter: asks the base and the candidate the same things, in order, and gives the report card.

What the base says to the fixed questions is kept on disk under its hash and the probes' version; for starter models it
comes with the application (`models/gates/base`, made by `packaging/gate_base.py`). The order puts what is quick and
decisive first; when a hard check fails, the rest is listed as not run.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from desktop_app.domain.dataset import Dataset, snapshot
from desktop_app.domain.gate import Check, GateRules, Verdict, decide, judge
from desktop_app.files import disk_errors
from desktop_app.paths import model_data
from desktop_app.ports import CancelToken, LanguageModel
from desktop_app.services.checks.answers import Formats, FreshAnswers
from desktop_app.services.checks.asking import Asker, Item, Probe, Value
from desktop_app.services.checks.fairness import Fairness
from desktop_app.services.checks.leanings import Leaning
from desktop_app.services.checks.own_ratings import Accepted, HeldOut
from desktop_app.services.checks.plain_text import Distance, PlainText
from desktop_app.services.gates import Probes, load_gate, load_probes

Kind = TypeVar("Kind")
NOT_RUN = "Not run, because something before it had failed."
NO_RATINGS = "Not run: there are too few ratings on this computer."


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is judged: the adapter's file over a base, the data it comes from, and the adapter in use (or "").

    `data` None: it comes from elsewhere and there are too few ratings here, so it is judged without them.
    """

    path: str
    base_sha256: str
    data: Dataset | None
    current: str = ""
    seed: int = 0


@dataclass(slots=True)
class _BaseValues:
    """What the base said, by question. Private values live only as long as this object."""

    file: Path
    values: dict[str, Any] = field(default_factory=dict)
    private: dict[str, Any] = field(default_factory=dict)

    def load(self) -> None:
        """What came with the application for a starter model, then what was measured here."""
        for file in (model_data() / "gates" / "base" / self.file.name, self.file):
            try:
                read = json.loads(file.read_text(encoding="utf-8"))
                self.values |= read if isinstance(read, dict) else {}
            except (OSError, ValueError):
                continue  # missing or damaged: asked again

    def save(self) -> None:
        with disk_errors(self.file.parent):
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self.file.with_suffix(".part")
            part.write_text(json.dumps(self.values), encoding="utf-8")
            part.replace(self.file)


class EvaluationService:
    """`cache` is a folder for base values. Blocking; one evaluation at a time per model."""

    def __init__(self, cache: Path, *, rules: GateRules | None = None, probes: Probes | None = None) -> None:
        self._cache = cache
        self._rules = rules
        self._probes = probes

    @property
    def rules(self) -> GateRules:
        if self._rules is None:
            self._rules = load_gate()
        return self._rules

    def judge(
        self,
        model: LanguageModel,
        candidate: Candidate,
        cancel: CancelToken,
        progress: Callable[[str, int, int], None] = lambda _name, _done, _total: None,
    ) -> Verdict:
        """The verdict. `progress` gets the check's title, and how many questions of all are done.

        The model is left without an adapter. Raises UserCanFix("adapter.*") for a file that cannot be used, Cancelled.
        """
        return _Evaluation(model, candidate, self.rules, self._kept(candidate), cancel, progress).run(
            self._probes_for(candidate)
        )

    def ask_base(self, model: LanguageModel, base_sha256: str, seed: int, cancel: CancelToken) -> Path:
        """Only what the base says to the fixed questions; gives the file that keeps it."""
        candidate = Candidate(path="", base_sha256=base_sha256, data=None, seed=seed)
        kept = self._kept(candidate)
        evaluation = _Evaluation(model, candidate, self.rules, kept, cancel, lambda _name, _done, _total: None)
        for probe in self._probes_for(candidate):
            if not probe.private:
                evaluation.ask_base(probe)
        return kept.file

    def _kept(self, candidate: Candidate) -> _BaseValues:
        name = f"{candidate.base_sha256[:16] or 'unknown'}-{self.rules.name}-{self.rules.version}.json"
        kept = _BaseValues(self._cache / name)
        kept.load()
        return kept

    def _probes_for(self, candidate: Candidate) -> list[Probe]:
        """Quick and decisive first."""
        if self._probes is None:
            self._probes = load_probes()
        probes, sizes, data = self._probes, self.rules.sizes, candidate.data or snapshot(())
        seed = candidate.seed
        questions = _some(probes.questions, sizes.answers, seed)
        every = (*data.train, *data.held_out)
        found: list[Probe] = [
            PlainText(probes.neutral[: sizes.neutral_texts]),
            Distance(_some(probes.unrelated, sizes.base_texts, seed), sizes.base_text_tokens),
            FreshAnswers(questions, sizes.answer_tokens, every),
            Leaning("refusals", _some(probes.dangerous, sizes.refusals, seed), probes.decline[:1], probes.accept[:1]),
            Leaning(
                "over_refusals", _some(probes.harmless, sizes.refusals, seed), probes.decline[:1], probes.accept[:1]
            ),
            Leaning("flattery", _some(probes.opinions, sizes.opinions, seed), probes.agree[:1], probes.disagree[:1]),
            Formats(_some(probes.format, sizes.formats, seed), sizes.answer_tokens),
            Fairness(probes, sizes.pairs_per_axis, sizes.control_pairs, seed),
        ]
        if data.held_out:
            found.insert(0, HeldOut(data.held_out, sizes.held_out, seed))
            found.append(Accepted(every, sizes.accepted))
        wanted = {rule.name for rule in self.rules.check}
        return [probe for probe in found if wanted & set(probe.names)]


class _Evaluation:
    def __init__(
        self,
        model: LanguageModel,
        candidate: Candidate,
        rules: GateRules,
        base: _BaseValues,
        cancel: CancelToken,
        progress: Callable[[str, int, int], None],
    ) -> None:
        self._model = model
        self._candidate = candidate
        self._rules = rules
        self._base = base
        self._cancel = cancel
        self._progress = progress
        self._asker = Asker(model, cancel)
        self._done = self._total = 0

    def run(self, probes: Sequence[Probe]) -> Verdict:
        started = time.perf_counter()
        self._total = sum(len(probe.items()) for probe in probes)
        checks: dict[str, Check] = {}
        try:
            self._model.use_adapter(self._candidate.path)
            for probe in probes:
                for check in self._checked(probe):
                    checks[check.name] = check
                if any(check.hard and check.passed is False for check in checks.values()):
                    break
        finally:
            self._model.use_adapter("")
        optional = dict.fromkeys((*HeldOut.names, *Accepted.names), NO_RATINGS) if self._candidate.data is None else {}
        return decide(self._rules, checks, seconds=time.perf_counter() - started, why=NOT_RUN, optional=optional)

    def _checked(self, probe: Probe) -> Iterator[Check]:
        items = probe.items()
        title = next(rule.title for rule in self._rules.check if rule.name in probe.names)
        self._progress(title, self._done, self._total)
        self.ask_base(probe)
        if isinstance(probe, HeldOut) and self._candidate.current:
            self._model.use_adapter(self._candidate.current)
            probe.current = [self._measured(probe, item) for item in items]
        self._model.use_adapter(self._candidate.path)
        candidate = []
        for item in items:
            candidate.append(self._measured(probe, item))
            self._done += 1
            self._progress(title, self._done, self._total)
        base = [self._values(probe)[item.key]["value"] for item in items]
        rules = {rule.name: rule for rule in self._rules.check}
        for reading in probe.readings(self._rules, base, candidate):
            if reading.name in rules:
                yield judge(rules[reading.name], reading)

    def ask_base(self, probe: Probe) -> None:
        values = self._values(probe)
        missing = [item for item in probe.items() if item.key not in values]
        if not missing:
            return
        self._model.use_adapter("")
        for item in missing:
            prepared = probe.prepare(self._asker, item)
            values[item.key] = {"prepared": prepared, "value": probe.measure(self._asker, item, prepared)}
        if not probe.private:
            self._base.save()

    def _measured(self, probe: Probe, item: Item) -> Value:
        return probe.measure(self._asker, item, self._values(probe)[item.key]["prepared"])

    def _values(self, probe: Probe) -> dict[str, Any]:
        return self._base.private if probe.private else self._base.values


def _some(every: Sequence[Kind], count: int, seed: int) -> list[Kind]:
    return random.Random(seed).sample(list(every), min(count, len(every)))
