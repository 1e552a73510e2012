"""The recogniser is told the names that the person had to correct."""

from __future__ import annotations

from desktop_app.domain.corrections import corrected_words, with_words
from desktop_app.services.preferences import Preferences


def learn(preferences: Preferences, heard: str, meant: str) -> tuple[str, ...]:
    """Add what the correction teaches to the words to expect; the new ones. Raises EnvironmentProblem."""
    listed = preferences.current.expected_words
    known = {word.strip().casefold() for word in listed.split(",")}
    new = tuple(word for word in corrected_words(heard, meant) if word.casefold() not in known)
    if new and preferences.current.learn_words:
        preferences.change(expected_words=with_words(listed, new))
        return new
    return ()
