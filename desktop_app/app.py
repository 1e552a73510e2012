"""The composition root: the only file where services meet concrete engines. Free of Qt."""

from __future__ import annotations

import time
from collections.abc import Callable

from desktop_app import __version__
from desktop_app.domain.feedback import Rating
from desktop_app.domain.model_specs import InstalledModel, ModelRole
from desktop_app.engines.chosen import ChosenEngines, Find, hardware, quantizer
from desktop_app.engines.downloader import Downloader
from desktop_app.engines.gguf_header import read_header
from desktop_app.engines.global_keys import SystemTalkKey
from desktop_app.engines.http_endpoint import HttpEndpoint
from desktop_app.engines.llama_trial import try_model
from desktop_app.engines.login_start import system_login_start
from desktop_app.engines.sight_check import SAMPLE_SHAPE, answer_about, sample_shapes
from desktop_app.paths import Places, journey_reports, kept_as_usual, resources
from desktop_app.services.adapter_registry import AdapterRegistry
from desktop_app.services.adapter_zip import AdapterZip
from desktop_app.services.adapters import AdapterService, folder_of
from desktop_app.services.attachments import AttachmentService
from desktop_app.services.bases import LibraryBases
from desktop_app.services.blind import BlindService
from desktop_app.services.chat import ChatService
from desktop_app.services.dataset import DatasetService
from desktop_app.services.doctor import Doctor
from desktop_app.services.endpoint import ChatEndpoint
from desktop_app.services.evaluation import EvaluationService
from desktop_app.services.feedback import FeedbackService
from desktop_app.services.hardware import HardwareService
from desktop_app.services.history import History
from desktop_app.services.insights import InsightsService
from desktop_app.services.journeys import last_report
from desktop_app.services.learned import LearnedService
from desktop_app.services.model_fits import ModelFits
from desktop_app.services.model_library import ModelLibrary, free_memory
from desktop_app.services.model_measure import ModelMeasure
from desktop_app.services.model_shrink import ModelShrink
from desktop_app.services.other_programs import OtherPrograms
from desktop_app.services.own_models import with_test_eyes
from desktop_app.services.personalization import PersonalizationService
from desktop_app.services.preferences import Preferences
from desktop_app.services.rated_answers import rated_answers
from desktop_app.services.recordings import Recordings
from desktop_app.services.services import Services
from desktop_app.services.sight_findings import sight_findings
from desktop_app.services.sound_findings import sound_findings
from desktop_app.services.spoken_ratings import SpokenRatings
from desktop_app.services.surveys import SurveyService
from desktop_app.services.talk import TalkService
from desktop_app.services.teaching import TeachingService
from desktop_app.services.telemetry import UsageService
from desktop_app.services.training_stages import Folders
from desktop_app.services.voice import VoiceService
from desktop_app.settings import Settings, SettingsFile
from desktop_app.storage import open_database
from desktop_app.storage.change_notes import ChangeNotes
from desktop_app.storage.usage_file import UsageFile

MakeEngines = Callable[[Find, Callable[[], Settings]], ChosenEngines]


class SystemClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


def engines_with_test_eyes(find: Find, settings: Callable[[], Settings]) -> ChosenEngines:
    """The chosen engines, but the language model sees with the project's own test projector: for `build`, in tests and
    in `demo --eyes` only."""

    def seeing(role: ModelRole, model_id: str) -> InstalledModel:
        found = find(role, model_id)
        return with_test_eyes(found) if role == "language" else found

    return ChosenEngines(seeing, settings)


