"""What is being said, as blocks for a loudspeaker: can be paused within a block, and knows what has been heard."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from desktop_app.domain.audio import BLOCK_MS, HEARING_RATE, Audio
from desktop_app.domain.resampling import Resampler, resampled
from desktop_app.ports import CancelToken

MOUTH_RATE = 22_050
BLOCK_BYTES = 2 * MOUTH_RATE * BLOCK_MS // 1000
HEARING_BLOCK_BYTES = 2 * HEARING_RATE * BLOCK_MS // 1000
STEP_BACK_MS = 320
"""After a pause the sentence goes on a little earlier, so that no word is lost."""
MOST_BEHIND = 12
"""Blocks for the ear that may wait: more means that the clocks have drifted, and the oldest are dropped."""
_SILENCE = bytes(BLOCK_BYTES)


@dataclass(slots=True)
class _Sentence:
    text: str
    pcm: bytes
    at: int = 0


Report = Literal["begun", "heard", "silent"]


class Mouth:
    """`say` sentences, let a loudspeaker call `next_block`, an ear `played_block`. Safe from any thread.

    `report(kind, sentence, answer)` comes from the loudspeaker's thread when a sentence begins, when it is heard, and
    when all is heard after `nothing_more`. `answer` counts what `stop` ended: a report of an older one is stale.
    """

    def __init__(self, report: Callable[[Report, str, int], None]) -> None:
        self._report = report
        self._lock = threading.Condition()
        self.answer = 0
        self._waiting: deque[_Sentence] = deque()
        self._now: _Sentence | None = None
        self._heard: list[str] = []
        self._paused = self._last = False
        self._to_hearing = Resampler(MOUTH_RATE, HEARING_RATE)
        self._played: deque[bytes] = deque()
        self._rest = b""
        self._was_silent = False

    def say(self, text: str, sound: Audio) -> None:
        pcm = resampled(sound, MOUTH_RATE).pcm
        with self._lock:
            self._waiting.append(_Sentence(text, pcm))

    @property
    def has_something_to_say(self) -> bool:
        with self._lock:
            return bool(self._waiting) or self._now is not None

    def wait_for_room(self, cancel: CancelToken, most: int = 2) -> None:
        """Until fewer than `most` sentences wait to be said, or the answer is no longer wanted."""
        with cancel.calling(self._wake), self._lock:
            self._lock.wait_for(lambda: cancel.cancelled or len(self._waiting) < most)

    def nothing_more(self) -> None:
        """The answer is complete: `on_silent` comes once everything is heard."""
        with self._lock:
            self._last = True

    def pause(self) -> None:
        """Silent from the next block on."""
        with self._lock:
            self._paused = True

    def resume(self, *, back_ms: int = STEP_BACK_MS) -> None:
        with self._lock:
            self._paused = False
            if self._now is not None:
                self._now.at = max(0, self._now.at - back_ms // BLOCK_MS * BLOCK_BYTES)

    def stop(self) -> str:
        """Forget what was to be said. What was heard of it: whole sentences, and the words of a broken one."""
        with self._lock:
            heard = [*self._heard]
            self.answer += 1
            if self._now is not None:
                words = self._now.text.split()
                heard.append(" ".join(words[: round(len(words) * self._now.at / max(1, len(self._now.pcm)))]))
            self._waiting.clear()
            self._heard.clear()
            self._now = None
            self._paused = self._last = False
            self._lock.notify_all()
            return " ".join(text for text in heard if text)

    def next_block(self) -> bytes:
        """40 ms at `MOUTH_RATE`, silence while there is nothing to say."""
        told: list[tuple[Report, str]] = []
        with self._lock:
            answer = self.answer
            block = _SILENCE if self._paused else self._filled(told)
            self._remember(block)
        for kind, text in told:
            self._report(kind, text, answer)
        return block

    def played_block(self) -> bytes:
        """40 ms at 16 kHz of what the loudspeaker was given, in its order; silence when it was given none."""
        with self._lock:
            return self._played.popleft() if self._played else bytes(HEARING_BLOCK_BYTES)

    def _filled(self, told: list[tuple[Report, str]]) -> bytes:
        block = bytearray()
        while len(block) < BLOCK_BYTES:
            if self._now is None:
                if not self._waiting:
                    break
                self._now = self._waiting.popleft()
                self._lock.notify_all()
                told.append(("begun", self._now.text))
            now, room = self._now, BLOCK_BYTES - len(block)
            block += now.pcm[now.at : now.at + room]
            now.at += room
            if now.at >= len(now.pcm):
                self._heard.append(now.text)
                told.append(("heard", now.text))
                self._now = None
        if self._last and self._now is None and not self._waiting:
            self._last = False
            self._heard.clear()
            told.append(("silent", ""))
        return bytes(block).ljust(BLOCK_BYTES, b"\0")

    def _wake(self) -> None:
        with self._lock:
            self._lock.notify_all()

    def _remember(self, block: bytes) -> None:
        silent = block == _SILENCE
        if silent and self._was_silent:  # the resampler holds nothing but silence, and a block is a whole cycle of it
            self._rest += bytes(HEARING_BLOCK_BYTES)
        else:
            self._rest += self._to_hearing.feed(block)
        self._was_silent = silent
        while len(self._rest) >= HEARING_BLOCK_BYTES:
            self._played.append(self._rest[:HEARING_BLOCK_BYTES])
            self._rest = self._rest[HEARING_BLOCK_BYTES:]
        while len(self._played) > MOST_BEHIND:
            self._played.popleft()
