"""Whether the recogniser in use hears the language that the person speaks, and which one does."""

from __future__ import annotations

from desktop_app.domain.model_specs import ModelSpec
from desktop_app.errors import AppError, UserCanFix
from desktop_app.services.model_library import ModelLibrary
from desktop_app.settings import LANGUAGES, Settings

MANY = "multi"


def language_problem(library: ModelLibrary, settings: Settings) -> AppError | None:
    """What stands between the spoken language in the settings and being understood. None for a model of the person's
    own, which nothing is known of."""
    code = settings.hearing_language
    if code in ("", "en"):
        return None
    try:
        model = library.chosen("hearing")
    except AppError as error:
        return error
    spec = next((spec for spec in library.catalog() if spec.id == model.id), None)
    if spec is None or MANY in spec.languages or code in spec.languages:
        return None
    return _english_only(dict(LANGUAGES).get(code, code), model.title, recogniser_of_many(library))


def recogniser_of_many(library: ModelLibrary) -> ModelSpec | None:
    """The catalog's first that hears many languages."""
    return next((spec for spec in library.catalog() if spec.role == "hearing" and MANY in spec.languages), None)


def _english_only(language: str, title: str, other: ModelSpec | None) -> UserCanFix:
    fetch = f"Fetch “{other.title}” (stonechat models fetch {other.id})" if other else "Fetch another recogniser"
    return UserCanFix(
        "speech.language_needs_model",
        f"{title} does not hear {language}.",
        remedy=f"{fetch}, and leave Hearing under Settings, Voice, on Automatic.",
    )
