"""Stand-ins for ears, voice and devices: what they are asked is kept, what they do is decided by the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from desktop_app.domain.audio import Audio, Span, Transcript
from desktop_app.errors import AppError, EnvironmentProblem
from desktop_app.ports import CancelToken

BLOCK = 1_280  # bytes of 40 ms at 16 kHz


def tone(seconds: float, *, rate: int = 16_000, height: int = 8_000) -> Audio:
    """A square wave of 100 Hz."""
    half = rate // 200
    wave = (height.to_bytes(2, "little", signed=True) * half) + ((-height).to_bytes(2, "little", signed=True) * half)
    size = round(seconds * rate) * 2
    return Audio(pcm=(wave * (size // len(wave) + 1))[:size], rate=rate)


class FakeMicrophone:
    """Call `hear` and `unplug` while it is open. `missing` makes `start` fail."""

    def __init__(self, *, missing: bool = False) -> None:
        self.missing = missing
        self.device_id: str | None = None
        self.stops = 0
        self._on_block: Callable[[bytes], None] | None = None
        self._on_lost: Callable[[], None] | None = None

    @property
    def open(self) -> bool:
        return self._on_block is not None

    def devices(self) -> tuple[tuple[str, str], ...]:
        return () if self.missing else (("mic", "A microphone"),)

    def start(self, on_block: Callable[[bytes], None], on_lost: Callable[[], None], device_id: str = "") -> None:
        if self.missing:
            raise EnvironmentProblem("audio.no_microphone", "No microphone was found.", remedy="Connect one.")
        self._on_block, self._on_lost, self.device_id = on_block, on_lost, device_id

    def stop(self) -> None:
        self.stops += 1
        self._on_block = self._on_lost = None

    def hear(self, audio: Audio) -> None:
        for start in range(0, len(audio.pcm), BLOCK):
            if self._on_block is not None:
                self._on_block(audio.pcm[start : start + BLOCK])

    @property
    def lost(self) -> Callable[[], None] | None:
        """What is called when it goes away."""
        return self._on_lost

    def unplug(self) -> None:
        assert self._on_lost is not None
        self._on_lost()


class FakeLiveSpeaker:
    """Asks for nothing by itself: call `play`. With `error` it cannot be opened."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.opened = 0
        self._next_block: Callable[[], bytes] | None = None
        self._on_lost: Callable[[], None] | None = None

    @property
    def open(self) -> bool:
        return self._next_block is not None

    def start(
        self, next_block: Callable[[], bytes], on_lost: Callable[[], None], *, rate: int, device_id: str = ""
    ) -> None:
        if self.error is not None:
            raise self.error
        self.opened += 1
        self._next_block, self._on_lost = next_block, on_lost

    def play(self, blocks: int = 1) -> bytes:
        assert self._next_block is not None
        return b"".join(self._next_block() for _ in range(blocks))

    def stop(self) -> None:
        self._next_block = self._on_lost = None

    def unplug(self) -> None:
        assert self._on_lost is not None
        self._on_lost()


class FakeSpeaker:
    """Plays at once, or with `held` until `release` or the cancel token lets it go on."""

    def __init__(self, *, held: bool = False, error: AppError | None = None) -> None:
        self.error = error
        self.played: list[Audio] = []
        self.device_id: str | None = None
        self.playing = threading.Semaphore(0)
        self._held = held
        self._go = threading.Semaphore(0)

    def devices(self) -> tuple[tuple[str, str], ...]:
        return (("speaker", "A speaker"),)

    def play(self, audio: Audio, cancel: CancelToken, device_id: str = "") -> bool:
        self.device_id = device_id
        if self.error is not None:
            raise self.error
        self.playing.release()
        if self._held:
            with cancel.calling(self.release):
                assert self._go.acquire(timeout=10)
        if cancel.cancelled:
            return False
        self.played.append(audio)
        return True

    def release(self) -> None:
        self._go.release()


class FakeSynthesizer:
    """A tenth of a second of tone per word. `fail_at` raises `error` for the sentence of that number."""

    def __init__(self, *, error: Exception | None = None, fail_at: int = 0) -> None:
        self.asked: list[str] = []
        self.speeds: list[float] = []
        self._error, self._fail_at = error, fail_at

    def speak(self, text: str, cancel: CancelToken, *, speed: float = 1.0) -> Iterator[Audio]:
        self.asked.append(text)
        self.speeds.append(speed)
        if self._error is not None and len(self.asked) > self._fail_at:
            raise self._error
        if not cancel.cancelled:
            yield tone(0.1 * len(text.split()), rate=22_050)

    def close(self) -> None:
        return


class FakeRecognizer:
    def __init__(self, text: str = "Hello.") -> None:
        self.text = text
        self.asked: list[Audio] = []

    def transcribe(self, audio: Audio, cancel: CancelToken) -> Transcript:
        cancel.raise_if_cancelled()
        self.asked.append(audio)
        return Transcript(text=self.text, no_speech=0.1, seconds=audio.seconds)

    def close(self) -> None:
        return


class FakeDetector:
    def __init__(self, *spans: tuple[int, int]) -> None:
        self._spans = spans

    def speech(self, audio: Audio) -> tuple[Span, ...]:
        return tuple(Span(start_ms=start, end_ms=end) for start, end in self._spans)
