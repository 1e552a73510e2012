"""Panels that open under an answer: why it is what it is, and what the picture reader found."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from desktop_app.domain.conversations import StoredMessage
from desktop_app.domain.pictures import Evidence
from desktop_app.ui.chat.prose import PlainView
from desktop_app.ui.chat.shown_text import number, seconds, shown
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import label

Fact = tuple[str, str]
TEXT_LINES_AT_MOST = 30


class FactsPanel(QFrame):
    """Names and values in two columns. Every value is plain text and can be selected."""

    def __init__(self, title: str, facts: tuple[Fact, ...], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "facts")
        self.setAccessibleName(title)
        grid = QGridLayout(self)
        grid.setContentsMargins(*(theme.space(4),) * 4)
        grid.setHorizontalSpacing(theme.space(5))
        grid.setVerticalSpacing(theme.space(2))
        grid.setColumnStretch(1, 1)
        grid.addWidget(label(title, kind="strong"), 0, 0, 1, 2)
        for row, (name, value) in enumerate(facts, start=1):
            grid.addWidget(label(name, "meta"), row, 0, Qt.AlignmentFlag.AlignTop)
            made = PlainView(theme, shown(value), "small", self)
            made.setAccessibleName(name)
            grid.addWidget(made, row, 1)


def why_facts(message: StoredMessage) -> tuple[Fact, ...]:
    """What made an answer, in the words of the window. What is not known is left out."""
    made, took = message.provenance, message.timings
    facts = (
        (_tr("Model"), shown(made.model, limit=120)),
        (_tr("File's SHA-256"), made.model_sha256),
        (_tr("Adapter"), shown(made.adapter, limit=120)),
        (_tr("Seed"), "" if made.seed is None else str(made.seed)),
        (_tr("Temperature"), "" if made.temperature is None else number(made.temperature, 2)),
        (_tr("Prompt"), _prompt(message)),
        (_tr("Pictures"), _pictures(made.seen_by)),
        (_tr("Your rules"), "\n".join(made.rules)),
        (_tr("Answers you liked"), _counted(made.examples, _tr("{count} shown to the model as examples"))),
        (_tr("Answers you rewrote"), _counted(made.rewritten, _tr("{count} read as you wrote them"))),
        (_tr("Loading the model"), "" if not took.load_ms else seconds(took.load_ms)),
        (_tr("Time to first token"), "" if took.first_token_ms is None else seconds(took.first_token_ms)),
        (_tr("Whole answer"), _whole(message)),
        (_tr("Ended because"), _ending(message)),
    )
    return tuple((name, value) for name, value in facts if value)


def _prompt(message: StoredMessage) -> str:
    tokens = message.timings.prompt_tokens or message.provenance.prompt_tokens
    if tokens is None:
        return ""
    parts = [_tr("{count} tokens").format(count=number(tokens))]
    if message.timings.reused_tokens:
        parts.append(_tr("{count} of them remembered").format(count=number(message.timings.reused_tokens)))
    if message.provenance.context_tokens:
        parts.append(_tr("room for {count}").format(count=number(message.provenance.context_tokens)))
    return ", ".join(parts)


def _counted(ids: tuple[str, ...], words: str) -> str:
    return words.format(count=number(len(ids))) if ids else ""


def _pictures(seen_by: str) -> str:
    return {
        "model": _tr("seen by the model itself"),
        "reader": _tr("seen through the picture reader, not by the model"),
    }.get(seen_by, "")


def _whole(message: StoredMessage) -> str:
    took = message.timings
    parts = []
    if took.tokens is not None:
        parts.append(_tr("{count} tokens").format(count=number(took.tokens)))
    if took.total_ms is not None:
        parts.append(seconds(took.total_ms))
    if took.tokens_per_second:
        parts.append(_tr("{speed} tokens/s").format(speed=number(took.tokens_per_second, 1)))
    return ", ".join(parts)


def _ending(message: StoredMessage) -> str:
    return {
        "end": _tr("it was finished"),
        "length": _tr("it reached the longest length set"),
        "person": _tr("you stopped it"),
        "context": _tr("the model's memory was full"),
        "error": _tr("something went wrong"),
    }.get(message.stopped_by or "", "")


def evidence_facts(evidence: Evidence) -> tuple[Fact, ...]:
    """What the picture reader found: size, text with its confidence, labels, colours."""
    text = "\n".join(f"{line.text}  ({_percent(line.confidence)})" for line in evidence.text[:TEXT_LINES_AT_MOST])
    if len(evidence.text) > TEXT_LINES_AT_MOST:
        text += "\n" + _tr("and {count} more lines").format(count=number(len(evidence.text) - TEXT_LINES_AT_MOST))
    return (
        (_tr("Size"), f"{evidence.width} × {evidence.height}"),
        (_tr("Text found"), text or _tr("none")),
        (_tr("May show"), _listed((label.name, label.confidence) for label in evidence.sure_labels)),
        (_tr("Colours"), _listed((colour.name, colour.share) for colour in evidence.colours)),
    )


def _listed(found: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {_percent(share)}" for name, share in found) or _tr("nothing certain")


def _percent(share: float) -> str:
    return f"{number(share * 100)} %"


def _tr(text: str) -> str:
    return QCoreApplication.translate("FactsPanel", text)
