"""Says whether a block of sound can be the person's voice, or is what the echo canceller left of our own.

A detector of speech hears speech in both, however quiet the rest is. This gate compares levels: what is left of the
echo stays a certain distance below what caused it, and that distance is learned. It knows nothing of words.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from desktop_app.domain.audio import BLOCK_MS, SILENCE_DB

INAUDIBLE_DB = -60.0
MARGIN_DB = 6.0
HOLD_MS = 240
RISE_DB = 1.0
FALL_DB = 0.15
CREEP_DB = 0.06
"""How far the estimate goes in a block of `BLOCK_MS`: in one that is not trusted, up or down; in a trusted one, up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """What to expect of one stage of the canceller. Levels in dB against the loudest cause in the last `reach_ms`.

    `settle_ms`: nothing is trusted over our own voice until it was audible for so long.
    """

    first_coupling_db: float
    lowest_coupling_db: float
    highest_coupling_db: float
    reach_ms: int
    settle_ms: int = 0


FINISHED = Caution(first_coupling_db=-22.0, lowest_coupling_db=-50.0, highest_coupling_db=0.0, reach_ms=400)
"""After both stages, against what is played: little is left, but it mutes the person as well."""
LINEAR = Caution(
    first_coupling_db=-4.0, lowest_coupling_db=-9.0, highest_coupling_db=12.0, reach_ms=240, settle_ms=1_000
)
"""After the linear stage, against the echo that it took out: once it knows the room, the person is clear in it."""


class EchoGate:
    """One conversation's gate. Levels in dBFS, of blocks of `block_ms` that follow each other without a gap.

    `coupling_db`: how loud the rest of the echo is at most, against the loudest cause. It falls slowly while less is
    left, rises fast in blocks that are not trusted, and creeps up in trusted ones, so that an echo that has become
    louder is not taken for a person for ever.
    """

    def __init__(self, caution: Caution = FINISHED, *, block_ms: int = BLOCK_MS) -> None:
        self._caution = caution
        self._blocks = block_ms / BLOCK_MS
        self._causes: deque[float] = deque(maxlen=max(1, caution.reach_ms // block_ms))
        self._hold_blocks = max(1, HOLD_MS // block_ms)
        self._unsettled_blocks = caution.settle_ms / block_ms
        self._held = 0
        self.coupling_db = caution.first_coupling_db

    def trusts(self, cleaned_db: float, cause_db: float, *, playing: bool | None = None) -> bool:
        """Whether the block can be the person's voice; call it once for every block, in order.

        `cleaned_db`: the microphone after this stage. `cause_db`: what would leak in the same block. `playing`: our
        own voice comes out of the loudspeaker; None when the cause says so. The trust lasts `HOLD_MS` longer, so that
        the quiet parts of a word stay in it.
        """
        self._causes.append(cause_db)
        playing = self.audible_echo if playing is None else playing
        if playing and self._unsettled_blocks > 0:
            self._unsettled_blocks -= 1
            return False
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
        """What would leak is loud enough to be heard, or was just now."""
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
        return max(self._causes, default=SILENCE_DB)

    def _learn(self, change_db: float) -> None:
        lowest, highest = self._caution.lowest_coupling_db, self._caution.highest_coupling_db
        self.coupling_db = min(highest, max(lowest, self.coupling_db + change_db))
