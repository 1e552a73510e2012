"""What stands in for models, sound and eyes while scripted people try the window: they follow the scenario.

Nothing is computed, nothing is heard or played. On screen the model is called "Scripted (not a real model)".
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from desktop_app.domain.audio import HEARING_RATE, Audio, EarBlock, Span, Transcript
from desktop_app.domain.generation import GenerationEnded, GenerationEvent, ModelRequest, PromptProgress, TextDelta
from desktop_app.domain.model_specs import InstalledModel, ModelRole
from desktop_app.domain.pictures import Colour, Evidence, Label, TextFound
from desktop_app.engines.chosen import ChosenEngines, Find
from desktop_app.engines.scripted import ScriptedModel
from desktop_app.errors import EngineCrashed, UserCanFix
from desktop_app.ports import CancelToken, LanguageModel, LiveSpeaker, Microphone, Speaker
from desktop_app.settings import Settings

HOLD = "<hold>"
"""A piece of an answer that waits until the person stops it."""
CRASH = "<crash>"
"""A piece with which the engine's process dies."""
_PNG = b"\x89PNG\r\n\x1a\n"
_BLOCK = b"\x00\x10\x00\xf0" * (HEARING_RATE // 25 // 2)


class Actor(ScriptedModel):
    """A language model that says what the scenario wrote down, and then repeats the question."""

    def __init__(self, answers: tuple[tuple[str, ...], ...]) -> None:
        super().__init__()
        self._lines = deque(answers)

    def stream(self, request: ModelRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        prompt = self.count_tokens(request)
        yield PromptProgress(done=prompt, total=prompt, reused=0)
        if request.sampling.max_tokens == 0:
            pieces: tuple[str, ...] = ()
        else:
            pieces = self._lines.popleft() if self._lines else (request.messages[-1].text,)
        written = 0
        for piece in pieces:
            if piece == CRASH:
                raise EngineCrashed(
                    "engine.crashed", "The language model stopped unexpectedly.", remedy="Restart it and try again."
                )
            while piece == HOLD and not cancel.wait(60):
                pass
            if cancel.cancelled:
                break
            written += 1
            yield TextDelta(text=piece)
        yield GenerationEnded(
            stopped_by="person" if cancel.cancelled else "end",
            prompt_tokens=prompt,
            reused_tokens=0,
            tokens=written,
            first_token_ms=1.0,
            total_ms=2.0,
        )


class Cast(ChosenEngines):
    """All engines and devices of one stage. Whether a model is installed is still asked of the real library."""

    def __init__(
        self, find: Find, settings: Callable[[], Settings], *, answers: tuple[tuple[str, ...], ...], hears: str
    ) -> None:
        super().__init__(find, settings)
        self._look: Callable[[ModelRole, str], InstalledModel] = find
        self.actor = Actor(answers)
        self.restarts = 0
        self.recognizer = _Listener(find, hears)  # type: ignore[assignment]
        self.detector = _Detector()  # type: ignore[assignment]
        self.ear = _Ear()  # type: ignore[assignment]
        self.synthesizer = _Voice(find)  # type: ignore[assignment]
        self.reader = _Eyes(find)  # type: ignore[assignment]

    def model(self, model_id: str) -> LanguageModel:
        self._look("language", model_id)
        return self.actor

    def restart(self) -> None:
        self.restarts += 1

    def microphone(self) -> Microphone:
        return _Microphone()

    def speaker(self) -> Speaker:
        return _Speaker()

    def live_speaker(self) -> LiveSpeaker:
        return _LiveSpeaker()


class _Listener:
    def __init__(self, find: Find, hears: str) -> None:
        self._find = find
        self._hears = hears

    def transcribe(self, audio: Audio, cancel: CancelToken) -> Transcript:
        cancel.raise_if_cancelled()
        self._find("hearing", "")
        return Transcript(text=self._hears, seconds=audio.seconds)

    def close(self) -> None:
        return


class _Detector:
    def speech(self, audio: Audio) -> tuple[Span, ...]:
        return (Span(start_ms=0, end_ms=max(1, round(audio.seconds * 1000))),)


class _Ear:
    def hear(self, microphone: bytes, played: bytes) -> EarBlock:  # noqa: ARG002
        return EarBlock(pcm=microphone, speech=0.0)

    def reset(self) -> None:
        return

    def close(self) -> None:
        return


class _Voice:
    def __init__(self, find: Find) -> None:
        self._find = find

    def speak(self, text: str, cancel: CancelToken, *, speed: float = 1.0) -> Iterator[Audio]:
        self._find("voice", "")
        if text and not cancel.cancelled:
            yield Audio(pcm=bytes(round(2 * 800 / speed)))

    def close(self) -> None:
        return


class _Eyes:
    """Takes a PNG as it is, and finds the same in every picture."""

    def __init__(self, find: Find) -> None:
        self._find = find

    def read(self, picture: Path, cancel: CancelToken) -> Evidence:  # noqa: ARG002
        cancel.raise_if_cancelled()
        self._find("labels", "")
        return Evidence(
            width=640,
            height=430,
            text=(TextFound(text="SPRING CONCERT", confidence=0.97, box=(10, 10, 200, 60)),),
            labels=(Label(name="poster", confidence=0.82),),
            colours=(Colour(name="sky blue", hex="#8fb7d8", share=0.5),),
        )

    def decode(self, data: bytes, name: str) -> tuple[bytes, int, int]:
        if not data.startswith(_PNG):
            raise UserCanFix("picture.not_a_picture", f"“{name}” is not a picture.", remedy="Choose another file.")
        return data, int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")

    def close(self) -> None:
        return


class _Microphone:
    """Gives a quiet hum, a block every 40 ms, while it is open."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def devices(self) -> tuple[tuple[str, str], ...]:
        return (("scripted", "Scripted microphone"),)

    def start(
        self,
        on_block: Callable[[bytes], None],
        on_lost: Callable[[], None],  # noqa: ARG002
        device_id: str = "",  # noqa: ARG002
    ) -> None:
        self._over = over = threading.Event()

        def hum() -> None:
            for _ in range(10):
                on_block(_BLOCK)
            while not over.wait(0.04):
                on_block(_BLOCK)

        self._thread = threading.Thread(target=hum, name="scripted-microphone", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None


class _Speaker:
    def devices(self) -> tuple[tuple[str, str], ...]:
        return (("scripted", "Scripted loudspeaker"),)

    def play(self, audio: Audio, cancel: CancelToken, device_id: str = "") -> bool:  # noqa: ARG002
        return not cancel.cancelled


class _LiveSpeaker:
    """Asks for sound as a device would, and drops it."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(
        self,
        next_block: Callable[[], bytes],
        on_lost: Callable[[], None],  # noqa: ARG002
        *,
        rate: int,  # noqa: ARG002
        device_id: str = "",  # noqa: ARG002
    ) -> None:
        self._over = over = threading.Event()

        def play() -> None:
            while not over.wait(0.04):
                next_block()

        self._thread = threading.Thread(target=play, name="scripted-speaker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None
