"""The card of a model: what it is good at and where it fails, in plain words."""

from __future__ import annotations

from desktop_app.domain.model_specs import ModelSpec
from desktop_app.paths import model_data


def card_text(spec: ModelSpec) -> str:
    """The card as Markdown; "" when it cannot be read."""
    try:
        return (model_data() / "cards" / spec.card).read_text(encoding="utf-8")
    except OSError:
        return ""
