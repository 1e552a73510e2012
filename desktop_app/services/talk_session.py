"""A hands-free conversation while it lasts: one thread that hears, asks `turn_taking.step`, and does what it says.

Everything that happens comes through one queue: blocks of the microphone, transcripts, what the mouth has said. Time
is the microphone's: 40 ms a block.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

from desktop_app.domain.audio import MAX_TURN_SECONDS, Audio, joined
from desktop_app.domain.events import (
    Event,
    FalseInterruption,
    FirstAudio,
    PartialTranscript,
    SentencePlayed,
    SentenceSpoken,
    SpeechEnded,
    SpeechStarted,
    SpeechTranscribed,
    TalkPhaseChanged,
)
from desktop_app.domain.messages import Picture
from desktop_app.domain.stop_words import is_stop
from desktop_app.domain.turn_ends import SpeakerPauses, is_echo
from desktop_app.domain.turn_taking import step
from desktop_app.domain.turn_taking_state import Talk
from desktop_app.domain.turn_taking_values import (
    Action,
    AnswerBegan,
    AnswerEnded,
    AskFinal,
    AskPartial,
    BeginTurn,
    BlockHeard,
    DropFinal,
    DropTurn,
    FinalHeard,
    Hush,
    Input,
    Left,
    Muted,
    PartialHeard,
    PauseSpeaker,
    ResumeSpeaker,
    SendTurn,
    SentenceBegan,
    ShowPhase,
    Silenced,
    StopAnswer,
    TimePassed,
    Timing,
    Unhush,
    Unmuted,
)
from desktop_app.domain.turn_taking_values import SentencePlayed as WasPlayed
from desktop_app.errors import AppError
from desktop_app.ports import CancelToken, LiveEar, SpeechRecognizer, SpeechSynthesizer
from desktop_app.services.chat import ChatService
from desktop_app.services.history import History
from desktop_app.services.mouth import HEARING_BLOCK_BYTES, Mouth, Report
from desktop_app.services.talk_answer import TalkAnswer
from desktop_app.services.talk_draft import TalkDraft
from desktop_app.services.talk_ear import TalkEar
from desktop_app.services.talk_sound import TalkSound
from desktop_app.services.transcriber import Transcriber

log = logging.getLogger(__name__)

KEPT_S = 2.0
"""Sound that is kept while nobody speaks: more than the pre-roll."""
AFTER_S = 0.3
"""Sound after the last word that belongs to a turn."""
Happening = Callable[[], None]


class TalkSession:
    """Feed it with `hear`, give a loudspeaker `next_block`. `on_event` and `on_error` come from its own threads."""

    def __init__(
        self,
        *,
        ear: LiveEar,
        recognizer: SpeechRecognizer,
        synthesizer: SpeechSynthesizer,
        chat: ChatService,
        history: History,
        voice_speed: float,
        timing: Timing,
        conversation_id: str | None,
        on_event: Callable[[Event], None],
        on_error: Callable[[AppError], None],
        pauses: SpeakerPauses | None = None,
        introduction: tuple[str, Audio] | None = None,
        language: Callable[[], str] = lambda: "",
    ) -> None:
        """`pauses`: what is known of the person's. `introduction`: what is said first, and may be interrupted.
        `language`: the code of what was heard last.
        """
        self._language = language
        self._ear = TalkEar(ear, on_error)
        self._synthesizer, self._chat, self._history = synthesizer, chat, history
        self._speed, self._timing, self._on_event, self._on_error = voice_speed, timing, on_event, on_error
        self.conversation_id = conversation_id
        self._queue: queue.SimpleQueue[Happening | None] = queue.SimpleQueue()
        self._waiting = 0
        self._lock = threading.Lock()
        self._mouth = Mouth(self._mouth_reports)
        self._transcriber = Transcriber(recognizer, self._transcribed, on_error)
        self._sound = TalkSound()
        self._rest = b""
        self._talk = Talk(pauses=pauses or SpeakerPauses(), phase="thinking" if introduction else "quiet")
        self._rest_lock = threading.Lock()
        self._answer: TalkAnswer | None = None
        self._taken_back: TalkAnswer | None = None
        self._began = False
        self._asked_at = self._transcribe_ms = 0.0
        self._pictures: tuple[Picture, ...] = ()
        self._turn_from_s = 0.0
        self.turn_sound = Audio(pcm=b"")
        """What was said in the turn that was sent last."""
        if introduction:
            self._mouth.say(*introduction)
            self._mouth.nothing_more()
        self._draft: TalkDraft | None = None
        self._drafts: list[TalkDraft] = []
        self._thread = threading.Thread(target=self._run, name="talk", daemon=True)
        self._thread.start()
        self._foresee("")

    # -- from outside, any thread --------------------------------------------------------------------------------

    def hear(self, sound: bytes) -> None:
        """Sound of the microphone, 16 kHz, in pieces of any length.

        What the loudspeaker plays is looked up at once: later, on a busy machine, it would no longer fit.
        """
        with self._rest_lock:
            self._rest += sound
            while len(self._rest) >= HEARING_BLOCK_BYTES:
                block, self._rest = self._rest[:HEARING_BLOCK_BYTES], self._rest[HEARING_BLOCK_BYTES:]
                self._put(partial(self._hear_block, block, self._mouth.played_block()))

    def pass_time(self) -> None:
        """40 ms without a microphone: it is closed, or gone."""
        with self._rest_lock:
            self._rest = b""
            self._mouth.played_block()
        self._put(self._pass_block)

    def hear_anew(self) -> None:
        """Another microphone or loudspeaker from here on: what was known of the echo is void."""
        self._put(self._ear.reset)

    def next_block(self) -> bytes:
        """40 ms for the loudspeaker, at `MOUTH_RATE`."""
        return self._mouth.next_block()

    def mute(self, muted: bool) -> None:
        self._put(lambda: self._step(Muted(at=self._now) if muted else Unmuted(at=self._now)))

    def hush(self) -> None:
        """Stop the answer, spoken or not; go on listening."""
        self._put(self._silence)

    @property
    def pauses(self) -> SpeakerPauses:
        """What was learned of the person's pauses."""
        return self._talk.pauses

    def show(self, pictures: tuple[Picture, ...]) -> None:
        """Goes with the next question."""
        self._pictures = pictures

    def leave(self) -> None:
        """End it: nothing more is heard, said or sent. Returns when all threads have ended."""
        self._put(lambda: self._step(Left(at=self._now)))
        self._queue.put(None)
        self._thread.join()
        self._transcriber.close()
        self._give_draft_up()
        for work in (self._answer, self._taken_back, *self._drafts):
            if work is not None:
                work.wait()

    @property
    def working(self) -> bool:
        """Whether something is being thought about that will be heard or sent: for a room without real time."""
        with self._lock:
            waiting = self._waiting
        answer = self._answer
        silent = answer is not None and answer.making and not self._mouth.has_something_to_say
        return bool(waiting) or silent or self._transcriber.busy

    @property
    def clock_s(self) -> float:
        """How much sound has been listened to."""
        return self._sound.end_s

    @property
    def quiet(self) -> bool:
        """Nobody has the floor and nothing is on its way."""
        answer = self._answer
        making = answer is not None and answer.making
        return self._talk.phase == "quiet" and not making and not self._transcriber.busy

    # -- what happens --------------------------------------------------------------------------------------------

    def _put(self, happening: Happening) -> None:
        with self._lock:
            self._waiting += 1
        self._queue.put(happening)

    def _run(self) -> None:
        while (happening := self._queue.get()) is not None:
            try:
                happening()
            except AppError as error:
                self._on_error(error)
            finally:
                with self._lock:
                    self._waiting -= 1

    @property
    def _now(self) -> float:
        return self._sound.end_s

    def _hear_block(self, block: bytes, played: bytes) -> None:
        heard = self._ear.hear(block, played)
        if self._talk.muted:
            self._sound.add(bytes(len(block)), bytes(len(block)))
        else:
            self._sound.add(heard.pcm, heard.clear)
        self._step(BlockHeard(at=self._now, speech=heard.speech))
        self._forget_old_sound()

    def _silence(self) -> None:
        """The question stays, though nothing of its answer was heard."""
        self._step(Silenced(at=self._now))
        self._taken_back = None

    def _pass_block(self) -> None:
        self._sound.add(bytes(HEARING_BLOCK_BYTES), bytes(HEARING_BLOCK_BYTES))
        self._step(TimePassed(at=self._now))
        self._forget_old_sound()

    def _forget_old_sound(self) -> None:
        nobody = self._talk.turn is None
        self._sound.forget(self._now - KEPT_S if nobody else max(self._turn_from_s, self._now - MAX_TURN_SECONDS))

    def _mouth_reports(self, kind: Report, text: str, answer: int) -> None:
        self._put(lambda: self._said(kind, text) if answer == self._mouth.answer else None)

    def _said(self, kind: Report, text: str) -> None:
        turn_id = self._answer.turn_id if self._answer else ""
        if kind == "begun":
            if not self._began:
                self._began = True
                self._on_event(FirstAudio(turn_id=turn_id))
                self._step(AnswerBegan(at=self._now))
            self._on_event(SentenceSpoken(turn_id=turn_id, text=text))
            self._step(SentenceBegan(at=self._now, text=text))
        elif kind == "heard":
            self._on_event(SentencePlayed(turn_id=turn_id, text=text))
            self._step(WasPlayed(at=self._now, text=text))
        else:
            self._step(AnswerEnded(at=self._now))
            if self._talk.phase == "quiet":
                self._foresee("")  # what is past, which the model may have to read anew

    def _transcribed(self, number: int, text: str, final: bool) -> None:
        self._put(lambda: self._read(number, text, final))

    def _read(self, number: int, text: str, final: bool) -> None:
        if text and is_echo(text, self._talk.own):
            self._ear.heard_itself()
        language = self._language()
        heard = FinalHeard if final else PartialHeard
        stops = bool(text) and is_stop(text, language)
        if final:
            self._transcribe_ms = (time.monotonic() - self._asked_at) * 1000
        self._step(heard(at=self._now, number=number, text=text, stops=stops, language=language or "en"))
        turn = self._talk.turn
        if turn is not None:
            self._on_event(PartialTranscript(turn_id="", text=turn.said))
            if final and turn.complete and turn.said and self._talk.phase == "stopping" and not self._pictures:
                self._foresee(turn.said)

    # -- what is to be done --------------------------------------------------------------------------------------

    def _step(self, happened: Input) -> None:
        self._talk, actions = step(self._talk, happened, self._timing)
        for action in actions:
            self._do(action)

    def _do(self, action: Action) -> None:
        match action:
            case BeginTurn(from_s=from_s, clear_s=clear_s):
                self._sound.begin(from_s, clear_s)
                self._turn_from_s = from_s
                self._on_event(SpeechStarted(turn_id=""))
            case AskPartial(number=number, from_s=from_s, to_s=to_s):
                self._transcriber.ask(number, self._sound.cut(from_s, to_s), final=False)
            case AskFinal(number=number, from_s=from_s, to_s=to_s):
                self._on_event(SpeechEnded(turn_id=""))
                self._asked_at = time.monotonic()
                self._transcriber.ask(number, self._sound.cut(from_s, to_s), final=True)
            case DropFinal(number=number):
                self._give_draft_up()
                self._transcriber.drop(number)
            case SendTurn(text=text):
                self._send(text)
            case DropTurn():
                self._give_draft_up()
            case Hush() | PauseSpeaker():
                self._mouth.pause()
            case Unhush():
                self._mouth.resume(back_ms=0)
            case ResumeSpeaker():
                self._mouth.resume()
                self._on_event(FalseInterruption(turn_id=self._answer.turn_id if self._answer else ""))
            case StopAnswer():
                self._stop_answer()
            case ShowPhase(phase=phase, muted=muted):
                turn_id = self._answer.turn_id if self._answer else ""
                self._on_event(TalkPhaseChanged(turn_id=turn_id, phase=phase, muted=muted))

    def _send(self, text: str) -> None:
        if self._draft is not None and (self._draft.text != text or self._taken_back or self._pictures):
            self._give_draft_up()
        draft, self._draft = self._draft, None
        before = self._taken_back or self._answer
        if before is not None:
            before.wait()
            self.conversation_id = before.conversation_id or self.conversation_id
        pictures, self._pictures = self._pictures, ()
        back = self._taken_back.question_id if self._taken_back else ""
        said = self._sound.cut(self._turn_from_s, min(self._now, self._talk.stopped_s + AFTER_S))
        self.turn_sound = joined([self.turn_sound, said]) if back else said
        self._taken_back, self._began = None, False
        heard = SpeechTranscribed(turn_id="", text=text, language="", transcribe_ms=self._transcribe_ms)
        self._answer = TalkAnswer(
            partial(self._asked, text, back, pictures),
            history=self._history,
            synthesizer=self._synthesizer,
            mouth=self._mouth,
            speed=self._speed,
            heard=heard,
            draft=draft,
            on_event=self._on_event,
            on_error=self._on_error,
        )

    def _asked(self, text: str, back: str, pictures: tuple[Picture, ...], cancel: CancelToken) -> Iterator[Event]:
        if back:  # the person went on speaking: the whole question, beside the half one
            kept = (*self._history.message(back).pictures, *pictures)
            return self._chat.edit(back, text, pictures=kept, spoken=True, cancel=cancel)
        return self._chat.ask(text, conversation_id=self.conversation_id, pictures=pictures, spoken=True, cancel=cancel)

    def _stop_answer(self) -> None:
        spoken = self._mouth.stop()
        answer, began = self._answer, self._began
        if answer is None:
            return
        answer.stop(spoken)
        if not began:
            self._taken_back = answer

    def _foresee(self, text: str) -> None:
        """The words are known and the person is only being waited for: let the model answer them meanwhile.

        Without words it reads the instructions and what was said before.
        """
        self._give_draft_up()
        if self._taken_back is not None:  # its question will be asked anew, beside it
            return
        running = self._answer.conversation_id if self._answer is not None else ""
        conversation_id = running or self.conversation_id
        self._draft = TalkDraft(
            self._chat, self._synthesizer, text=text, conversation_id=conversation_id, speed=self._speed
        )
        self._drafts = [*(draft for draft in self._drafts if draft.writing), self._draft]

    def _give_draft_up(self) -> None:
        if self._draft is not None:
            self._draft.cancel()
            self._draft = None
