"""The conversation by voice without its surface: opening, leaving, turns that the chat follows."""

from __future__ import annotations

import threading

import pytest

from desktop_app.domain.events import TurnFailed
from desktop_app.errors import EnvironmentProblem
from desktop_app.ui.talk.presenter import TalkPresenter
from desktop_app.ui.talk.state import ICONS, TalkState, hint, state_of, word
from tests.ui.chat.conftest import Scene
from tests.ui.chat.stand_ins import crashed

NO_MICROPHONE = EnvironmentProblem("audio.no_microphone", "There is no microphone.", remedy="Plug one in.")
LOST = EnvironmentProblem("talk.microphone_lost", "The microphone went away.", remedy="Connect it again.")


def presenter(scene: Scene) -> TalkPresenter:
    return scene.view.talk


def talk(scene: Scene) -> TalkPresenter:
    scene.actions.run("voice.hands_free")
    scene.wait(lambda: presenter(scene).state.doing == "listening")
    return presenter(scene)


def test_every_phase_has_a_state_with_word_icon_and_hint() -> None:
    phases = ("quiet", "starting", "speaking", "stopping", "transcribing", "thinking", "answering", "interrupted")
    states = [state_of(phase, muted=False).doing for phase in phases]  # type: ignore[arg-type]
    assert states == ["listening"] * 2 + ["hearing"] * 3 + ["thinking", "speaking", "paused"]
    assert state_of("quiet", muted=True) == TalkState(doing="muted", muted=True)
    assert state_of("answering", muted=True) == TalkState(doing="speaking", muted=True)
    for doing in ICONS:
        assert word(doing) and hint(TalkState(doing=doing))
    assert len({word(doing) for doing in ICONS}) == len(set(ICONS.values())) == 8
    assert "off" in hint(TalkState(doing="speaking", muted=True))


def test_it_opens_the_shown_conversation_and_leaves_it(scene: Scene) -> None:
    scene.open(scene.store(("Hello?", "Hello.")))
    talk(scene)
    assert scene.talk.active and scene.talk.conversation_id == scene.view.current_id
    presenter(scene).leave()
    assert not presenter(scene).active
    scene.wait(lambda: not scene.talk.active)


def test_a_spoken_turn_is_a_turn_like_any_other(scene: Scene) -> None:
    talk(scene)
    scene.talk.ask("What is a stonechat?")
    scene.wait(lambda: scene.questions)
    assert scene.questions[0].message.spoken and scene.questions[0].message.text == "What is a stonechat?"
    assert scene.view.current_id == scene.talk.conversation_id
    assert scene.view.presenter.busy
    scene.talk.write("A small bird")
    scene.wait(lambda: scene.answers[0].text == "A small bird")
    scene.talk.write(" of the heath.")
    scene.talk.finish()
    scene.idle()
    assert scene.answers[0].message.status == "done"
    scene.talk.ask("And what does it eat?")
    scene.talk.write("Insects.")
    scene.talk.finish()
    scene.wait(lambda: len(scene.answers) == 2 and scene.answers[1].message.status == "done")
    assert presenter(scene).active


def test_only_what_was_heard_of_an_answer_stays(scene: Scene) -> None:
    talk(scene)
    scene.talk.ask("Tell me a lot")
    scene.talk.write("One. Two. Three.")
    scene.talk.finish()
    scene.wait(lambda: scene.answers and scene.answers[0].text == "One. Two. Three.")
    scene.talk.interrupt("One.")
    scene.wait(lambda: scene.answers[0].text == "One.")


def test_a_failed_turn_says_so_in_its_place_and_one_talks_on(scene: Scene) -> None:
    talk(scene)
    scene.talk.ask("Will it fail?")
    scene.talk.write("Per")
    scene.talk.fails(EnvironmentProblem("model.full", "The memory is full.", remedy="Start anew."))
    scene.wait(lambda: scene.answers and scene.answers[0].message.status == "failed")
    scene.idle()
    assert presenter(scene).active and not scene.notices.errors


def test_an_answer_whose_end_could_not_be_stored_says_so_too(scene: Scene) -> None:
    talk(scene)
    scene.talk.ask("Will it fail?")
    scene.talk.fails(EnvironmentProblem("disk.full", "The disk is full.", remedy="Make room."), stored=False)
    scene.wait(lambda: scene.answers and scene.answers[0].message.status == "failed")
    scene.idle()
    assert presenter(scene).active


def test_a_crashed_model_is_told_without_asking_for_anything(scene: Scene) -> None:
    talk(scene)
    scene.talk.ask("Will it fail?")
    scene.talk.fails(crashed())
    scene.wait(lambda: [error.code for error in scene.notices.errors] == ["engine.crashed"])
    assert scene.notices.retries == [None]


def test_what_the_conversation_survives_is_told_and_it_goes_on(scene: Scene) -> None:
    talk(scene)
    scene.talk.tell(TurnFailed(turn_id="", answer_id="", code="ear.deaf", message="It is deaf.", remedy="Wait."))
    scene.wait(lambda: [error.code for error in scene.notices.errors] == ["ear.deaf"])
    assert scene.notices.retries == [None] and presenter(scene).active


def test_no_microphone_is_a_notice_with_another_try(scene: Scene) -> None:
    scene.talk.fail = NO_MICROPHONE
    scene.actions.run("voice.hands_free")
    scene.wait(lambda: scene.notices.errors == [NO_MICROPHONE])
    assert not presenter(scene).active
    scene.talk.fail = None
    scene.notices.retries[0]()  # type: ignore[operator]
    scene.wait(lambda: scene.talk.active)