def build(places: Places, make_engines: MakeEngines = ChosenEngines) -> Services:
    """Everything wired, nothing started: children and sound devices come up at their first use.

    `make_engines` lets a usability test bring engines that follow a script, and the test eyes their own.
    Raises EnvironmentProblem when the data folder cannot be used.
    """
    clock = SystemClock()
    database = open_database(places, clock)
    history = History(database, clock)
    preferences = Preferences(SettingsFile(places.settings))
    library = ModelLibrary(places, Downloader(places.cache / "wheels"), read_header, preferences, trial=try_model)

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
    aside = SpokenRatings(feedback, history, preferences)
    registry = AdapterRegistry(database, folder_of(places.data), clock)
    adapters = AdapterService(registry, lambda: (each for each in feedback.list() if isinstance(each, Rating)))
    adapters.start()
    bases = LibraryBases(library, engines)
    teaching = TeachingService(
        history,
        bases,
        library.find,
        alone=registry.alone,
        rated=lambda: (each.answer_id for each in feedback.list()),
        instructions=lambda: preferences.current.system_prompt,
        path=places.data / "lessons.json",
        clock=clock,
    )
    personalization = PersonalizationService(
        adapters,
        DatasetService(lambda: (*feedback.examples(), *teaching.examples())),
        EvaluationService(places.cache / "gate"),
        engines.trainer,
        bases,
        Folders(work=places.cache / "training"),
        AdapterZip(registry, engines.check_adapter),
    )
    feedback.watch_withdrawn(personalization.withdrawn)
    teaching.watch_forgotten(personalization.withdrawn)
    feedback.watch(personalization.ratings_changed)
    blind = BlindService(adapters, bases.judge_of, lambda: preferences.current.system_prompt)
    chats.append(ChatService(history, engines, attachments, preferences, learned, aside, adapters))
    recordings = Recordings(places, history, preferences)
    talk = TalkService(
        ear=engines.ear,
        recognizer=engines.recognizer,
        synthesizer=engines.synthesizer,
        microphone=engines.microphone(),
        speaker=engines.live_speaker(),
        chat=chats[0],
        history=history,
        preferences=preferences,
        keep_sound=lambda turn, sound: recordings.keep(turn.question_id, turn.conversation_id, sound),
    )
    voice = VoiceService(
        engines.recognizer,
        engines.detector,
        engines.synthesizer,
        engines.microphone(),
        engines.speaker(),
        lambda: preferences.current,
    )
    measure = ModelMeasure(engines, library.find, places.data / "measurements.json", clock)
    machine = HardwareService(hardware, free_memory, measure.results, lambda: library.installed("language"))
    usage_file = UsageFile(places.usage)
    usage = UsageService(usage_file, clock, version=__version__)
    return Services(
        places=places,
        preferences=preferences,
        history=history,
        chat=chats[0],
        feedback=feedback,
        learned=learned,
        adapters=adapters,
        personalization=personalization,
        blind=blind,
        attachments=attachments,
        voice=voice,
        talk=talk,
        recordings=recordings,
        library=library,
        fits=ModelFits(library, preferences, read_header, machine.machine),
        hardware=machine,
        doctor=Doctor(
            places,
            library,
            lambda plays: (*sound_findings(voice, plays=plays), *sight_findings(library, _shapes_seen, SAMPLE_SHAPE)),
        ),
        usage=usage,
        surveys=SurveyService(usage_file, usage, clock),
        insights=InsightsService(
            usage_file,
            rated_answers(database),
            ChangeNotes(places.changes, resources() / "changes.toml"),
            lambda: last_report(journey_reports(places)),
            clock,
        ),
        measure=measure,
        shrink=ModelShrink(quantizer(), library.find, library.add, places.models),
        talk_key=SystemTalkKey(),
        login_start=system_login_start(None if kept_as_usual(places) else places.data),
        teaching=teaching,
        other_programs=OtherPrograms(
            lambda token, port: HttpEndpoint(ChatEndpoint(engines, attachments, library.installed), token, port),
            preferences,
            places.data / "endpoint-token",
        ),
        close_engines=engines.close,
        warnings=database.warnings,
    )


def _shapes_seen(language: str, projector: str) -> str:
    """What a model says about the sample picture."""
    return answer_about(sample_shapes(), language=language, projector=projector)
