"""A model's eyes: llama.cpp's mtmd encodes a picture once, and hands over what it saw as often as it is asked.

`MTMDChatHandler` of llama-cpp-python reads and encodes every picture again in every turn; here the vectors stay,
under the picture's hash, and the KV cache treats a picture like one long word (`llama_memory.py`).
"""

from __future__ import annotations

import ctypes
import logging
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop_app.engines import llama_log
from desktop_app.errors import Cancelled, EnvironmentProblem, UserCanFix

KEPT_BYTES = 256 * 1024 * 1024
NODES_BETWEEN_LOOKS = 16
"""Steps of the encoder between two checks whether the person stopped it."""

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Glimpse:
    """One piece of a picture as the model reads it: `tokens` KV cells, `positions` places in the text.

    `key` is (sha256, number of the piece). `vectors` are float32, tokens x the model's width; None until encoded.
    """

    key: tuple[str, int]
    tokens: int
    positions: int
    chunk: Chunk = field(repr=False)
    vectors: Any = field(repr=False, default=None)


class Chunk:
    """Owns an `mtmd_input_chunk` and frees it."""

    def __init__(self, pointer: Any) -> None:
        import llama_cpp.mtmd_cpp as mtmd

        self.pointer = pointer
        weakref.finalize(self, mtmd.mtmd_input_chunk_free, pointer)


Cell = int | Glimpse
"""What a prompt is made of: a token, or a piece of a picture."""


def tokens_in(cells: Sequence[Cell]) -> int:
    """KV cells, which are tokens of the context."""
    return sum(1 if isinstance(cell, int) else cell.tokens for cell in cells)


