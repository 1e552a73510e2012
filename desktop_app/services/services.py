"""All use cases of one installation in one value: what the window and the command line are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desktop_app.errors import AppError
from desktop_app.paths import Places
from desktop_app.ports import LoginStart, TalkKey
from desktop_app.services.adapters import AdapterService
from desktop_app.services.attachments import AttachmentService
from desktop_app.services.blind import BlindService
from desktop_app.services.chat import ChatService
from desktop_app.services.doctor import Doctor
from desktop_app.services.feedback import FeedbackService
from desktop_app.services.hardware import HardwareService
from desktop_app.services.history import History
from desktop_app.services.insights import InsightsService
from desktop_app.services.learned import LearnedService
from desktop_app.services.model_fits import ModelFits
from desktop_app.services.model_library import ModelLibrary
from desktop_app.services.model_measure import ModelMeasure
from desktop_app.services.model_shrink import ModelShrink
from desktop_app.services.other_programs import OtherPrograms
from desktop_app.services.personalization import PersonalizationService
from desktop_app.services.preferences import Preferences
from desktop_app.services.recordings import Recordings
from desktop_app.services.surveys import SurveyService
from desktop_app.services.talk import TalkService
from desktop_app.services.teaching import TeachingService
from desktop_app.services.telemetry import UsageService
from desktop_app.services.voice import VoiceService

UNDO_S = 60.0
"""How long a deletion can be taken back at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """`warnings` say what was repaired at opening; `close_engines` ends the child processes."""

    places: Places
    preferences: Preferences
    history: History
    chat: ChatService
    feedback: FeedbackService
    learned: LearnedService
    adapters: AdapterService
    personalization: PersonalizationService
    blind: BlindService
    attachments: AttachmentService
    voice: VoiceService
    talk: TalkService
    recordings: Recordings
    library: ModelLibrary
    fits: ModelFits
    hardware: HardwareService
    measure: ModelMeasure
    shrink: ModelShrink
    doctor: Doctor
    usage: UsageService
    surveys: SurveyService
    insights: InsightsService
    talk_key: TalkKey
    login_start: LoginStart
    teaching: TeachingService
    other_programs: OtherPrograms
    close_engines: Callable[[], None]
    warnings: tuple[AppError, ...] = ()

    def tidy(self) -> None:
        """Really erase what was deleted longer ago than it can be taken back, with its pictures and its sound."""
        self.attachments.forget(self.history.purge(older_than_s=UNDO_S))
        self.recordings.forget_erased()
        self.feedback.tell_erased()
        self.teaching.forget_erased()

    def close(self) -> None:
        """Stop the sound, end the children, close the database. Safe to call twice."""
        self.other_programs.close()
        self.talk.leave()
        self.voice.close()
        self.usage.close()
        self.close_engines()
        self.history.close()
