"""What a hands-free conversation does for the person: says what it is, closes the microphone, hushes, remembers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.audio import Audio, Transcript
from desktop_app.domain.events import (
    DevicesChanged,
    FirstAudio,
    SentencePlayed,
    SentenceSpoken,
    SpeechTranscribed,
    TalkPhaseChanged,
)
from desktop_app.domain.turn_ends import SpeakerPauses
from desktop_app.errors import Cancelled, EnvironmentProblem
from desktop_app.paths import Places
from desktop_app.ports import CancelToken
from desktop_app.services.recordings import Recordings
from desktop_app.services.talk import INTRODUCTION, TalkService
from desktop_app.services.talk_memory import remember, remembered
from tests.fakes.audio import FakeLiveSpeaker, FakeMicrophone
from tests.unit.test_talk import LONG, Stage, pause, speech
from tests.unit.test_talk_devices import until

pytestmark = pytest.mark.slow


@pytest.fixture
def stage(places: Places) -> Iterator[Stage]:
    made = Stage(places)
    yield made
    made.history.close()


class Desk:
    """A conversation at a desk: the test says what is heard and when sound is asked for."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.microphone, self.speaker = FakeMicrophone(), FakeLiveSpeaker()
        self.talk: TalkService = stage.talk.elsewhere(self.microphone, self.speaker)
        self.talk._learns = True

    def start(self, **more: bool) -> None:
        self.talk.start(self.stage.events.append, self.stage.ended.append, **more)  # type: ignore[arg-type]

    def speak_until(self, kind: type) -> None:
        def seen() -> bool:
            self.speaker.play()
            return any(isinstance(event, kind) for event in self.stage.events)

        until(seen)

    def phases(self) -> list[str]:
        return [event.phase for event in self.stage.events if isinstance(event, TalkPhaseChanged)]


@pytest.fixture
def desk(stage: Stage) -> Iterator[Desk]:
    made = Desk(stage)
    yield made
    made.talk.leave()


def test_it_says_that_it_is_an_ai_and_listens_then(desk: Desk) -> None:
    desk.start(introduce=True)
    desk.speak_until(SentencePlayed)
    until(lambda: desk.phases() and desk.phases()[-1] == "quiet")
    assert [e.text for e in desk.stage.events if isinstance(e, SentenceSpoken)] == [INTRODUCTION]
    assert desk.stage.preferences.current.talk_introduced
    desk.microphone.hear(speech(1.0))
    desk.microphone.hear(pause(4.0))
    until(lambda: desk.stage.heard() == ["Hello there."])


def test_it_is_said_again_only_where_the_person_wants_that(desk: Desk) -> None:
    desk.stage.preferences.change(talk_introduced=True)
    assert desk.talk.introduces
    desk.stage.preferences.change(talk_introduction=False)
    assert not desk.talk.introduces
    desk.start(introduce=True)
    desk.speaker.play(10)
    assert not any(isinstance(event, FirstAudio) for event in desk.stage.events)


def test_the_introduction_can_be_hushed(desk: Desk) -> None:
    desk.start(introduce=True)
    desk.speak_until(FirstAudio)
    desk.talk.hush()
    until(lambda: desk.phases()[-1] == "quiet")
    assert not any(desk.speaker.play(20))
    assert not any(isinstance(event, SentencePlayed) for event in desk.stage.events)


def test_a_hushed_answer_keeps_what_was_heard_and_one_talks_on(desk: Desk) -> None:
    desk.stage.models.scripted.enqueue(*LONG)
    desk.start()
    desk.microphone.hear(speech(1.0))
    desk.microphone.hear(pause(4.0))
    desk.speak_until(SentencePlayed)
    desk.talk.hush()
    until(lambda: desk.phases()[-1] == "quiet" and "Interrupted" in desk.stage.names())
    question, answer = desk.stage.said()
    assert (question, answer[:26]) == ("Hello there.", "This is sentence number 0 ") and len(answer) < 100
    assert not any(desk.speaker.play(20))
    desk.microphone.hear(speech(1.0))
    desk.microphone.hear(pause(4.0))
    until(lambda: len(desk.stage.heard()) == 2)


def test_who_says_stop_over_an_answer_wants_silence_and_no_answer(stage: Stage) -> None:
    stage.models.scripted.enqueue(*LONG)
    stage.recognizer.texts = ["Tell me.", "Tell me.", "Okay, stop."]
    stage.play(pause(0.5), speech(0.5), pause(3.0), speech(0.8), pause(4))
    question, answer = stage.said()
    assert stage.heard() == [question] == ["Tell me."]
    assert answer.startswith("This is sentence number 0") and "number 9" not in answer


