"""What may be recorded about the use of the application: metrics with typed extras, and nothing that is not listed.

No extra can hold free text: a word must be one of the words that the metric declares. `resources/metrics.yaml` is the
list; `services/metrics_file.py` reads it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

ExtraType = Literal["enum", "int", "float", "bool"]
Kind = Literal["event", "duration"]
Sensitivity = Literal["technical", "interaction", "opinion"]
Value = str | int | float | None
MOST_EXTRAS = 5
_NAME = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
_WORD = re.compile(r"[a-z0-9][a-z0-9_.]{0,31}")
_FIELDS = ("kind", "about", "purpose", "sensitivity", "owner", "expires")


class NotRecorded(ValueError):
    """The event is not as the registry says; nothing of it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """One detail of an event. Numbers outside `least`..`most` are brought to the nearer bound."""

    name: str
    type: ExtraType
    about: str
    choices: tuple[str, ...] = ()
    least: float = 0
    most: float = 1

    @property
    def is_word(self) -> bool:
        """One of a few, by which events can be told apart."""
        return self.type in ("enum", "bool")

    def fit(self, value: object) -> Value:
        """`value` as it may be kept. Raises NotRecorded."""
        if value is None:
            return None
        if self.type == "enum":
            if isinstance(value, str) and value in self.choices:
                return value
        elif self.type == "bool":
            if isinstance(value, bool):
                return int(value)
        elif isinstance(value, int | float) and not isinstance(value, bool) and value == value:
            bounded = min(max(value, self.least), self.most)
            return round(bounded) if self.type == "int" else float(bounded)
        raise NotRecorded(f"{self.name} cannot be kept as {self.type}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One thing that is counted. `measure` names the extra of a duration whose daily total is kept."""

    name: str
    kind: Kind
    about: str
    purpose: str
    sensitivity: Sensitivity
    owner: str
    expires: date
    extras: tuple[Extra, ...] = ()
    measure: str = ""
    surveys_only: bool = False

    def row(self, values: Mapping[str, object]) -> tuple[Value, ...]:
        """The extras in their declared order, None for those that are not given. Raises NotRecorded."""
        if unknown := values.keys() - {extra.name for extra in self.extras}:
            raise NotRecorded(f"{self.name} has no {min(unknown)}")
        return tuple(extra.fit(values.get(extra.name)) for extra in self.extras)

    def label(self, row: tuple[Value, ...]) -> str:
        """The words of a row, by which its daily counter is told from the others; "-" for one that was not given."""
        told = (value for extra, value in zip(self.extras, row, strict=True) if extra.is_word)
        return "/".join("-" if value is None else str(value) for value in told)

    def words_of(self, label: str) -> dict[str, str]:
        """What `label` was made from, by extra; empty where the metric has changed since."""
        names = [extra.name for extra in self.extras if extra.is_word]
        words = label.split("/") if names else []
        return dict(zip(names, words, strict=True)) if len(words) == len(names) else {}

    def measured(self, row: tuple[Value, ...]) -> float:
        """What a row adds to the day's total."""
        found = (value for extra, value in zip(self.extras, row, strict=True) if extra.name == self.measure)
        value = next(found, None)
        return float(value) if isinstance(value, int | float) else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Everything that a person is told about it, as JSON can hold it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "about": self.about,
            "purpose": self.purpose,
            "sensitivity": self.sensitivity,
            "owner": self.owner,
            "expires": self.expires.isoformat(),
            "measure": self.measure,
            "surveys_only": self.surveys_only,
            "extras": [_extra_as_dict(extra) for extra in self.extras],
        }

    @property
    def fingerprint(self) -> str:
        """Changes with everything that a consent is about; who answers for the metric is not part of that."""
        told = {key: value for key, value in self.as_dict().items() if key != "owner"}
        return _sha256(told)


@dataclass(frozen=True, slots=True)
class Registry:
    """Every metric by its name."""

    metrics: dict[str, Metric]

    @property
    def fingerprints(self) -> dict[str, str]:
        return {name: metric.fingerprint for name, metric in self.metrics.items()}

    @property
    def fingerprint(self) -> str:
        return _sha256(self.fingerprints)


def parse_registry(raw: Any) -> Registry:
    """The registry in a parsed file. Raises ValueError: the file is ours, a broken one is a bug."""
    types = {name: tuple(words) for name, words in raw["types"].items()}
    metrics = {name: _metric(name, body, types) for name, body in raw["metrics"].items()}
    return Registry(metrics)


def _metric(name: str, body: Mapping[str, Any], types: Mapping[str, tuple[str, ...]]) -> Metric:
    _must(_NAME.fullmatch(name), name, "is no name of the form area.object_happened")
    for field in _FIELDS:
        _must(body.get(field), name, f"lacks {field}")
    _must(not body.keys() - {*_FIELDS, "extras", "measure", "surveys_only"}, name, "has fields that nobody knows")
    _must(body["kind"] in get_args(Kind), name, "has an unknown kind")
    _must(body["sensitivity"] in get_args(Sensitivity), name, "has an unknown sensitivity")
    _must(isinstance(body["expires"], date), name, "must expire on a date")
    extras = tuple(_extra(name, extra, told, types) for extra, told in (body.get("extras") or {}).items())
    _must(len(extras) <= MOST_EXTRAS, name, f"has more than {MOST_EXTRAS} extras")
    measure = body.get("measure", "")
    numbers = {extra.name for extra in extras if extra.type in ("int", "float")}
    _must((measure in numbers) == (body["kind"] == "duration"), name, "measures a number if it is a duration")
    return Metric(
        name=name,
        extras=extras,
        measure=measure,
        surveys_only=bool(body.get("surveys_only", False)),
        **{field: body[field] for field in _FIELDS},
    )


def _extra(metric: str, name: str, told: Mapping[str, Any], types: Mapping[str, tuple[str, ...]]) -> Extra:
    where = f"{metric}: {name}"
    _must(told.get("type") in get_args(ExtraType), where, "has a type that is not enum, int, float or bool")
    _must(told.get("about"), where, "is not explained")
    choices: tuple[str, ...] = ()
    if told["type"] == "enum":
        choices = types[told["of"]]
        _must(choices and all(_WORD.fullmatch(str(word)) for word in choices), where, "has words that are none")
        _must(len(set(choices)) == len(choices), where, "has a word twice")
    elif told["type"] in ("int", "float"):
        _must(told["from"] < told["to"], where, "has no room between its bounds")
    return Extra(
        name=name,
        type=told["type"],
        about=told["about"],
        choices=choices,
        least=told.get("from", 0),
        most=told.get("to", 1),
    )


def _extra_as_dict(extra: Extra) -> dict[str, Any]:
    told: dict[str, Any] = {"name": extra.name, "type": extra.type, "about": extra.about}
    if extra.type == "enum":
        return {**told, "choices": list(extra.choices)}
    return told if extra.type == "bool" else {**told, "from": extra.least, "to": extra.most}


def _must(holds: object, where: str, what: str) -> None:
    if not holds:
        raise ValueError(f"{where} {what}")


def _sha256(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
