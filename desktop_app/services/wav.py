"""Reads and writes WAV files. Reading takes what recorders really write: 8 to 64 bit, integer or float, any channels.

The header is walked by hand because the standard `wave` module knows neither float nor "extensible" files, and
trusts the lengths they state.
"""

from __future__ import annotations

import os
import struct
import uuid
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from desktop_app.domain.audio import MAX_TURN_SECONDS, Audio
from desktop_app.domain.samples import WIDTHS, SampleKind, mono_16_bit
from desktop_app.errors import EnvironmentProblem, UserCanFix

RATES = range(4_000, 192_001)
CHANNELS = range(1, 9)
MOST_CHUNKS = 64

_EXTENSIBLE = 0xFFFE
_KINDS: dict[tuple[int, int], SampleKind] = {  # (format tag, bits)
    (1, 8): "u8",
    (1, 16): "s16",
    (1, 24): "s24",
    (1, 32): "s32",
    (3, 32): "f32",
    (3, 64): "f64",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    kind: SampleKind
    channels: int
    rate: int

    @property
    def frame(self) -> int:
        """Bytes of one sample of every channel."""
        return WIDTHS[self.kind] * self.channels


def read_wav(path: Path) -> Audio:
    """The sound in a WAV file, mixed down to one channel, at its own rate.

    Raises UserCanFix: `audio.not_found`, `audio.empty`, `audio.not_wav`, `audio.broken`, `audio.unsupported`,
    `audio.too_long`.
    """
    try:
        with path.open("rb") as file:
            return _read(file, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise UserCanFix(
            "audio.not_found",
            f"{path.name} cannot be opened.",
            remedy="Check that the file is there and that you may read it.",
            detail=str(error),
        ) from error


def write_wav(path: Path, audio: Audio) -> None:
    """Write 16-bit mono, atomically. Raises EnvironmentProblem."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as raw, wave.open(raw, "wb") as file:
            file.setparams((1, 2, audio.rate, audio.samples, "NONE", "not compressed"))
            file.writeframes(audio.pcm)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise EnvironmentProblem(
            "audio.not_saved",
            f"The sound could not be saved as {path.name}.",
            remedy="Check that the folder exists, that you may write there, and that the disk is not full.",
            detail=str(error),
        ) from error


def _read(file: BinaryIO, size: int) -> Audio:
    if not size:
        raise UserCanFix("audio.empty", "The sound file is empty.", remedy="Record it again.")
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        if len(head) < 12 and b"RIFF".startswith(head[:4]):
            raise _broken("the header ends early")
        raise UserCanFix(
            "audio.not_wav",
            "This is not a WAV file.",
            remedy="Save the recording as WAV (PCM, 16 bit) and try again.",
            detail=repr(head),
        )
    found: _Format | None = None
    for _ in range(MOST_CHUNKS):
        name, length = _chunk_head(file)
        if name == b"fmt ":
            found = _format(file.read(min(length, 40)))
            file.seek(max(0, length - 40) + length % 2, os.SEEK_CUR)
        elif name == b"data":
            if found is None:
                raise _broken("no format before the sound")
            return _sound(file, found, min(length, size - file.tell()))
        else:
            file.seek(length + length % 2, os.SEEK_CUR)
    raise _broken("too many chunks")


def _chunk_head(file: BinaryIO) -> tuple[bytes, int]:
    head = file.read(8)
    if len(head) < 8:
        raise _broken("the file ends before the sound")
    name, length = struct.unpack("<4sI", head)
    return name, length


def _format(body: bytes) -> _Format:
    if len(body) < 16:
        raise _broken("the format is cut off")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if tag == _EXTENSIBLE and len(body) >= 26:
        tag = struct.unpack_from("<H", body, 24)[0]
    kind = _KINDS.get((tag, bits))
    if kind is None or channels not in CHANNELS or rate not in RATES:
        raise UserCanFix(
            "audio.unsupported",
            "This kind of WAV file cannot be read.",
            remedy="Save the recording as WAV (PCM, 16 bit) and try again.",
            detail=f"format {tag}, {bits} bit, {channels} channels, {rate} Hz",
        )
    return _Format(kind=kind, channels=channels, rate=rate)


def _sound(file: BinaryIO, found: _Format, length: int) -> Audio:
    frames = length // found.frame
    if not frames:
        raise UserCanFix("audio.empty", "There is no sound in the file.", remedy="Record it again.")
    if frames / found.rate > MAX_TURN_SECONDS:
        raise UserCanFix(
            "audio.too_long",
            f"The recording is longer than {MAX_TURN_SECONDS / 60:.0f} minutes.",
            remedy=f"Cut it into pieces of at most {MAX_TURN_SECONDS / 60:.0f} minutes.",
            detail=f"{frames / found.rate:.0f} s",
        )
    pcm = bytearray()
    while frames:
        block = file.read(min(frames, found.rate) * found.frame)
        whole = len(block) // found.frame * found.frame
        if not whole:
            break  # shorter than its size said: keep what was there
        pcm += mono_16_bit(block[:whole], found.kind, found.channels)
        frames -= whole // found.frame
    return Audio(pcm=bytes(pcm), rate=found.rate)


def _broken(detail: str) -> UserCanFix:
    return UserCanFix(
        "audio.broken",
        "The WAV file is damaged.",
        remedy="Record it again, or open it in a sound editor and save it once more.",
        detail=detail,
    )
