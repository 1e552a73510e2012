"""Draw the README's pictures: the demo in the real window, light, dark and talking, without a display."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
OUT = Path("resources/screenshots")


class Answering:
    """A conversation by voice without microphone and loudspeaker, in the middle of saying the last stored answer."""

    def __init__(self, history):
        self._history = history

    introduces = False

    def start(self, on_event, on_ended, *, conversation_id, introduce, on_level, cancel):  # noqa: ARG002
        from desktop_app.domain.events import PartialTranscript, SentenceSpoken, TalkPhaseChanged
        from desktop_app.domain.sentences import SentenceSplitter

        question, answer = self._history.path(conversation_id)[-2:]
        splitter = SentenceSplitter()
        sentence = [*splitter.feed(answer.text), *splitter.flush()][0]
        on_event(PartialTranscript(turn_id="", text=question.text))
        on_event(SentenceSpoken(turn_id="", text=sentence))
        on_event(TalkPhaseChanged(turn_id="", phase="answering", muted=False))
        on_level(0.3)

    def show(self, pictures):
        pass

    def leave(self):
        pass


def without_timings(history, conversation_id: str) -> None:
    """An answer that is just being spoken has none yet."""
    from desktop_app.domain.events import Timings

    answer = history.path(conversation_id)[-1]
    history.finish_answer(
        answer.id, answer.text, status="done", stopped_by="end", provenance=answer.provenance, timings=Timings()
    )


def main() -> None:
    from desktop_app.app import build
    from desktop_app.cli_demo import demo
    from desktop_app.paths import Places, places
    from desktop_app.ui.snapshot import save_conversation

    home = Path("build/screenshots").absolute()
    shutil.rmtree(home, ignore_errors=True)  # no conversations of earlier pictures
    shot = Places(data=home, cache=home / "cache", logs=home / "logs", models=places().models).create()
    services = build(shot)
    try:
        demo(services)
        newest = services.history.conversations(limit=1)[0]
        OUT.mkdir(parents=True, exist_ok=True)
        for theme in ("light", "dark"):
            save_conversation(services, newest.id, OUT / f"{theme}.png", theme=theme, size=(1280, 860))
        without_timings(services.history, newest.id)
        talking = replace(services, talk=Answering(services.history))
        save_conversation(talking, newest.id, OUT / "talk.png", size=(1280, 860), action_id="voice.hands_free")
    finally:
        services.close()


if __name__ == "__main__":
    main()
