"""Reads the bytes of a GGUF header within strict limits: keys, values, and where each tensor lies.

Counts, lengths, types, dimensions, alignment and places are checked against the limits here and the file's length.
Format: GGUF versions 2 and 3, little-endian. Standard library only; no value of a list is kept.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop_app.engines.gguf_tables import TENSOR_TYPES
from desktop_app.errors import AppError, UserCanFix

MAX_HEADER_BYTES = 96 * 1024**2
FIRST_READ = 8 * 1024**2
MAX_KEYS = 4096
MAX_TENSORS = 32_768
MAX_KEY_BYTES = 512
MAX_STRING_BYTES = 4 * 1024**2
MAX_NAME_BYTES = 63
MAX_ELEMENTS = 1 << 40
MAX_ALIGNMENT = 4096
_STRING, _ARRAY, _DOUBLE = 8, 9, 12
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


class TooShort(Exception):
    """The bytes at hand end inside the header."""


@dataclass(frozen=True, slots=True)
class List:
    """A list in the header: only its length is kept."""

    count: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor's place: `offset` and `bytes` inside the data, which begin behind the padded header."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int
    bytes: int


class Double(float):
    """A number of eight bytes: what reads it as four must not take it."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands in a header, and where in the file the tensors' data begin."""

    keys: dict[str, Any]
    tensors: list[Tensor]
    data_start: int


def read(head: bytes, size: int) -> tuple[dict[str, Any], list[Tensor]]:
    """Keys and tensors of a file of `size` bytes that begins with `head`. Raises UserCanFix, TooShort."""
    contents = read_contents(head, size)
    return contents.keys, contents.tensors


def read_contents(head: bytes, size: int) -> Contents:
    """The same, with the place of the data. Raises UserCanFix, TooShort."""
    reader = _Reader(head)
    if reader.take(4) != b"GGUF":
        raise bad("no GGUF magic")
    version = reader.number("I")
    if version not in (2, 3):
        raise bad(f"version {version}")
    tensor_count, key_count = reader.number("Q"), reader.number("Q")
    if tensor_count > MAX_TENSORS or key_count > MAX_KEYS:
        raise bad(f"{tensor_count} tensors, {key_count} keys")
    keys = _read_keys(reader, key_count)
    tensors = _read_tensors(reader, tensor_count)
    data_start = _check_places(tensors, reader.position, keys, size)
    return Contents(keys, tensors, data_start)


def read_path(path: Path) -> Contents:
    """The same of a file. Raises UserCanFix("models.bad_file", "models.cut_off", "models.unreadable")."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(FIRST_READ)
            try:
                return read_contents(head, size)
            except TooShort:
                head += file.read(MAX_HEADER_BYTES - len(head))
    except OSError as error:
        raise UserCanFix(
            "models.unreadable",
            f"{path.name} cannot be read.",
            remedy="Check that the file is there and that you may read it.",
            detail=str(error),
        ) from error
    try:
        return read_contents(head, size)
    except TooShort:
        raise (cut_off("in the header") if len(head) == size else bad("the header is too long")) from None


@dataclass(slots=True)
class _Reader:
    head: bytes
    position: int = 0

    def take(self, count: int) -> bytes:
        start, end = self.position, self.position + count
        if end > len(self.head):
            raise TooShort
        self.position = end
        return self.head[start:end]

    def number(self, kind: str) -> Any:
        return struct.unpack(f"<{kind}", self.take(struct.calcsize(f"<{kind}")))[0]

    def text(self, longest: int) -> str:
        length = self.number("Q")
        if length > longest:
            raise bad(f"a text of {length} bytes")
        return self.take(length).decode("utf-8", errors="replace")

    def skip_texts(self, count: int) -> None:
        """Pass over `count` texts: the tokenizer's words, up to some hundred thousand, in tens of milliseconds."""
        length_at = struct.Struct("<Q").unpack_from
        head, position, last = self.head, self.position, len(self.head) - 8
        for _ in range(count):
            if position > last:
                raise TooShort
            length = length_at(head, position)[0]
            if length > MAX_STRING_BYTES:
                raise bad(f"a text of {length} bytes in a list")
            position += 8 + length
        if position > len(head):
            raise TooShort
        self.position = position


