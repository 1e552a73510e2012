"""A conversation as the cells a model reads: the family's template around the words, pieces where pictures are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from desktop_app.domain import chat_templates
from desktop_app.domain.chat_templates import PICTURE, Turn
from desktop_app.domain.messages import Message, Picture
from desktop_app.engines.llama_eyes import Cell, LlamaEyes
from desktop_app.engines.own_template import OwnTemplate
from desktop_app.errors import UserCanFix

KEPT_TURNS = 1024
_TRIAL = (("system", "Be kind."), ("user", "Hello"), ("assistant", "Hello!"), ("user", "Again"))


class LlamaPrompt:
    """`template` names how the conversation is written: a vetted family, or "own" for the file's own template."""

    def __init__(self, llama: Any, eyes: LlamaEyes | None) -> None:
        self._llama = llama
        self._eyes = eyes
        self._own: OwnTemplate | None = None
        self._turn = lru_cache(KEPT_TURNS)(self._tokenized)
        self._markers: tuple[str, ...] = chat_templates.CONTROL_MARKERS
        metadata: dict[str, str] = llama.metadata
        self.template = chat_templates.family(
            metadata.get("tokenizer.chat_template", ""), metadata.get("general.architecture", "")
        )
        self._write = chat_templates.TEMPLATES[self.template]
        self._add_bos = self.template != "chatml"
        if not chat_templates.vetted(metadata.get("tokenizer.chat_template", "")):
            self._try_own(metadata)

    def cells(self, messages: Sequence[Message], files: Mapping[str, str]) -> list[Cell]:
        """What the model reads for `messages`. What people wrote cannot contain the template's markers.

        `files` has the stored PNG of every picture. Raises UserCanFix("picture.gone", "models.template").
        """
        text = self._write([(message.role, self._content(message)) for message in messages])
        pictures = [picture for message in messages for picture in message.pictures]
        runs = text.split(PICTURE)
        if len(runs) != len(pictures) + 1:
            raise UserCanFix(
                "models.template",
                "This model's own way to write a conversation loses the pictures.",
                remedy="Choose another model.",
            )
        cells: list[Cell] = list(self._tokens(runs[0], self._add_bos))
        for picture, run in zip(pictures, runs[1:], strict=True):
            cells += self._look(picture, files)
            cells += self._tokens(run, False)
        return cells

    def close(self) -> None:
        if self._own is not None:
            self._own.close()

    def _content(self, message: Message) -> str:
        return "\n".join(
            PICTURE if isinstance(part, Picture) else chat_templates.plain(part, self._markers)
            for part in message.parts
        )

    def _look(self, picture: Picture, files: Mapping[str, str]) -> tuple[Cell, ...]:
        if self._eyes is None:
            raise UserCanFix("chat.no_eyes", "This model cannot see pictures.", remedy="Choose a model that can.")
        return self._eyes.look(picture.sha256, files.get(picture.sha256, ""))

    def _tokens(self, text: str, add_bos: bool) -> list[int]:
        """A turn begins with a token of its own, at which a tokenizer starts anew: old turns are not done again."""
        marker = chat_templates.TURN_MARKERS.get(self.template)
        turns = text.split(marker) if marker else [text]
        tokens = self._turn(turns[0], add_bos)
        return list(chain(tokens, *(self._turn(f"{marker}{turn}", False) for turn in turns[1:])))

    def _tokenized(self, text: str, add_bos: bool) -> tuple[int, ...]:
        return tuple(self._llama.tokenize(text.encode(), add_bos=add_bos, special=True)) if text or add_bos else ()

    def _try_own(self, metadata: Mapping[str, str]) -> None:
        """Use the file's own template if it can write a plain conversation, with or without a system message."""
        source = metadata.get("tokenizer.chat_template", "")
        if not source:
            return
        named = self._named_tokens()
        own = OwnTemplate(source, named)
        writers: tuple[Callable[[Sequence[Turn]], str], ...] = (
            own.render,
            lambda turns: own.render(chat_templates.without_system(turns)),
        )
        for write in writers:
            try:
                tried = write(_TRIAL)
            except UserCanFix:
                continue
            if all(text in tried for _, text in _TRIAL):
                self._own, self._write, self.template = own, write, "own"
                self._add_bos = not named["bos_token"] or not tried.startswith(named["bos_token"])
                self._markers = (*self._markers, *self._special_texts())
                return
        own.close()

    def _named_tokens(self) -> dict[str, str]:
        import llama_cpp

        vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        named = {"bos_token": self._llama.token_bos(), "eos_token": self._llama.token_eos()}
        return {
            name: llama_cpp.llama_vocab_get_text(vocabulary, token).decode("utf-8", "replace") if token >= 0 else ""
            for name, token in named.items()
        }

    def _special_texts(self) -> list[str]:
        """The vocabulary's control tokens as text: what nobody may write into a prompt."""
        import llama_cpp

        vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        texts = (
            llama_cpp.llama_vocab_get_text(vocabulary, token).decode("utf-8", "replace")
            for token in range(llama_cpp.llama_vocab_n_tokens(vocabulary))
            if llama_cpp.llama_vocab_is_control(vocabulary, token)
        )
        return [text for text in texts if len(text) > 1]