class LlamaEyes:
    """`model` and `width` belong to the loaded language model. `stopped` is asked while a picture is encoded."""

    def __init__(self, path: str, model: Any, width: int, threads: int, stopped: Callable[[], bool]) -> None:
        """Raises UserCanFix("models.eyes_not_loaded")."""
        import llama_cpp
        import llama_cpp.mtmd_cpp as mtmd

        self._mtmd = mtmd
        self._width = width
        self._stopped = stopped
        self._interrupted = False
        self._seen: OrderedDict[str, tuple[Cell, ...]] = OrderedDict()
        self._nodes = 0
        self.encoded = 0
        mtmd.mtmd_log_set(llama_log.silent(), None)
        mtmd.mtmd_helper_log_set(llama_log.silent(), None)
        parameters = mtmd.mtmd_context_params_default()
        parameters.n_threads = threads
        parameters.print_timings = parameters.warmup = False
        self._watch = llama_cpp.ggml_backend_sched_eval_callback(self._between_nodes)
        parameters.cb_eval = self._watch
        self._context = mtmd.mtmd_init_from_file(path.encode(), model, parameters)
        if self._context is None:
            raise _not_loaded("mtmd_init_from_file refused the file")
        if not mtmd.mtmd_support_vision(self._context):
            self.close()
            raise _not_loaded("the projector is not made for pictures")

    def look(self, sha256: str, file: str) -> tuple[Cell, ...]:
        """The cells that stand for the picture: pieces, and the tokens that some families put around them.

        Nothing is encoded yet. Raises UserCanFix("picture.gone"), EnvironmentProblem.
        """
        if sha256 not in self._seen:
            self._seen[sha256] = self._cells(sha256, *_pixels(file))
        self._seen.move_to_end(sha256)
        return self._seen[sha256]

    def tokens_at(self, side: int) -> int:
        """How many tokens a square picture of `side` pixels takes."""
        cells = self._cells("", side, side, bytes(side * side * 3))
        return tokens_in(cells)

    def encode(self, glimpse: Glimpse) -> Any:
        """The piece's vectors, from the encoder the first time. Raises Cancelled, EnvironmentProblem."""
        if glimpse.vectors is None:
            self._interrupted = False
            result = self._mtmd.mtmd_encode_chunk(self._context, glimpse.chunk.pointer)
            if self._interrupted or self._stopped():
                raise Cancelled
            found = self._mtmd.mtmd_get_output_embd(self._context)
            if result != 0 or not found:
                raise EnvironmentProblem(
                    "engine.encode_failed",
                    "The model could not look at this picture.",
                    remedy="Try a smaller picture, or another model.",
                    detail=f"mtmd_encode_chunk gave {result}",
                )
            vectors = (ctypes.c_float * (glimpse.tokens * self._width))()
            ctypes.memmove(vectors, found, ctypes.sizeof(vectors))
            glimpse.vectors = vectors
            glimpse.chunk = Chunk(self._mtmd.mtmd_input_chunk_get_placeholder(glimpse.chunk.pointer))
            self.encoded += 1
            self._forget_oldest()
        return glimpse.vectors

    def decode(self, glimpse: Glimpse, context: Any, position: int, batch: int) -> int:
        """Write the piece into the KV cache at `position`; llama.cpp's result, 0 when done."""
        after = ctypes.c_int32(0)
        nothing = self._mtmd.mtmd_helper_post_decode_callback(0)
        vectors = self.encode(glimpse)
        return int(
            self._mtmd.mtmd_helper_decode_image_chunk(
                self._context,
                context,
                glimpse.chunk.pointer,
                vectors,
                position,
                0,
                batch,
                ctypes.byref(after),
                nothing,
                None,
            )
        )

    def close(self) -> None:
        self._seen.clear()
        if self._context is not None:
            self._mtmd.mtmd_free(self._context)
            self._context = None

    def _cells(self, sha256: str, width: int, height: int, rgb: bytes) -> tuple[Cell, ...]:
        mtmd = self._mtmd
        bitmap = mtmd.mtmd_bitmap_init(width, height, (ctypes.c_uint8 * len(rgb)).from_buffer_copy(rgb))
        chunks = mtmd.mtmd_input_chunks_init()
        try:
            part = mtmd.mtmd_input_part(bitmap=bitmap)
            parts = (ctypes.POINTER(mtmd.mtmd_input_part) * 1)(ctypes.pointer(part))
            result = mtmd.mtmd_tokenize_from_parts(self._context, chunks, parts, 1, False)
            if result != 0:
                raise EnvironmentProblem(
                    "engine.picture_refused",
                    "The model could not take this picture.",
                    remedy="Try another picture, or another model.",
                    detail=f"mtmd_tokenize gave {result} for {width} x {height}",
                )
            cells: list[Cell] = []
            for number in range(mtmd.mtmd_input_chunks_size(chunks)):
                cells += self._chunk_cells((sha256, number), mtmd.mtmd_input_chunks_get(chunks, number))
            return tuple(cells)
        finally:
            mtmd.mtmd_input_chunks_free(chunks)
            mtmd.mtmd_bitmap_free(bitmap)

    def _chunk_cells(self, key: tuple[str, int], chunk: Any) -> list[Cell]:
        mtmd = self._mtmd
        if mtmd.mtmd_input_chunk_get_type(chunk) == mtmd.MTMD_INPUT_CHUNK_TYPE_TEXT:
            count = ctypes.c_size_t()
            tokens = mtmd.mtmd_input_chunk_get_tokens_text(chunk, ctypes.byref(count))
            return list(tokens[: count.value])
        return [
            Glimpse(
                key,
                tokens=mtmd.mtmd_input_chunk_get_n_tokens(chunk),
                positions=mtmd.mtmd_input_chunk_get_n_pos(chunk),
                chunk=Chunk(mtmd.mtmd_input_chunk_copy(chunk)),
            )
        ]

    def _forget_oldest(self) -> None:
        while len(self._seen) > 1 and sum(map(_size, self._seen.values())) > KEPT_BYTES:
            self._seen.popitem(last=False)

    def _between_nodes(self, _tensor: Any, ask: bool, _data: Any) -> bool:
        """ggml asks before a node whether we want to look at it, and after it whether to go on."""
        if ask:
            self._nodes += 1
            return self._nodes % NODES_BETWEEN_LOOKS == 0
        if self._stopped():
            self._interrupted = True
        return not self._interrupted


def _size(cells: tuple[Cell, ...]) -> int:
    return sum(ctypes.sizeof(cell.vectors) for cell in cells if isinstance(cell, Glimpse) and cell.vectors is not None)


def _pixels(file: str) -> tuple[int, int, bytes]:
    """(width, height, RGB) of a stored picture. Raises UserCanFix("picture.gone")."""
    from PIL import Image

    try:
        with Image.open(Path(file), formats=("PNG",)) as picture:
            rgb = picture.convert("RGB")
            return rgb.width, rgb.height, rgb.tobytes()
    except (OSError, SyntaxError) as error:
        raise UserCanFix(
            "picture.gone",
            "A picture of this conversation is no longer there.",
            remedy="Add the picture again.",
            detail=str(error),
        ) from error


def _not_loaded(detail: str) -> UserCanFix:
    return UserCanFix(
        "models.eyes_not_loaded",
        "The part with which this model sees pictures could not be loaded.",
        remedy="Add the model's projector file again, or choose another model.",
        detail=detail,
    )
