"""The composition root: the only file where services meet concrete engines. Free of Qt."""

from __future__ import annotations

import time

from desktop_app.domain.model_specs import InstalledModel, ModelRole
from desktop_app.engines.chosen import ChosenEngines
from desktop_app.engines.downloader import PipFetcher
from desktop_app.engines.gguf_header import read_header
from desktop_app.engines.late_audio import LateLiveSpeaker, LateMicrophone, LateSpeaker
from desktop_app.paths import Places
from desktop_app.services.attachments import AttachmentService
from desktop_app.services.chat import ChatService
from desktop_app.services.doctor import Doctor
from desktop_app.services.history import History
from desktop_app.services.model_library import ModelLibrary
from desktop_app.services.preferences import Preferences
from desktop_app.services.recordings import Recordings
from desktop_app.services.services import Services
from desktop_app.services.sound_findings import sound_findings
from desktop_app.services.talk import TalkService
from desktop_app.services.voice import VoiceService
from desktop_app.settings import SettingsFile
from desktop_app.storage import open_database


class SystemClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


def build(places: Places) -> Services:
    """Everything wired, nothing started: children and sound devices come up at their first use.

    Raises EnvironmentProblem when the data folder cannot be used.
    """
    clock = SystemClock()
    database = open_database(places, clock)
    history = History(database, clock)
    preferences = Preferences(SettingsFile(places.settings))
    library = ModelLibrary(places, PipFetcher(places.cache / "wheels"), read_header, preferences)

    def find(role: ModelRole, model_id: str) -> InstalledModel:
        found = library.find(model_id) if model_id else library.chosen(role)
        if role == "language":
            library.verify(found)
        return found

    engines = ChosenEngines(find, lambda: preferences.current)
    preferences.watch(lambda settings: engines.unload_after(settings.idle_unload_minutes))
    chats: list[ChatService] = []
    attachments = AttachmentService(places, history, engines.reader, lambda: chats[0].abilities())
    chats.append(ChatService(history, engines, attachments, preferences))
    recordings = Recordings(places, history, preferences)
    talk = TalkService(
        ear=engines.ear,
        recognizer=engines.recognizer,
        synthesizer=engines.synthesizer,
        microphone=LateMicrophone(),
        speaker=LateLiveSpeaker(),
        chat=chats[0],
        history=history,
        preferences=preferences,
        keep_sound=lambda turn, sound: recordings.keep(turn.question_id, turn.conversation_id, sound),
    )
    voice = VoiceService(
        engines.recognizer,
        engines.detector,
        engines.synthesizer,
        LateMicrophone(),
        LateSpeaker(),
        lambda: preferences.current,
    )
    return Services(
        places=places,
        preferences=preferences,
        history=history,
        chat=chats[0],
        attachments=attachments,
        voice=voice,
        talk=talk,
        recordings=recordings,
        library=library,
        doctor=Doctor(places, library, lambda plays: sound_findings(voice, plays=plays)),
        close_engines=engines.close,
        warnings=database.warnings,
    )