def test_muting_closes_the_microphone_and_what_was_said_is_still_answered(desk: Desk) -> None:
    desk.start()
    desk.microphone.hear(pause(0.5))
    desk.microphone.hear(speech(1.0))
    desk.talk.mute(True)
    until(lambda: not desk.microphone.open)
    until(lambda: desk.stage.heard() == ["Hello there."])
    desk.talk.mute(False)
    until(lambda: desk.microphone.open)
    states = [event.microphone for event in desk.stage.events if isinstance(event, DevicesChanged)]
    assert states == ["open", "muted", "open"]


def test_a_device_that_is_gone_pauses_the_conversation_and_does_not_end_it(desk: Desk) -> None:
    desk.start()
    desk.speaker.error = EnvironmentProblem("audio.no_speaker", "No loudspeaker was found.", remedy="Connect one.")
    desk.speaker.unplug()
    until(lambda: any(isinstance(e, DevicesChanged) and e.speaker == "gone" for e in desk.stage.events))
    assert desk.talk.active and desk.stage.ended == []
    desk.speaker.error = None
    until(lambda: desk.speaker.open and desk.microphone.open)
    desk.microphone.hear(speech(1.0))
    desk.microphone.hear(pause(4.0))
    until(lambda: desk.stage.heard() == ["Hello there."])


def test_leaving_while_it_loads_is_at_once(desk: Desk) -> None:
    loading, go_on = threading.Event(), threading.Event()

    def warm_up() -> None:
        loading.set()
        assert go_on.wait(60)

    desk.talk._chat.warm_up = warm_up  # type: ignore[method-assign]
    outcome: list[BaseException | None] = []

    def start() -> None:
        try:
            desk.start()
        except Cancelled as cancelled:
            outcome.append(cancelled)

    thread = threading.Thread(target=start)
    thread.start()
    assert loading.wait(20)
    desk.talk.leave()
    thread.join(20)
    assert not thread.is_alive() and len(outcome) == 1
    go_on.set()
    assert not desk.talk.active and not desk.microphone.open and desk.stage.ended == []


def test_the_learned_pause_is_kept_between_conversations(stage: Stage) -> None:
    remember(stage.preferences, SpeakerPauses())
    assert stage.preferences.current.talk_usual_pause_s == 0.5
    remember(stage.preferences, SpeakerPauses().with_pause(1.4))
    learned = stage.preferences.current.talk_usual_pause_s
    assert learned == 0.8 and remembered(stage.preferences.current) == SpeakerPauses(usual_s=learned)
    stage.recognizer.texts = ["I want to"]
    for learns in (False, True):
        desk = Desk(stage)
        desk.talk._learns = learns  # files instead of devices tell nothing of the person
        desk.start()
        for sound in (pause(0.5), speech(0.5), pause(2.5), speech(0.5), pause(5.0)):
            desk.microphone.hear(sound)
        until(lambda desk=desk: desk.phases()[-1:] == ["thinking"])
        desk.talk.leave()
        assert (stage.preferences.current.talk_usual_pause_s > learned) == learns


def test_sound_is_kept_only_when_that_is_switched_on(stage: Stage, places: Places) -> None:
    recordings = Recordings(places, stage.history, stage.preferences)
    desk = Desk(stage)
    desk.talk._keep_sound = lambda turn, sound: recordings.keep(turn.question_id, turn.conversation_id, sound)
    desk.start()
    for keep in (False, True):
        stage.preferences.change(keep_recordings=keep)
        before = len(stage.heard())
        desk.microphone.hear(speech(1.0))
        desk.microphone.hear(pause(4.0))
        until(lambda before=before: len(stage.heard()) > before)
        if not keep:
            assert not recordings.folder.exists()
        desk.talk.hush()
    until(lambda: recordings.all())
    desk.talk.leave()
    (kept,) = recordings.all()
    assert kept.words == "Hello there." and 1.2 < kept.seconds < 2.0
    assert max(recordings.sound(kept.id).pcm) > 0
    stage.history.delete(kept.conversation_id)
    assert recordings.all() == ()
    stage.history.restore(kept.conversation_id)
    assert len(recordings.all()) == 1
    stage.history.delete(kept.conversation_id)
    stage.history.purge()
    recordings.forget_erased()
    assert not list(Path(recordings.folder).iterdir())


def test_the_language_that_was_heard_is_told(desk: Desk) -> None:
    inner = desk.stage.recognizer.transcribe

    def german(audio: Audio, cancel: CancelToken) -> Transcript:
        heard = inner(audio, cancel)
        return Transcript(text=heard.text, language="de", seconds=heard.seconds)

    desk.stage.recognizer.transcribe = german  # type: ignore[method-assign]
    desk.start()
    desk.microphone.hear(speech(1.0))
    desk.microphone.hear(pause(4.0))
    until(lambda: desk.stage.heard())
    assert [e.language for e in desk.stage.events if isinstance(e, SpeechTranscribed)] == ["de"]
