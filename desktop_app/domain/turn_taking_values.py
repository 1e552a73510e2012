"""The words of turn-taking: how long things take, what happens, what is to be done. `turn_taking.step` gives the rules.

Times (`at`, `from_s`, `to_s`) are seconds on the microphone's clock; a report from elsewhere carries the time of the
newest block, so that no silence is counted that was not heard yet. Durations are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Phase = Literal["quiet", "starting", "speaking", "stopping", "transcribing", "thinking", "answering", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Durations in seconds.

    `start_s`: speech that begins a turn. `stop_s`: silence that ends a stretch of speech.
    `least_wait_s`, `most_wait_s`: bounds of the silence that ends a turn; `turn_ends.wait_s` chooses between them.
    `hush_s`: speech within `window_s` that makes us fall silent over the answer and listen; `pause_s`: the same that
    is perhaps a turn; of each, one for every level of wariness. `hush_most_s`: longer speech into our silence is one.
    `confirm_s`: speech with words that stops the answer.
    `surely_s`: speech over the answer that stops it although no transcript has come.
    `resume_s`: silence after which the answer goes on if no words are known.
    `pre_roll_s`, `over_pre_roll_s`: sound kept from before the first speech, and of that before one over the answer.
    `partial_every_s`: between two partial transcripts.
    `longest_s`: longer speech is transcribed in parts of this length; from then on the shortest wait ends the turn.
    """

    start_s: float = 0.1
    stop_s: float = 0.2
    least_wait_s: float = 0.5
    most_wait_s: float = 3.0
    window_s: float = 0.4
    hush_s: tuple[float, ...] = (0.08, 0.12, 0.2, 0.28)
    hush_most_s: float = 0.6
    pause_s: tuple[float, ...] = (0.16, 0.2, 0.28, 0.36)
    confirm_s: float = 0.5
    surely_s: float = 2.0
    resume_s: float = 1.0
    pre_roll_s: float = 0.3
    over_pre_roll_s: float = 0.8
    partial_every_s: float = 0.6
    longest_s: float = 60.0

    @property
    def wariest(self) -> int:
        return min(len(self.hush_s), len(self.pause_s)) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happened:
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockHeard(_Happened):
    """32 to 40 ms of sound that ended `at`. `speech` is the person's, as far as the echo canceller can tell."""

    speech: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed(_Happened):
    """No sound, but time: for as long as the microphone gives no blocks (closed while muted, unplugged)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialHeard(_Happened):
    """The answer to `AskPartial`; may be late or missing. Empty text: no words so far. `stops`: it only says "stop"."""

    number: int
    text: str
    stops: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalHeard(_Happened):
    """The answer to `AskFinal`, always given unless dropped (then it is ignored). Empty text: nothing trustworthy.

    `stops`: it only says "stop".
    """

    number: int
    text: str
    stops: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBegan(_Happened):
    """The first sound plays. Reports of an answer that was stopped must not be passed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceBegan(_Happened):
    """This sentence begins to play: its words in a transcript may be our own echo."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencePlayed(_Happened):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEnded(_Happened):
    """All is spoken, or there was nothing to speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFailed(_Happened):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted(_Happened):
    """Speech after this does not count. What was said before it is still heard and sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmuted(_Happened):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Silenced(_Happened):
    """The person wants silence now, by a key: no answer, and nobody's turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(_Happened):
    """The person ended the conversation: everything stops, nothing more is sent."""


Input = (
    BlockHeard
    | TimePassed
    | PartialHeard
    | FinalHeard
    | AnswerBegan
    | SentenceBegan
    | SentencePlayed
    | AnswerEnded
    | AnswerFailed
    | Muted
    | Unmuted
    | Silenced
    | Left
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginTurn:
    """Keep the sound from here on. Exactly one `SendTurn` or `DropTurn` follows.

    `clear_s`: over an answer, from when on the person is in the sound, so that it may hold our own voice too.
    """

    from_s: float
    clear_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPartial:
    """Transcribe what there is, when there is time for it."""

    number: int
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AskFinal:
    """Transcribe this, before everything else."""

    number: int
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DropFinal:
    """Speech went on: that transcription is no longer wanted, whether it runs or is done."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTurn:
    """The turn is over: `text` (never empty) goes to the model, in place of a turn that was taken back."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTurn:
    """Nothing was said that needs an answer: forget the sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hush:
    """Something was heard over the answer: sound off at once, to hear more of it. `Unhush` or `PauseSpeaker` follows
    within `Timing.hush_most_s`, or the answer ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unhush:
    """It was nothing: go on where we were. Also when the answer ended meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseSpeaker:
    """The person perhaps interrupts: sound off at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeSpeaker:
    """It was no interruption: go on with the sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAnswer:
    """Stop the sound and the model. An answer that was not heard at all yet is taken back, with its question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPhase:
    phase: Phase
    muted: bool


Action = (
    BeginTurn
    | AskPartial
    | AskFinal
    | DropFinal
    | SendTurn
    | DropTurn
    | Hush
    | Unhush
    | PauseSpeaker
    | ResumeSpeaker
    | StopAnswer
    | ShowPhase
)
