"""Between the ways in which files and devices write samples and ours: 16-bit mono. Standard library only."""

from __future__ import annotations

from array import array
from typing import Literal

from desktop_app.domain.audio import FULL_SCALE

SampleKind = Literal["u8", "s16", "s24", "s32", "f32", "f64"]
WIDTHS: dict[SampleKind, int] = {"u8": 1, "s16": 2, "s24": 3, "s32": 4, "f32": 4, "f64": 8}

_FLIPPED = bytes((value + 128) % 256 for value in range(256))


def mono_16_bit(data: bytes, kind: SampleKind, channels: int) -> bytes:
    """Little-endian interleaved samples as 16-bit mono: the mean of the channels. `data` holds whole frames."""
    return _mixed(_as_16_bit(data, kind), channels)


def from_mono_16_bit(pcm: bytes, kind: SampleKind, channels: int) -> bytes:
    """16-bit mono as another kind, the same in every channel."""
    wide = array("h", bytes(len(pcm) * channels))
    for channel in range(channels):
        wide[channel::channels] = array("h", pcm)
    data = wide.tobytes()
    match kind:
        case "u8":
            return data[1::2].translate(_FLIPPED)
        case "s16":
            return data
        case "s24" | "s32":
            return _spread(data, WIDTHS[kind])
        case _:
            return array("f" if kind == "f32" else "d", (sample / FULL_SCALE for sample in wide)).tobytes()


def _as_16_bit(data: bytes, kind: SampleKind) -> bytes:
    match kind:
        case "s16":
            return data
        case "u8":
            return _spread(data.translate(_FLIPPED), 2, bytes_each=1)
        case "s24" | "s32":
            width = WIDTHS[kind]
            out = bytearray(len(data) // width * 2)
            out[::2], out[1::2] = data[width - 2 :: width], data[width - 1 :: width]
            return bytes(out)
        case _:
            return array("h", map(_from_float, array("f" if kind == "f32" else "d", data))).tobytes()


def _spread(data: bytes, width: int, *, bytes_each: int = 2) -> bytes:
    """Integers of `bytes_each` bytes as wider ones of the same loudness: zeros go below."""
    out = bytearray(len(data) // bytes_each * width)
    for place in range(bytes_each):
        out[width - bytes_each + place :: width] = data[place::bytes_each]
    return bytes(out)


def _from_float(value: float) -> int:
    """Full scale is 1.0; what is beyond it, or no number, becomes full scale."""
    return int(max(-1.0, min(1.0, value)) * (FULL_SCALE - 1))


def _mixed(pcm: bytes, channels: int) -> bytes:
    if channels == 1:
        return pcm
    samples = array("h", pcm)
    together = map(sum, zip(*(samples[i::channels] for i in range(channels)), strict=True))
    return array("h", [total // channels for total in together]).tobytes()
