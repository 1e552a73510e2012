"""One recording from the microphone: kept in memory, bounded, and not lost when the device is."""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.domain.audio import HEARING_RATE, MAX_TURN_SECONDS, Audio, level
from desktop_app.errors import AppError, EnvironmentProblem, UserCanFix
from desktop_app.ports import Microphone

MOST_BYTES = int(MAX_TURN_SECONDS * HEARING_RATE) * 2


class Recording:
    """From `start` to `stop`. `on_level(0..1, seconds so far)` comes with each block, `on_lost` at most once."""

    def __init__(
        self, microphone: Microphone, on_level: Callable[[float, float], None], on_lost: Callable[[AppError], None]
    ) -> None:
        self._microphone = microphone
        self._on_level, self._on_lost = on_level, on_lost
        self._pcm = bytearray()
        self._over = False

    def start(self, device_id: str) -> None:
        """Raises EnvironmentProblem."""
        self._microphone.start(self._hear, self._lose, device_id)

    def stop(self) -> Audio:
        """Close the microphone; all that was heard."""
        self._microphone.stop()
        self._over = True
        return Audio(pcm=bytes(self._pcm))

    def _hear(self, block: bytes) -> None:
        if self._over:
            return
        self._pcm += block[: MOST_BYTES - len(self._pcm)]
        self._on_level(level(block), len(self._pcm) / 2 / HEARING_RATE)
        if len(self._pcm) >= MOST_BYTES:
            self._end(too_long())

    def _lose(self) -> None:
        self._end(
            EnvironmentProblem(
                "audio.microphone_lost",
                "The microphone was disconnected.",
                remedy="What was recorded is kept; connect it again, or choose another one under Settings, Voice.",
            )
        )

    def _end(self, error: AppError) -> None:
        if not self._over:
            self._over = True
            self._microphone.stop()
            self._on_lost(error)


def too_long() -> UserCanFix:
    minutes = f"{MAX_TURN_SECONDS / 60:.0f} minutes"
    return UserCanFix(
        "audio.too_long",
        f"A recording can be {minutes} long at most.",
        remedy=f"Say it in pieces of at most {minutes}; what is recorded so far is kept.",
    )
