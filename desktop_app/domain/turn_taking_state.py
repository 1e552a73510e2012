"""The state of turn-taking: what the ear hears, what is said, who has the floor. `turn_taking.step` changes it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from desktop_app.domain.turn_ends import SpeakerPauses
from desktop_app.domain.turn_taking_values import BlockHeard, Phase, Timing

FIRST_BLOCK_S = 0.032
LONGEST_BLOCK_S = 0.05
KEPT_S = 1.0
"""A block's length is the time since the block before; after a gap in the sound it counts as no more than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """A stretch of speech; silence shorter than `Timing.stop_s` belongs to it. Times in seconds.

    `blocks` are the ends and lengths of the latest blocks with speech, of this stretch or not.
    """

    at: float | None = None
    began_s: float = 0.0
    last_s: float = 0.0
    gap_s: float = 0.0
    speech_s: float = 0.0
    blocks: tuple[tuple[float, float], ...] = ()

    @property
    def open(self) -> bool:
        return self.speech_s > 0

    def heard(self, block: BlockHeard, stop_s: float) -> Ear:
        start = block.at - FIRST_BLOCK_S if self.at is None else max(self.at, block.at - LONGEST_BLOCK_S)
        length = max(0.0, block.at - start)
        blocks = tuple(each for each in self.blocks if each[0] > block.at - KEPT_S)
        if block.speech:
            same = self.open and start - self.last_s < stop_s
            return replace(
                self,
                at=block.at,
                began_s=self.began_s if same else start,
                last_s=block.at,
                speech_s=round(length + (self.speech_s if same else 0.0), 6),
                blocks=(*blocks, (block.at, length)),
            )
        silent = replace(self, at=block.at, gap_s=block.at, blocks=blocks)
        return silent if silent.open and round(block.at - self.last_s, 6) < stop_s else silent.closed()

    def recent_s(self, window_s: float) -> float:
        """Speech in the last `window_s`."""
        if self.at is None:
            return 0.0
        oldest = self.at - window_s + 1e-6
        return round(sum(length for end, length in self.blocks if end > oldest), 6)

    def first_s(self, window_s: float) -> float:
        """When the first speech in the last `window_s` began, or the stretch that goes on, if that is earlier."""
        begun = [end - length for end, length in self.blocks if self.at is not None and end > self.at - window_s]
        return min([self.began_s, *begun] if self.open else begun, default=self.began_s)

    def closed(self) -> Ear:
        return replace(self, speech_s=0.0)

    def deaf(self) -> Ear:
        """What was heard until now counts no more."""
        return replace(self, speech_s=0.0, blocks=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A transcription that was asked for; `text` is None until it has come."""

    number: int
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What is being said. Sound before `from_s` is in `parts` already, with numbers up to `before`.

    `final` was asked for at the pause that may be the end. `carried` is the text of a turn that was taken back.
    `over`: it began over the answer; while it is `doubtful`, it may be no turn at all. `stops`: it only says "stop".
    """

    from_s: float
    before: int
    partial_at: float
    partial: str | None = None
    parts: tuple[Part, ...] = ()
    final: Part | None = None
    carried: str = ""
    over: bool = False
    doubtful: bool = False
    stops: bool = False

    @property
    def complete(self) -> bool:
        return self.final is not None and all(part.text is not None for part in (*self.parts, self.final))

    @property
    def said(self) -> str:
        """All words so far, the newest transcript last."""
        latest = self.partial if self.final is None or self.final.text is None else self.final.text
        texts = (self.carried, *(part.text for part in self.parts), latest)
        return " ".join(text.strip() for text in texts if text and text.strip())

    def answered(self, number: int, text: str, *, stops: bool) -> Turn:
        """With the text of the transcription of that number; unchanged when it is not one of ours."""
        parts = tuple(replace(part, text=text) if part.number == number else part for part in self.parts)
        if self.final and self.final.number == number:
            return replace(self, parts=parts, final=replace(self.final, text=text), stops=stops and not parts)
        return replace(self, parts=parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The state. `asked` counts transcriptions; `stopped_s` is when the person last stopped speaking.

    `sent` is the text of the turn that is being answered, `own` the last two sentences that we began to say.
    `hushed_s`: since when we are silent to hear whether there is something. `wary`: how much is needed for that, by
    how often it was nothing; `alarmed`: it was so in this answer. `language`: the code of what was heard last.
    """

    phase: Phase = "quiet"
    muted: bool = False
    ear: Ear = field(default_factory=Ear)
    pauses: SpeakerPauses = field(default_factory=SpeakerPauses)
    turn: Turn | None = None
    asked: int = 0
    stopped_s: float = 0.0
    sent: str = ""
    own: tuple[str, ...] = ()
    hushed_s: float | None = None
    wary: int = 0
    alarmed: bool = False
    language: str = "en"

    def warier(self, timing: Timing) -> Talk:
        return replace(self, wary=min(self.wary + 1, timing.wariest), alarmed=True)

    def calmer(self) -> Talk:
        return replace(self, wary=max(0, self.wary - 1), alarmed=False)