def test_a_microphone_that_goes_away_ends_it_and_keeps_what_was_said(scene: Scene) -> None:
    talk(scene)
    scene.talk.ask("Are you there?")
    scene.talk.write("I am he")
    scene.wait(lambda: scene.answers and scene.answers[0].text)
    scene.talk.end(LOST)
    scene.wait(lambda: scene.notices.errors == [LOST])
    scene.idle()
    assert not presenter(scene).active
    assert scene.answers[0].text == "I am he"
    talk(scene)


def test_leaving_while_it_opens_gives_the_opening_up(scene: Scene) -> None:
    scene.talk.gate = threading.Event()
    scene.actions.run("voice.hands_free")
    scene.wait(lambda: scene.talk.opening)
    presenter(scene).leave()
    assert not presenter(scene).active
    scene.wait(lambda: scene.lanes.running == 0)
    assert not scene.talk.active and scene.talk.started == 0


def test_closing_down_while_it_opens_does_not_wait_for_the_models(scene: Scene) -> None:
    scene.talk.gate = threading.Event()
    scene.actions.run("voice.hands_free")
    scene.wait(lambda: scene.talk.opening)
    presenter(scene).close_down()
    scene.wait(lambda: scene.lanes.running == 0)
    assert scene.talk.started == 0


def test_what_waits_for_a_device_says_so_and_goes_on(scene: Scene) -> None:
    talk(scene)
    scene.talk.devices("gone", message="No microphone was found.", remedy="Connect one.")
    scene.wait(lambda: presenter(scene).state.doing == "waiting")
    assert hint(presenter(scene).state).startswith("No microphone was found. Connect one. Then it goes on")
    scene.talk.phase("answering")
    scene.wait(lambda: presenter(scene).state.doing == "speaking")
    scene.talk.devices("gone", "gone", message="No loudspeaker was found.")
    scene.wait(lambda: presenter(scene).state.doing == "waiting")
    scene.talk.devices("open")
    scene.wait(lambda: presenter(scene).state == TalkState(doing="speaking"))
    assert presenter(scene).active and not scene.notices.errors


def test_a_muted_microphone_is_said_to_be_closed_once_it_is(scene: Scene) -> None:
    talk(scene)
    presenter(scene).mute(True)
    assert hint(presenter(scene).state) == "Your microphone is off. Press M to go on."
    scene.talk.devices("muted")
    scene.wait(lambda: presenter(scene).state.closed)
    assert hint(presenter(scene).state) == "Your microphone is closed. Press M to go on."


def test_escape_silences_the_answer_first_and_leaves_then(scene: Scene) -> None:
    talk(scene)
    scene.talk.phase("answering")
    scene.wait(lambda: presenter(scene).can_hush)
    scene.actions.run("chat.stop")
    assert scene.talk.hushed == 1 and presenter(scene).active
    scene.talk.phase("quiet")
    scene.wait(lambda: not presenter(scene).can_hush)
    scene.actions.run("chat.stop")
    assert scene.talk.hushed == 1 and not presenter(scene).active


def test_coming_back_while_it_ends_opens_it_again(scene: Scene) -> None:
    talk(scene)
    presenter(scene).leave()
    presenter(scene).start()
    scene.wait(lambda: scene.talk.started == 2 and presenter(scene).state.doing == "listening")
    assert scene.talk.active and presenter(scene).active and scene.talk.left == 1


def test_a_turn_that_was_under_way_ends_with_the_conversation(scene: Scene) -> None:
    talk(scene)
    scene.talk.ask("Are you there?")
    scene.wait(lambda: scene.view.presenter.busy)
    presenter(scene).leave()
    scene.idle()


def test_muting_before_it_is_open_is_kept(scene: Scene) -> None:
    scene.talk.gate = threading.Event()
    scene.actions.run("voice.hands_free")
    presenter(scene).mute(True)
    scene.talk.gate.set()
    scene.wait(lambda: presenter(scene).state.doing == "muted")
    assert scene.talk.muted
    presenter(scene).mute(False)
    assert not scene.talk.muted and presenter(scene).state.doing == "listening"


@pytest.mark.parametrize("deed", ["regenerate", "read"])
def test_whatever_else_wants_model_or_speaker_ends_it(scene: Scene, deed: str) -> None:
    scene.open(scene.store(("Hello?", "Hello.")))
    talk(scene)
    scene.answers[0].want(deed)
    assert not presenter(scene).active
    scene.wait(lambda: not scene.talk.active)
    scene.idle()


def test_asking_again_while_a_spoken_answer_is_written_ends_it_too(scene: Scene) -> None:
    scene.open(scene.store(("Hello?", "Hello.")))
    talk(scene)
    scene.talk.ask("And?")
    scene.wait(lambda: len(scene.answers) == 2)
    scene.answers[0].want("regenerate")
    assert not presenter(scene).active
    scene.idle()


def test_turning_to_another_conversation_ends_it(scene: Scene) -> None:
    talk(scene)
    scene.talk.ask("Here?")
    scene.wait(lambda: scene.questions)
    scene.view.open(None)
    scene.talk.write("Too late.")
    scene.wait(lambda: not scene.talk.active and not scene.view.presenter.busy)
    assert not scene.view.has_messages()


def test_answers_are_not_read_aloud_twice(scene: Scene) -> None:
    scene.choices.change(read_aloud=True)
    talk(scene)
    scene.talk.ask("Hello?")
    scene.talk.write("Hello.")
    scene.talk.finish()
    scene.wait(lambda: scene.answers and scene.answers[0].message.status == "done")
    assert not scene.voice.narrations
