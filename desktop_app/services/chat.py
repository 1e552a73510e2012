"""A turn, from the question to the stored answer: store, look, fit, stream, store again.

The question is stored before the model hears of it, a streaming answer at least once a second.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from desktop_app.domain.conversations import Provenance, StoredMessage
from desktop_app.domain.events import (
    Event,
    ModelLoading,
    PictureRead,
    PromptAdvanced,
    PromptFitted,
    TextAdded,
    Timings,
    TurnFailed,
    TurnFinished,
    TurnStarted,
)
from desktop_app.domain.generation import (
    GenerationEnded,
    ModelAbilities,
    ModelRequest,
    PromptProgress,
    Sampling,
    TextDelta,
)
from desktop_app.domain.messages import Part, Picture
from desktop_app.domain.pictures import Evidence
from desktop_app.domain.prompting import FittedPrompt, fit, notes
from desktop_app.errors import AppError, Cancelled, UserCanFix
from desktop_app.ports import CancelToken, LanguageModel
from desktop_app.services.drafts import Drafts, Models
from desktop_app.services.history import History
from desktop_app.services.learned import LearnedService, Told
from desktop_app.services.preferences import Preferences

SAVE_EVERY_S = 0.5
READER = "picture reader"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOptions:
    """What one turn may choose for itself; None takes the setting."""

    model_id: str = ""
    temperature: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    adapter_id: str | None = None
    """An adapter for this turn, or "none"; None takes the one in use."""


Aside = Callable[[str, str], str | None]
"""From what was said and the conversation's id."""


class Looks(Protocol):
    """What `ChatService` needs of `AttachmentService`."""

    def evidence(self, picture: Picture, cancel: CancelToken) -> Evidence: ...

    def file(self, sha256: str) -> Path: ...


class PutsOnAdapters(Protocol):
    """What `ChatService` needs of `AdapterService`."""

    def put_on(self, model: LanguageModel, abilities: ModelAbilities, wish: str | None = None) -> str: ...


