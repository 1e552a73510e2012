"""The composition root: the only file where services meet concrete engines. Free of Qt."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from desktop_app.domain.model_specs import InstalledModel, ModelRole
from desktop_app.engines.chosen import ChosenEngines, Find, quantizer
from desktop_app.engines.downloader import Downloader
from desktop_app.engines.gguf_header import read_header
from desktop_app.engines.http_endpoint import HttpEndpoint
from desktop_app.errors import AppError
from desktop_app.paths import Places
from desktop_app.services.attachments import AttachmentService
from desktop_app.services.chat import ChatService
from desktop_app.services.doctor import Doctor, Finding
from desktop_app.services.endpoint import ChatEndpoint
from desktop_app.services.feedback import FeedbackService
from desktop_app.services.history import History
from desktop_app.services.learned import LearnedService
from desktop_app.services.model_fits import ModelFits
from desktop_app.services.model_library import ModelLibrary, free_memory
from desktop_app.services.model_measure import ModelMeasure
from desktop_app.services.model_shrink import ModelShrink
from desktop_app.services.preferences import Preferences
from desktop_app.services.services import Services
from desktop_app.services.talk import TalkService
from desktop_app.services.voice import VoiceService
from desktop_app.settings import Settings, SettingsFile
from desktop_app.storage import open_database

MakeEngines = Callable[[Find, Callable[[], Settings]], ChosenEngines]


class SystemClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


def build(places: Places, make_engines: MakeEngines = ChosenEngines) -> Services:
    """Everything wired, nothing started: children and sound devices come up at their first use.

    `make_engines` lets a usability test bring engines that follow a script.
    Raises EnvironmentProblem when the data folder cannot be used.
    """
    clock = SystemClock()
    database = open_database(places, clock)
    history = History(database, clock)
    preferences = Preferences(SettingsFile(places.settings))
    library = ModelLibrary(places, Downloader(places.cache / "wheels"), read_header, preferences)

    def find(role: ModelRole, model_id: str) -> InstalledModel:
        found = library.find(model_id) if model_id else library.chosen(role)
        if role == "language":
            library.verify(found)
        return found

    engines = make_engines(find, lambda: preferences.current)
    preferences.watch(lambda settings: engines.unload_after(settings.idle_unload_minutes))
    chats: list[ChatService] = []
    attachments = AttachmentService(places, history, engines.reader, lambda: chats[0].abilities())
    feedback = FeedbackService(database, history, preferences, clock)
    learned = LearnedService(database, feedback, preferences, clock)
    chats.append(ChatService(history, engines, attachments, preferences, learned))
    talk = TalkService(
        ear=engines.ear,
        recognizer=engines.recognizer,
        synthesizer=engines.synthesizer,
        microphone=engines.microphone(),
        speaker=engines.live_speaker(),
        chat=chats[0],
        history=history,
        preferences=preferences,
    )
    voice = VoiceService(
        engines.recognizer,
        engines.detector,
        engines.synthesizer,
        engines.microphone(),
        engines.speaker(),
        lambda: preferences.current,
    )
    return Services(
        places=places,
        preferences=preferences,
        history=history,
        chat=chats[0],
        feedback=feedback,
        learned=learned,
        attachments=attachments,
        voice=voice,
        talk=talk,
        library=library,
        fits=ModelFits(library, preferences, read_header, free_memory),
        doctor=Doctor(places, library, lambda: _sound(voice)),
        measure=ModelMeasure(engines, library.find, places.data / "measurements.json", clock),
        shrink=ModelShrink(quantizer(), library.find, library.add, places.models),
        endpoint=lambda token, port: HttpEndpoint(ChatEndpoint(engines, attachments, library.installed), token, port),
        close_engines=engines.close,
        warnings=database.warnings,
    )


def _sound(voice: VoiceService) -> Iterator[Finding]:
    """Whether there is something to hear and to speak with."""
    remedy = "Connect one and choose it under Settings, Voice; typing and reading work without."
    looks: tuple[tuple[str, Callable[[], tuple[tuple[str, str], ...]]], ...] = (
        ("microphone", voice.microphones),
        ("speaker", voice.speakers),
    )
    for name, look in looks:
        try:
            names = ", ".join(title for _, title in look())
        except AppError as error:
            yield Finding(name=name, ok=False, value=error.message, remedy=error.remedy)
            continue
        yield Finding(name=name, ok=bool(names), value=names or "none found", remedy="" if names else remedy)
