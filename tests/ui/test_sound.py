"""Sound in the window outside a conversation: the test of devices, the spoken language, recordings of the button."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from desktop_app.domain.model_specs import InstalledModel, ModelFile, ModelSpec
from desktop_app.errors import EnvironmentProblem
from desktop_app.ports import CancelToken
from desktop_app.services.hearing_choice import language_problem, recogniser_of_many
from desktop_app.services.sound_check import SoundReport
from desktop_app.settings import Settings
from desktop_app.ui.preferences.view import SettingsPage
from tests.ui.conftest import Desk

HEARD = SoundReport(room_db=-61.2, loudest_db=-20.0, tone_db=-24.4, heard_tone=True)


def settings(desk: Desk) -> SettingsPage:
    desk.run("page.settings")
    found = desk.window.findChild(SettingsPage)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (HEARD, "the tone was heard at -24 dB, the room is at -61 dB"),
        (SoundReport(room_db=-61.2, loudest_db=-60.0, tone_db=-100.0, heard_tone=False), "With headphones"),
        (EnvironmentProblem("audio.no_microphone", "No microphone was found.", remedy="Connect one."), "Connect one."),
    ],
)
def test_the_sound_test_says_what_was_heard(
    desk: Desk, announced: list[str], monkeypatch: pytest.MonkeyPatch, outcome: Any, words: str
) -> None:
    def check(_voice: object, _cancel: CancelToken) -> SoundReport:
        if isinstance(outcome, EnvironmentProblem):
            raise outcome
        return outcome  # type: ignore[no-any-return]

    monkeypatch.setattr("desktop_app.ui.sound_test.check_sound", check)
    test = settings(desk).sound_test
    test.button.click()
    desk.wait(lambda: words in test.said.text())
    assert words in announced[-1] and test.button.accessibleName() == "Play and listen"


def test_the_sound_test_stops_when_the_page_is_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(_voice: object, cancel: CancelToken) -> SoundReport:
        cancel.wait(30)
        cancel.raise_if_cancelled()
        return HEARD

    monkeypatch.setattr("desktop_app.ui.sound_test.check_sound", check)
    page = settings(desk)
    page.sound_test.button.click()
    assert page.sound_test.button.accessibleName() == "Stop"
    page.closed.emit()
    desk.wait(lambda: page.sound_test.said.text() == "Stopped.")


class Ears:
    """What a ModelLibrary says of recognisers."""

    def __init__(self, chosen: str) -> None:
        self._chosen = chosen
        self.fetched: list[str] = []

    def catalog(self) -> tuple[ModelSpec, ...]:
        file = ModelFile(name="model.bin", sha256="0" * 64, bytes=75)
        known = (("tiny", ("en",)), ("base", ("multi",)))
        return tuple(
            ModelSpec(
                id=name,
                role="hearing",
                title=name.title(),
                family="",
                licence="",
                origin="",
                files=(file,),
                ram_bytes=0,
                languages=languages,
            )
            for name, languages in known
        )

    def chosen(self, role: str) -> InstalledModel:
        return InstalledModel(id=self._chosen, role="hearing", title=self._chosen.title(), path="", sha256="", bytes=1)

    def installed(self, role: object = None) -> tuple[InstalledModel, ...]:
        return ()

    def fetch(self, ids: list[str], cancel: CancelToken) -> Any:
        self.fetched += ids
        return iter(())


def test_only_a_recogniser_of_english_alone_is_a_problem_for_other_languages() -> None:
    german = Settings(hearing_language="de")
    assert language_problem(Ears("tiny"), Settings()) is None  # type: ignore[arg-type]
    assert language_problem(Ears("base"), german) is None  # type: ignore[arg-type]
    assert language_problem(Ears("of-my-own"), german) is None  # type: ignore[arg-type]
    problem = language_problem(Ears("tiny"), german)  # type: ignore[arg-type]
    assert problem is not None and "German" in problem.message and "stonechat models fetch base" in problem.remedy
    assert recogniser_of_many(Ears("tiny")).id == "base"  # type: ignore[arg-type,union-attr]


def test_choosing_a_language_offers_the_model_that_hears_it(desk: Desk) -> None:
    ears = desk.home.services.library = Ears("tiny")
    page = settings(desk)
    shown: list[Any] = []
    page.hearing._tools = SimpleNamespace(  # type: ignore[assignment]
        services=desk.home.services,
        lanes=desk.window.lanes,
        notices=SimpleNamespace(error=lambda *all_: shown.append(all_), info=lambda words: shown.append((words,))),
    )
    desk.home.preferences.change(hearing_language="de")
    desk.wait(lambda: shown)
    error, fetch, title = shown.pop()
    assert (error.code, title) == ("speech.language_needs_model", "Fetch it")
    fetch()
    desk.wait(lambda: len(shown) == 2)
    assert ears.fetched == ["base"] and shown[-1] == ("Base is here and is used from now on.",)


@pytest.mark.parametrize(("keep", "at_once"), [(True, False), (True, True), (False, False)])
def test_what_is_spoken_by_the_button_is_kept_only_when_wanted(desk: Desk, keep: bool, at_once: bool) -> None:
    desk.home.preferences.change(keep_recordings=keep, send_transcript=at_once)
    chat = desk.window.workspace.chat
    desk.run("voice.talk")
    desk.wait(lambda: desk.home.voice.recording)
    desk.run("voice.talk")
    if not at_once:
        desk.wait(lambda: chat.composer.text.toPlainText() == "what did I say")
        chat.composer.try_send()
    desk.wait(lambda: len(chat.conversation.transcript.messages) == 2 and not chat.presenter.busy)
    desk.idle()
    kept = desk.home.services.recordings.all()
    assert [one.words for one in kept] == (["what did I say"] if keep else [])
    chat.composer.set_words("typed")
    chat.composer.try_send()
    desk.wait(lambda: len(chat.conversation.transcript.messages) == 4 and not chat.presenter.busy)
    desk.idle()
    assert len(desk.home.services.recordings.all()) == len(kept)
