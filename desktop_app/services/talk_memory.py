"""What is kept of a person between hands-free conversations: how long they pause within a sentence."""

from __future__ import annotations

import logging

from desktop_app.domain.turn_ends import SpeakerPauses
from desktop_app.errors import AppError
from desktop_app.services.preferences import Preferences
from desktop_app.settings import Settings, valid

log = logging.getLogger(__name__)
STEP_S = 0.1


def remembered(settings: Settings) -> SpeakerPauses:
    return SpeakerPauses(usual_s=settings.talk_usual_pause_s)


def remember(preferences: Preferences, pauses: SpeakerPauses) -> None:
    """Keep what was learned, where something was. A disk that refuses costs only the learning."""
    usual_s = round(round(pauses.usual_s / STEP_S) * STEP_S, 2)
    if not pauses.count or usual_s == preferences.current.talk_usual_pause_s:
        return
    if valid("talk_usual_pause_s", usual_s):
        try:
            preferences.change(talk_usual_pause_s=usual_s)
        except AppError as error:
            log.warning("the learned pause was not kept: %s", error.code)
