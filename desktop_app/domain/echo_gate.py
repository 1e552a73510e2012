"""Says whether a block of sound can be the person's voice, or is what the echo canceller left of our own.

A detector of speech hears speech in both, however quiet the rest is. This gate compares levels: what is left of the
echo stays a certain distance below what is played, and that distance is learned. It knows nothing of words.
"""

from __future__ import annotations

from collections import deque

from desktop_app.domain.audio import BLOCK_MS, SILENCE_DB

INAUDIBLE_DB = -60.0
FIRST_COUPLING_DB = -22.0
LOWEST_COUPLING_DB = -50.0
HIGHEST_COUPLING_DB = 0.0
MARGIN_DB = 6.0
REACH_MS = 400
HOLD_MS = 240
RISE_DB = 1.0
FALL_DB = 0.15
CREEP_DB = 0.06
"""How far the estimate goes in a block of `BLOCK_MS`: in one that is not trusted, up or down; in a trusted one, up."""


class EchoGate:
    """One conversation's gate. Levels in dBFS, of blocks of `block_ms` that follow each other without a gap.

    `coupling_db`: how loud the rest of the echo is at most, against the loudest that was played in the last
    `REACH_MS`. It falls slowly while less is left, rises fast in blocks that are not trusted, and creeps up in
    trusted ones, so that an echo that has become louder is not taken for a person for ever.
    """

    def __init__(self, *, block_ms: int = BLOCK_MS) -> None:
        self._blocks = block_ms / BLOCK_MS
        self._played: deque[float] = deque(maxlen=max(1, REACH_MS // block_ms))
        self._hold_blocks = max(1, HOLD_MS // block_ms)
        self._held = 0
        self.coupling_db = FIRST_COUPLING_DB

    def trusts(self, cleaned_db: float, played_db: float) -> bool:
        """Whether the block can be the person's voice; call it once for every block, in order.

        `cleaned_db`: the microphone after echo cancellation. `played_db`: the loudspeaker in the same block. The
        trust lasts `HOLD_MS` longer, so that the quiet parts of a word stay in it.
        """
        self._played.append(played_db)
        if not self.audible_echo:
            self._held = 0
            return True
        above = cleaned_db - self.residual_db
        if above > MARGIN_DB:
            self._held = self._hold_blocks
            self._learn(CREEP_DB * self._blocks)
            return True
        if self._held:
            self._held -= 1
            return True
        self._learn(min(above, RISE_DB * self._blocks) if above > 0 else -FALL_DB * self._blocks)
        return False

    @property
    def audible_echo(self) -> bool:
        """Our own voice is coming out of the loudspeaker, or was just now."""
        return self._loudest_db > INAUDIBLE_DB

    @property
    def residual_db(self) -> float:
        """How loud the rest of the echo may be in the last block."""
        return self._loudest_db + self.coupling_db

    def heard_itself(self) -> None:
        """What was trusted turned out to be our own words: expect more of the echo from now on."""
        self._learn(MARGIN_DB)

    @property
    def _loudest_db(self) -> float:
        return max(self._played, default=SILENCE_DB)

    def _learn(self, change_db: float) -> None:
        self.coupling_db = min(HIGHEST_COUPLING_DB, max(LOWEST_COUPLING_DB, self.coupling_db + change_db))
