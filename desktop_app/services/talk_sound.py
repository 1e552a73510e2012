"""The latest sound of a conversation, cut by the clock of the microphone."""

from __future__ import annotations

from desktop_app.domain.audio import BLOCK_MS, HEARING_RATE, Audio

LEAST_FORGOTTEN = HEARING_RATE * BLOCK_MS // 1000


class TalkSound:
    """Two tracks of the same moments: one with next to nothing of our own voice, one with all of the person's."""

    def __init__(self) -> None:
        self._clean, self._clear = bytearray(), bytearray()
        self._start = 0  # samples before the first that is kept
        self._clear_from: int | None = None

    @property
    def end_s(self) -> float:
        return (self._start + len(self._clean) // 2) / HEARING_RATE

    def add(self, clean: bytes, clear: bytes) -> None:
        self._clean += clean
        self._clear += clear

    def begin(self, from_s: float, clear_s: float | None) -> None:
        """A turn: its sound begins at `from_s`, and is taken from the clear track from `clear_s` on."""
        self.forget(from_s)
        self._clear_from = None if clear_s is None else round(clear_s * HEARING_RATE)

    def forget(self, before_s: float) -> None:
        drop = max(0, min(len(self._clean) // 2, round(before_s * HEARING_RATE) - self._start))
        if drop >= LEAST_FORGOTTEN:
            del self._clean[: 2 * drop]
            del self._clear[: 2 * drop]
            self._start += drop

    def cut(self, from_s: float, to_s: float) -> Audio:
        start, end = (self._place(round(s * HEARING_RATE)) for s in (from_s, to_s))
        if self._clear_from is None:
            return Audio(pcm=bytes(self._clean[start:end]))
        change = min(end, max(start, self._place(self._clear_from)))
        return Audio(pcm=bytes(self._clean[start:change] + self._clear[change:end]))

    def _place(self, sample: int) -> int:
        return max(0, sample - self._start) * 2