def _read_keys(reader: _Reader, count: int) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for _ in range(count):
        key = reader.text(MAX_KEY_BYTES)
        if not key or key in keys:
            raise bad(f"the key {key!r} is empty or stands twice")
        keys[key] = _read_value(reader, reader.number("I"))
    return keys


def _read_value(reader: _Reader, kind: int) -> Any:
    if kind == _STRING:
        return reader.text(MAX_STRING_BYTES)
    if kind == _ARRAY:
        return _skip_list(reader)
    if kind not in _SCALARS:
        raise bad(f"a value of type {kind}")
    number = reader.number(_SCALARS[kind])
    return Double(number) if kind == _DOUBLE else number


def _skip_list(reader: _Reader) -> List:
    kind, count = reader.number("I"), reader.number("Q")
    if count > MAX_HEADER_BYTES:
        raise bad(f"a list of {count}")
    if kind == _STRING:
        reader.skip_texts(count)
    elif kind in _SCALARS:
        reader.take(count * struct.calcsize(f"<{_SCALARS[kind]}"))
    else:
        raise bad(f"a list of type {kind}")
    return List(count)


def _read_tensors(reader: _Reader, count: int) -> list[Tensor]:
    tensors = [_read_tensor(reader) for _ in range(count)]
    if len({tensor.name for tensor in tensors}) != count:
        raise bad("two tensors of one name")
    return tensors


def _read_tensor(reader: _Reader) -> Tensor:
    name = reader.text(MAX_NAME_BYTES)
    dimensions = reader.number("I")
    if not 1 <= dimensions <= 4:
        raise bad(f"{name!r} has {dimensions} dimensions")
    shape = tuple(reader.number("Q") for _ in range(dimensions))
    kind, offset = reader.number("I"), reader.number("Q")
    if kind not in TENSOR_TYPES:
        raise bad(f"{name!r} is of type {kind}")
    block, block_bytes = TENSOR_TYPES[kind]
    elements = 1
    for length in shape:
        elements *= length
        if not 1 <= length <= MAX_ELEMENTS or elements > MAX_ELEMENTS:
            raise bad(f"{name!r} is {shape}")
    if shape[0] % block:
        raise bad(f"{name!r}: rows of {shape[0]} are not whole blocks of {block}")
    return Tensor(name, shape, kind, offset, elements // block * block_bytes)


def _check_places(tensors: list[Tensor], header_end: int, keys: dict[str, Any], size: int) -> int:
    """Each tensor follows the one before it, padded, and the last ends inside the file. Where the data begin."""
    alignment = keys.get("general.alignment", 32)
    if type(alignment) is not int or not 1 <= alignment <= MAX_ALIGNMENT or alignment & (alignment - 1):
        raise bad(f"alignment {alignment!r}")
    end = 0
    for tensor in tensors:
        if tensor.offset != _padded(end, alignment):
            raise bad(f"{tensor.name!r} lies at {tensor.offset}")
        end = tensor.offset + tensor.bytes
    if _padded(header_end, alignment) + end > size:
        raise cut_off(f"{size} bytes instead of {_padded(header_end, alignment) + end}")
    return _padded(header_end, alignment)


def _padded(position: int, alignment: int) -> int:
    return (position + alignment - 1) // alignment * alignment


def bad(detail: str) -> AppError:
    return UserCanFix(
        "models.bad_file",
        "This is not a sound GGUF model file.",
        remedy="Choose another file, or download this one again.",
        detail=detail[:500],
    )


def cut_off(detail: str) -> AppError:
    return UserCanFix(
        "models.cut_off",
        "This model file is not complete: its end is missing.",
        remedy="Download it again.",
        detail=detail,
    )
