"""What a scenario can wait for, and what tells that its task is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.ui.chat.answer import AnswerView
from desktop_app.ui.chat.view import ChatView
from usability_tests import screen
from usability_tests.stage import Stage


def _chat(stage: Stage) -> ChatView:
    return stage.window.workspace.chat


def _answer(stage: Stage) -> AnswerView | None:
    return _chat(stage).conversation.last_answer


def idle(stage: Stage) -> bool:
    return not stage.window.lanes.running


def answered(stage: Stage) -> bool:
    answer = _answer(stage)
    return answer is not None and not answer.is_live and not _chat(stage).presenter.busy and idle(stage)


def writing(stage: Stage) -> bool:
    """Words of an answer stand there, and more are coming."""
    answer = _answer(stage)
    return answer is not None and answer.is_live and bool(answer.text)


def recording(stage: Stage) -> bool:
    chat = _chat(stage)
    return chat.voice.state == "recording" and chat.composer.recording.meter.level > 0


CONDITIONS: dict[str, Callable[[Stage], bool]] = {
    "idle": idle,
    "answered": answered,
    "writing": writing,
    "recording": recording,
}


# what can be asked at the end


def _says(stage: Stage, words: str) -> bool:
    answer = _answer(stage)
    return answer is not None and words in answer.text


def _stopped(stage: Stage, by: str) -> bool:
    answer = _answer(stage)
    return answer is not None and answer.message.stopped_by == by


def _asked(stage: Stage, words: str) -> bool:
    """The last question as it is stored."""
    questions = [message for message in _path(stage) if message.role == "user"]
    return bool(questions) and questions[-1].text == words


def _pictures(stage: Stage, count: str) -> bool:
    questions = [message for message in _path(stage) if message.role == "user"]
    return bool(questions) and len(questions[-1].pictures) == int(count)


def _versions(stage: Stage, count: str) -> bool:
    last = _path(stage)[-1] if _path(stage) else None
    return last is not None and last.siblings == int(count)


def _question_versions(stage: Stage, count: str) -> bool:
    questions = [message for message in _path(stage) if message.role == "user"]
    return bool(questions) and questions[-1].siblings == int(count)


def _path(stage: Stage):  # type: ignore[no-untyped-def]
    current = _chat(stage).current_id
    return stage.services.history.path(current) if current else ()


def _open(stage: Stage, title: str) -> bool:
    current = _chat(stage).current_id
    return current is not None and stage.services.history.conversation(current).title == title


def _setting(stage: Stage, words: str) -> bool:
    name, _, value = words.partition(" ")
    return str(getattr(stage.services.preferences.current, name)) == value


def _focus(stage: Stage, name: str) -> bool:
    return focus_name(QApplication.focusWidget()) == name and stage.window.isVisible()


def _reads(stage: Stage, words: str) -> bool:
    return screen.reads(stage.window, words)


def focus_name(widget: QWidget | None) -> str:
    face = QAccessible.queryAccessibleInterface(widget) if widget is not None else None
    return face.text(QAccessible.Text.Name).strip() if face is not None else ""


PREDICATES: dict[str, Callable[[Stage, str], bool]] = {
    "says": _says,
    "stopped": _stopped,
    "asked": _asked,
    "pictures": _pictures,
    "versions": _versions,
    "question_versions": _question_versions,
    "open": _open,
    "setting": _setting,
    "focus": _focus,
    "reads": _reads,
    "recorded": lambda stage, level: stage.services.usage.level == level,
}


def unmet(stage: Stage, success: tuple[str, ...], said: Sequence[str]) -> tuple[str, ...]:
    """The predicates that do not hold: each a name of `PREDICATES`, or `announced`, and what it is about.

    `said` is what a screen reader was told on the way.
    """
    broken = []
    for line in success:
        name, _, what = line.partition(" ")
        held = any(what in words for words in said) if name == "announced" else PREDICATES[name](stage, what)
        if not held:
            broken.append(line)
    return tuple(broken)
