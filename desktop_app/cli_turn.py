"""`ask` and `listen`: a turn without a window, told as text or as JSON."""

from __future__ import annotations

import argparse
import dataclasses
import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.domain.audio import joined
from desktop_app.domain.events import (
    Event,
    SpeechTranscribed,
    TextAdded,
    Timings,
    TurnFailed,
    TurnFinished,
    TurnStarted,
)
from desktop_app.domain.messages import Picture
from desktop_app.errors import AppError, Bug, EngineCrashed, EnvironmentProblem, UserCanFix
from desktop_app.ports import CancelToken
from desktop_app.services.wav import read_wav, write_wav

if TYPE_CHECKING:
    from desktop_app.services.chat import AskOptions
    from desktop_app.services.services import Services

PAUSE_MS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One finished turn. `transcript` is what was heard, empty for a typed question."""

    conversation_id: str
    answer_id: str
    transcript: str
    timings: Timings


def turn(
    services: Services,
    text: str,
    *,
    audio: Path | None = None,
    images: tuple[Path, ...] = (),
    conversation_id: str | None = None,
    options: AskOptions | None = None,
    speak_to: Path | None = None,
    observe: Callable[[Event], None] | None = None,
) -> Told:
    """Hear, look, answer, speak. `observe` is given every event. Raises AppError."""
    from desktop_app.services.chat import AskOptions

    with stoppable() as cancel:
        heard = _heard(services, audio, cancel) if audio else None
        transcript = heard.text if heard else ""
        question = "\n\n".join(part for part in (transcript, text) if part)
        pictures: tuple[Picture, ...] = tuple(services.attachments.accept(path) for path in images)
        events = services.chat.ask(
            question,
            conversation_id=conversation_id,
            pictures=pictures,
            spoken=audio is not None,
            options=options or AskOptions(),
            cancel=cancel,
        )
        started, finished = _followed(events, observe, heard)
        timings = dataclasses.replace(finished.timings, transcribe_ms=heard.transcribe_ms if heard else None)
        if speak_to is not None:
            first_audio_ms = _spoken(services, services.history.message(finished.answer_id).text, speak_to, cancel)
            timings = dataclasses.replace(timings, first_audio_ms=first_audio_ms)
    return Told(
        conversation_id=started.conversation_id,
        answer_id=finished.answer_id,
        transcript=transcript,
        timings=timings,
    )


def ask(services: Services, arguments: argparse.Namespace) -> int:
    from desktop_app.services.chat import AskOptions

    options = AskOptions(
        model_id=arguments.model,
        temperature=arguments.temperature,
        seed=arguments.seed,
        max_tokens=arguments.max_tokens,
        adapter_id=arguments.adapter,
    )
    told = turn(
        services,
        arguments.text,
        audio=Path(arguments.audio) if arguments.audio else None,
        images=tuple(map(Path, arguments.image)),
        conversation_id=arguments.conversation,
        options=options,
        speak_to=Path(arguments.speak) if arguments.speak else None,
        observe=None if arguments.json else _print_text,
    )
    if arguments.json:
        print(json.dumps(answer_object(services, told), indent=2))
    else:
        print()
    return 0


def listen(services: Services, arguments: argparse.Namespace) -> int:
    from desktop_app.services.chat import AskOptions

    conversation_id: str | None = None
    out = Path(arguments.out) if arguments.out else None
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(arguments.files, 1):
        speak_to = out / f"answer-{number}.wav" if out is not None else None
        observe = _print_event if arguments.json else _print_text
        told = turn(
            services,
            "",
            audio=Path(name),
            conversation_id=conversation_id,
            options=AskOptions(adapter_id=arguments.adapter),
            speak_to=speak_to,
            observe=observe,
        )
        conversation_id = told.conversation_id
        if not arguments.json:
            print(f"\n({told.transcript})\n")
    return 0


def answer_object(services: Services, told: Told) -> dict[str, Any]:
    """What `ask --json` prints."""
    answer = services.history.message(told.answer_id)
    question = services.history.message(answer.parent_id or told.answer_id)
    made = answer.provenance
    return {
        "answer_id": answer.id,
        "conversation_id": told.conversation_id,
        "text": answer.text,
        "model": made.model,
        "adapter": made.adapter,
        "stopped_by": answer.stopped_by,
        "pictures": [
            {
                "sha256": picture.sha256,
                "width": picture.width,
                "height": picture.height,
                "seen_by": made.seen_by,
                "evidence": _evidence(made.evidence.get(picture.sha256)),
            }
            for picture in question.pictures
        ],
        "transcript": told.transcript,
        "timings": dataclasses.asdict(told.timings),
    }


def _evidence(found: Any) -> dict[str, list[Any]]:
    if found is None:
        return {"text": [], "labels": [], "colours": []}
    return {
        "text": [dataclasses.asdict(each) for each in found.text],
        "labels": [dataclasses.asdict(each) for each in found.labels],
        "colours": [dataclasses.asdict(each) for each in found.colours],
    }


def _heard(services: Services, audio: Path, cancel: CancelToken) -> SpeechTranscribed:
    """What was said, before there is a turn that it belongs to."""
    started = time.perf_counter()
    transcript = services.voice.words_in(read_wav(audio), cancel)
    took_ms = (time.perf_counter() - started) * 1000
    return SpeechTranscribed(turn_id="", text=transcript.text, language=transcript.language, transcribe_ms=took_ms)


def _spoken(services: Services, text: str, path: Path, cancel: CancelToken) -> float | None:
    """Write the answer as sound; gives the milliseconds to the first of it."""
    started = time.perf_counter()
    sounds, first_ms = [], None
    for sound in services.voice.synthesize(text, cancel):
        first_ms = first_ms if first_ms is not None else (time.perf_counter() - started) * 1000
        sounds.append(sound)
    if sounds:
        write_wav(path, joined(sounds, pause_ms=PAUSE_MS))
    return first_ms


def _followed(
    events: Iterator[Event], observe: Callable[[Event], None] | None, heard: SpeechTranscribed | None
) -> tuple[TurnStarted, TurnFinished]:
    started: TurnStarted | None = None
    for event in events:
        if observe is not None:
            observe(event)
        if isinstance(event, TurnStarted):
            started = event
            if observe is not None and heard is not None:
                observe(dataclasses.replace(heard, turn_id=event.turn_id))
        elif isinstance(event, TurnFailed):
            raise _as_error(event)
        elif isinstance(event, TurnFinished) and started is not None:
            return started, event
    raise Bug("chat.unfinished", "The turn did not end.", remedy="Please report this with the log.")


def _as_error(failed: TurnFailed) -> AppError:
    kind: type[AppError] = UserCanFix if failed.code.split(".")[0] in ("models", "chat", "picture") else Bug
    if failed.code.startswith("engine."):
        kind = EngineCrashed if failed.code == "engine.crashed" else EnvironmentProblem
    return kind(failed.code, failed.message, remedy=failed.remedy)


@contextmanager
def stoppable() -> Iterator[CancelToken]:
    """Ctrl-C stops the turn and keeps what was written."""
    cancel = CancelToken()
    before = signal.signal(signal.SIGINT, lambda *_: cancel.cancel())
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)


def _print_text(event: Event) -> None:
    if isinstance(event, TextAdded):
        print(event.text, end="", flush=True)


def _print_event(event: Event) -> None:
    shown = {"event": type(event).__name__, "t": time.monotonic(), **dataclasses.asdict(event)}
    print(json.dumps(shown), flush=True)
