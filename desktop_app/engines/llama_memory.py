"""The KV cache of one llama.cpp context, as a list of what it holds: kept from turn to turn, per conversation.

A turn reads only what its prompt does not share with the last one. Other conversations' caches are kept as bytes,
the least recently used ones dropped first.
"""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop_app.engines.llama_eyes import Cell, Glimpse, LlamaEyes
from desktop_app.errors import Cancelled, EnvironmentProblem

STATES_BYTES = 512 * 1024 * 1024
_ABORTED = 2

Mark = int | tuple[str, int]
"""What a cell is known by: its token, or the key of its piece of a picture."""


@dataclass
class _Held:
    """What the cache holds, and the place in the text after it (in a picture, not one per KV cell)."""

    marks: list[Mark] = field(default_factory=list)
    position: int = 0


class LlamaMemory:
    """`llama` is a loaded `llama_cpp.Llama`; `stopped` says that the person no longer waits."""

    def __init__(self, llama: Any, eyes: LlamaEyes | None, stopped: Callable[[], bool]) -> None:
        import llama_cpp

        self._cpp = llama_cpp
        self._context = llama.ctx
        self._eyes = eyes
        self._stopped = stopped
        self._batch_size = llama.n_batch
        self._words = llama.n_vocab()
        self._batch = llama_cpp.llama_batch_init(self._batch_size, 0, 1)
        self._conversation = ""
        self._held = _Held()
        self._put_away: OrderedDict[str, tuple[_Held, bytes]] = OrderedDict()

    def switch_to(self, conversation: str) -> None:
        """Put the running conversation's cache away and take out the other one's, if it is kept.

        If it is not, what is there stays, for what a new conversation shares with the last: the instructions.
        """
        if conversation == self._conversation:
            return
        if self._conversation and self._held.marks:
            self._put_away_current()
        self._conversation = conversation
        if conversation not in self._put_away:
            return
        self._clear()
        held, data = self._put_away.pop(conversation)
        source = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
        if self._cpp.llama_state_seq_set_data(self._context, source, len(data), 0):
            self._held = held
        else:
            self._clear()

    def keep_prefix(self, prompt: Sequence[Cell]) -> int:
        """Drop the cache after what it shares with `prompt`; how many cells of the prompt it holds then.

        At least the last cell is left to be read, for its logits.
        """
        marks = self._held.marks
        most = min(len(prompt) - 1, len(marks))
        shared = 0
        while shared < most and _mark(prompt[shared]) == marks[shared]:
            shared += 1
        position = sum(map(_positions, prompt[:shared]))
        if not self._forget_from(position):
            self._clear()
            return 0
        self._held = _Held(marks[:shared], position)
        return shared

    def read(self, cells: Sequence[Cell]) -> Iterator[int]:
        """Read `cells` in batches; yields how many are read. Ends early when stopped. Raises EnvironmentProblem."""
        done = 0
        while done < len(cells):
            cell = cells[done]
            if isinstance(cell, int):
                upto = done + 1
                while upto < len(cells) and upto - done < self._batch_size and isinstance(cells[upto], int):
                    upto += 1
                read = self.read_tokens(cells[done:upto])  # type: ignore[arg-type]
            else:
                upto = done + 1
                read = self._read_glimpse(cell)
            if not read:
                return
            done = upto
            yield done

    def read_scored(self, tokens: Sequence[int]) -> Any:
        """Read at most one batch and give the logits after each: (tokens, words). Raises Cancelled, AppError."""
        import numpy

        if not self.read_tokens(tokens, every=True):
            raise Cancelled
        rows = self._cpp.llama_get_logits(self._context)
        return numpy.ctypeslib.as_array(rows, shape=(len(tokens) * self._words,)).reshape(len(tokens), -1).copy()

    def forget(self) -> None:
        """Nothing that was read is worth anything: another adapter is in use."""
        self._put_away.clear()
        self._clear()

    def read_tokens(self, tokens: Sequence[int], *, every: bool = False) -> bool:
        """Read at most one batch; logits after the last token, or `every` one. False when stopped. Raises AppError."""
        batch, last = self._batch, len(tokens) - 1
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = self._held.position + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = every or index == last
        batch.n_tokens = len(tokens)
        return self._written(lambda: self._cpp.llama_decode(self._context, batch), tokens, len(tokens))

    def close(self) -> None:
        self._put_away.clear()
        self._cpp.llama_batch_free(self._batch)

    def _read_glimpse(self, glimpse: Glimpse) -> bool:
        eyes = self._eyes
        assert eyes is not None, "only eyes make glimpses"
        try:
            return self._written(
                lambda: eyes.decode(glimpse, self._context, self._held.position, self._batch_size),
                [glimpse.key],
                glimpse.positions,
            )
        except Cancelled:
            return False

    def _written(self, decode: Callable[[], int], marks: Sequence[Mark], positions: int) -> bool:
        if self._stopped():
            return False
        result = decode()
        if result == 0:
            self._held.marks.extend(marks)
            self._held.position += positions
            return True
        self._forget_from(self._held.position)
        if result == _ABORTED or self._stopped():
            return False
        raise EnvironmentProblem(
            "engine.decode_failed",
            "The model could not go on.",
            remedy="Start a new conversation, or choose a shorter context in Settings.",
            detail=f"llama_decode gave {result}",
        )

    def _put_away_current(self) -> None:
        size = self._cpp.llama_state_seq_get_size(self._context, 0)
        if size > STATES_BYTES // 2:
            return
        buffer = (ctypes.c_uint8 * size)()
        written = self._cpp.llama_state_seq_get_data(self._context, buffer, size, 0)
        self._put_away[self._conversation] = self._held, bytes(memoryview(buffer)[:written])
        while sum(len(data) for _, data in self._put_away.values()) > STATES_BYTES:
            self._put_away.popitem(last=False)

    def _clear(self) -> None:
        self._held = _Held()
        self._forget_from(0)

    def _forget_from(self, position: int) -> bool:
        memory = self._cpp.llama_get_memory(self._context)
        return bool(self._cpp.llama_memory_seq_rm(memory, 0, position, -1))


def _mark(cell: Cell) -> Mark:
    return cell if isinstance(cell, int) else cell.key


def _positions(cell: Cell) -> int:
    return 1 if isinstance(cell, int) else cell.positions