class ChatService:
    """`learned` None: questions are answered as if nothing had been learned; `adapters` None: by the model alone.

    `aside` may answer something spoken without the model: it gives the answer's text, or None.
    """

    def __init__(
        self,
        history: History,
        models: Models,
        pictures: Looks,
        preferences: Preferences,
        learned: LearnedService | None = None,
        aside: Aside | None = None,
        adapters: PutsOnAdapters | None = None,
    ) -> None:
        self._history = history
        self._models = Drafts(models)
        self._pictures = pictures
        self._preferences = preferences
        self._learned = learned
        self._aside = aside
        self._adapters = adapters
        self._abilities: ModelAbilities | None = None

    def abilities(self) -> ModelAbilities | None:
        """What the model that answered last can do; None before the first."""
        return self._abilities

    def warm_up(self) -> None:
        """Load the chosen model now. Raises AppError."""
        self._abilities = self._models.model("").load()

    def restart(self) -> None:
        """End the model's process; the next turn starts a new one."""
        self._models.restart()

    def ask(
        self,
        text: str,
        *,
        conversation_id: str | None = None,
        pictures: tuple[Picture, ...] = (),
        parent_id: str | None = None,
        spoken: bool = False,
        options: AskOptions = AskOptions(),
        cancel: CancelToken,
    ) -> Iterator[Event]:
        """Store the question at the end of the conversation (or below `parent_id`) and answer it.

        Raises UserCanFix("chat.empty"), UserCanFix("history.not_found") before anything is stored.
        """
        parts = _parts(text, pictures)
        if conversation_id is None:
            conversation_id = self._history.create().id
        if parent_id is None:
            parent_id = self._history.conversation(conversation_id).head_id
        said = self._aside(text, conversation_id) if spoken and self._aside and not pictures else None
        question = self._history.add_question(conversation_id, parent_id, parts, spoken=spoken)
        yield from self._answer(question, options, cancel) if said is None else self._reply(question, said)

    def edit(
        self,
        question_id: str,
        text: str,
        *,
        pictures: tuple[Picture, ...] | None = None,
        spoken: bool = False,
        options: AskOptions = AskOptions(),
        cancel: CancelToken,
    ) -> Iterator[Event]:
        """Ask again in other words, beside the old question, which is kept."""
        old = self._history.message(question_id)
        kept = old.pictures if pictures is None else pictures
        parts = _parts(text, kept)
        question = self._history.add_question(old.conversation_id, old.parent_id, parts, spoken=spoken)
        yield from self._answer(question, options, cancel)

    def foresee(
        self,
        text: str,
        *,
        conversation_id: str | None,
        on_text: Callable[[str], None] | None = None,
        cancel: CancelToken,
    ) -> None:
        """Let the model read what is about to be asked, so that the answer begins sooner. Stores nothing.

        With `on_text` it already writes the answer, which the same question then gets. Raises AppError.
        """
        model = self._models.model("")
        abilities = self._abilities = model.load()
        self._put_on(model, abilities, None)
        begun = conversation_id is not None and self._history.conversation(conversation_id).head_id is not None
        path = self._history.path(conversation_id) if conversation_id and begun else ()
        coming = StoredMessage(
            id="", conversation_id="", parent_id=None, role="user", parts=(text,), status="done", created_at=0.0
        )
        files, gone = self._files(path, coming)
        known = {} if abilities.sees_pictures else self._known(path, gone, cancel)
        told = self._tell((*path, coming), conversation_id or "", ahead=True)
        sampling = self._sampling(AskOptions())
        fitted = self._fit(told, notes(known, gone), files, model, abilities, sampling)
        request = ModelRequest(
            messages=fitted.messages,
            sampling=sampling if on_text else Sampling(temperature=0, max_tokens=0),
            cache_key=conversation_id or "",
            picture_files=files,
        )
        if on_text:
            self._models.write(model, request, cancel, on_text)
            return
        for _ in model.stream(request, cancel):
            if cancel.cancelled:
                return

    def regenerate(
        self,
        answer_id: str,
        *,
        options: AskOptions = AskOptions(),
        cancel: CancelToken,
    ) -> Iterator[Event]:
        """Answer the same question again, beside the old answer, which is kept."""
        parent = self._history.message(answer_id).parent_id
        question = self._history.message(parent or answer_id)
        yield from self._answer(question, options, cancel)

    def _reply(self, question: StoredMessage, text: str) -> Iterator[Event]:
        """An answer that no model wrote."""
        answer = self._history.begin_answer(question.id, provenance=Provenance())
        turn = _Turn(self._history, answer, Provenance())
        try:
            yield TurnStarted(
                turn_id=turn.id,
                conversation_id=question.conversation_id,
                question_id=question.id,
                answer_id=answer.id,
            )
            turn.add(text)
            yield TextAdded(turn_id=turn.id, text=text)
            yield turn.finish("end")
        finally:
            turn.settle()

    def _answer(self, question: StoredMessage, options: AskOptions, cancel: CancelToken) -> Iterator[Event]:
        sampling = self._sampling(options)
        provenance = Provenance(seed=sampling.seed, temperature=sampling.temperature)
        answer = self._history.begin_answer(question.id, provenance=provenance)
        turn = _Turn(self._history, answer, provenance)
        try:
            yield TurnStarted(
                turn_id=turn.id,
                conversation_id=question.conversation_id,
                question_id=question.id,
                answer_id=answer.id,
            )
            yield from self._steps(turn, question, options, sampling, cancel)
        except Cancelled:
            yield turn.finish("person")
        except AppError as error:
            yield turn.fail(error)
        finally:
            turn.settle()

    def _steps(
        self, turn: _Turn, question: StoredMessage, options: AskOptions, sampling: Sampling, cancel: CancelToken
    ) -> Iterator[Event]:
        started = time.perf_counter()
        model = self._models.model(options.model_id)
        yield ModelLoading(turn_id=turn.id, model=options.model_id)
        abilities = self._abilities = model.load()
        turn.timings = replace(turn.timings, load_ms=(time.perf_counter() - started) * 1000)
        cancel.raise_if_cancelled()
        adapter = self._put_on(model, abilities, options.adapter_id)
        path = self._history.path(question.conversation_id, upto=question.id)
        files, gone = self._files(path, question)
        evidence = {} if abilities.sees_pictures else (yield from self._look(turn, path, question, gone, cancel))
        told = self._tell(path, question.conversation_id)
        fitted = self._fit(told, notes(evidence, gone), files, model, abilities, sampling)
        turn.provenance = replace(
            turn.provenance,
            model=abilities.name,
            model_sha256=abilities.sha256,
            adapter=adapter,
            prompt_tokens=fitted.tokens,
            context_tokens=abilities.context_tokens,
            first_kept_id=fitted.first_kept_id,
            seen_by=("model" if abilities.sees_pictures else "reader") if files else "",
            evidence=evidence,
            instructions=told.instructions,
            rules=told.rules,
            examples=told.examples if fitted.with_examples else (),
            rewritten=told.rewritten,
        )
        yield PromptFitted(
            turn_id=turn.id,
            prompt_tokens=fitted.tokens,
            context_tokens=abilities.context_tokens,
            first_kept_id=fitted.first_kept_id,
            dropped_messages=fitted.dropped,
        )
        request = ModelRequest(
            messages=fitted.messages, sampling=sampling, cache_key=question.conversation_id, picture_files=files
        )
        yield from _stream(turn, model, request, cancel)

    def _look(
        self,
        turn: _Turn,
        path: tuple[StoredMessage, ...],
        question: StoredMessage,
        gone: frozenset[str],
        cancel: CancelToken,
    ) -> Generator[Event, None, dict[str, Evidence]]:
        """Evidence for every picture of the path; that of earlier ones comes from the store."""
        found: dict[str, Evidence] = {}
        for message in path:
            for picture in message.pictures:
                if picture.sha256 in gone:
                    continue
                found[picture.sha256] = self._pictures.evidence(picture, cancel)
                if message.id == question.id:
                    yield PictureRead(turn_id=turn.id, sha256=picture.sha256, evidence=found[picture.sha256])
        return found

    def _known(self, path: tuple[StoredMessage, ...], gone: frozenset[str], cancel: CancelToken) -> dict[str, Evidence]:
        pictures = (picture for message in path for picture in message.pictures if picture.sha256 not in gone)
        return {picture.sha256: self._pictures.evidence(picture, cancel) for picture in pictures}

    def _files(self, path: tuple[StoredMessage, ...], question: StoredMessage) -> tuple[dict[str, str], frozenset[str]]:
        """Where each picture of the path is stored, and which of the earlier ones are there no longer.

        Raises UserCanFix("picture.gone") when the question's own picture is.
        """
        pictures = {picture.sha256 for message in path for picture in message.pictures}
        files = {sha256: self._pictures.file(sha256) for sha256 in pictures}
        gone = frozenset(sha256 for sha256, file in files.items() if not file.is_file())
        if any(picture.sha256 in gone for picture in question.pictures):
            raise UserCanFix("picture.gone", "This picture is no longer there.", remedy="Add the picture again.")
        return {sha256: str(file) for sha256, file in files.items() if sha256 not in gone}, gone

    def _put_on(self, model: LanguageModel, abilities: ModelAbilities, wish: str | None) -> str:
        """The id of the adapter that answers, "" for none. Raises AppError for one that was asked for."""
        return self._adapters.put_on(model, abilities, wish) if self._adapters else ""

    def _tell(self, path: tuple[StoredMessage, ...], conversation_id: str, *, ahead: bool = False) -> Told:
        """Instructions, and what was learned about the person."""
        if self._learned is None:
            return Told(instructions=self._preferences.current.system_prompt, path=path)
        return self._learned.tell(path, conversation_id=conversation_id, ahead=ahead)

    def _fit(
        self,
        told: Told,
        notes: dict[str, str],
        files: dict[str, str],
        model: LanguageModel,
        abilities: ModelAbilities,
        sampling: Sampling,
    ) -> FittedPrompt:
        """Leave room for the answer: its longest length, at most half of the context. As long as the context has that
        size, memory begins where it began for the last answer."""
        answer_room = min(sampling.max_tokens, abilities.context_tokens // 2)
        return fit(
            tuple(message for message in told.path if message.role == "user" or message.text),
            instructions=told.instructions,
            examples=told.turns,
            notes=notes,
            budget=abilities.context_tokens - answer_room,
            count=lambda messages: model.count_tokens(ModelRequest(messages=messages, picture_files=files)),
            kept_from=_kept_from(told.path, abilities),
        )

    def _sampling(self, options: AskOptions) -> Sampling:
        chosen = self._preferences.current
        return Sampling(
            temperature=chosen.temperature if options.temperature is None else options.temperature,
            max_tokens=options.max_tokens or chosen.max_tokens,
            seed=self._models.seed() if options.seed is None else options.seed,
        )


def _kept_from(path: tuple[StoredMessage, ...], abilities: ModelAbilities) -> str | None:
    """Where memory began for the last answer of the same model; None: with the first message."""
    answers = (message.provenance for message in reversed(path) if message.provenance.context_tokens)
    made = next(answers, Provenance())
    same = (made.model_sha256, made.context_tokens) == (abilities.sha256, abilities.context_tokens)
    return made.first_kept_id if same else None


class _Turn:
    """The answer as it grows: what is written, what is stored, and exactly one ending."""

    def __init__(self, history: History, answer: StoredMessage, provenance: Provenance) -> None:
        self.id = secrets.token_hex(8)
        self.answer_id = answer.id
        self.provenance = provenance
        self.timings = Timings()
        self._history = history
        self._text: list[str] = []
        self._saved_at = time.monotonic()
        self._over = False

    def add(self, text: str) -> None:
        self._text.append(text)
        if time.monotonic() - self._saved_at >= SAVE_EVERY_S:
            self._history.save_answer(self.answer_id, "".join(self._text))
            self._saved_at = time.monotonic()

    def finish(self, stopped_by: str) -> TurnFinished:
        self._keep("done", stopped_by)
        return TurnFinished(
            turn_id=self.id,
            answer_id=self.answer_id,
            stopped_by=stopped_by,  # type: ignore[arg-type]
            timings=self.timings,
        )

    def fail(self, error: AppError) -> TurnFailed:
        self._keep("failed", "error")
        return TurnFailed(
            turn_id=self.id,
            answer_id=self.answer_id,
            code=error.code,
            message=error.message,
            remedy=error.remedy,
        )

    def settle(self) -> None:
        """The reader of the events went away in the middle: keep what there is, as stopped."""
        if not self._over:
            self._keep("done", "person")

    def _keep(self, status: str, stopped_by: str) -> None:
        self._over = True
        self._history.finish_answer(
            self.answer_id,
            "".join(self._text),
            status=status,  # type: ignore[arg-type]
            stopped_by=stopped_by,  # type: ignore[arg-type]
            provenance=self.provenance,
            timings=self.timings,
        )


def _stream(turn: _Turn, model: LanguageModel, request: ModelRequest, cancel: CancelToken) -> Iterator[Event]:
    for event in model.stream(request, cancel):
        if isinstance(event, TextDelta):
            turn.add(event.text)
            yield TextAdded(turn_id=turn.id, text=event.text)
        elif isinstance(event, PromptProgress):
            yield PromptAdvanced(turn_id=turn.id, done=event.done, total=event.total)
        elif isinstance(event, GenerationEnded):
            turn.timings = replace(
                turn.timings,
                first_token_ms=event.first_token_ms,
                total_ms=event.total_ms,
                prompt_tokens=event.prompt_tokens,
                reused_tokens=event.reused_tokens,
                tokens=event.tokens,
                tokens_per_second=round(event.tokens_per_second, 2),
            )
            yield turn.finish(event.stopped_by)


def _parts(text: str, pictures: tuple[Picture, ...]) -> tuple[Part, ...]:
    """Raises UserCanFix("chat.empty")."""
    words = _clean(text)
    if not words and not pictures:
        raise UserCanFix("chat.empty", "There is no question.", remedy="Type something, or add a picture.")
    return (*pictures, words) if words else pictures


def _clean(text: str) -> str:
    """Without control characters other than line breaks and tabs, and without lone surrogates."""
    kept = "".join(char for char in text if char >= " " or char in "\n\t")
    return kept.encode("utf-8", "replace").decode("utf-8").strip()
