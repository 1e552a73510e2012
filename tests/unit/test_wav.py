"""WAV files as recorders write them, and as they should not be."""

from __future__ import annotations

import struct
import wave
from array import array
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.audio import Audio
from desktop_app.errors import EnvironmentProblem, UserCanFix
from desktop_app.services.wav import read_wav, write_wav

PCM = array("h", [0, 1000, -1000, 32767, -32768] * 40).tobytes()


def written(path: Path, data: bytes, *, channels: int = 1, width: int = 2, rate: int = 16_000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", "not compressed"))
        file.writeframes(data)
    return path


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def fmt(tag: int = 1, channels: int = 1, rate: int = 16_000, bits: int = 16, more: bytes = b"") -> tuple[bytes, bytes]:
    frame = channels * bits // 8
    return b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * frame, frame, bits) + more


def code_of(path: Path) -> str:
    with pytest.raises(UserCanFix) as caught:
        read_wav(path)
    assert caught.value.remedy
    return caught.value.code


def test_what_is_written_is_read(tmp_path: Path) -> None:
    audio = Audio(pcm=PCM, rate=22_050)
    write_wav(tmp_path / "a.wav", audio)
    assert read_wav(tmp_path / "a.wav") == audio
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_8_bit(tmp_path: Path) -> None:
    audio = read_wav(written(tmp_path / "a.wav", bytes([0, 128, 255]), width=1, rate=8_000))
    assert audio.rate == 8_000
    assert array("h", audio.pcm).tolist() == [-32768, 0, 32512]


def test_stereo_is_mixed_down(tmp_path: Path) -> None:
    data = array("h", [100, 300, -100, -300]).tobytes()
    assert array("h", read_wav(written(tmp_path / "a.wav", data, channels=2)).pcm).tolist() == [200, -200]


def test_24_and_32_bit_at_96_khz(tmp_path: Path) -> None:
    samples = [0, 1, -1, 12_345, -32_768]
    for width in (3, 4):
        data = b"".join((s << (8 * (width - 2))).to_bytes(width, "little", signed=True) for s in samples)
        audio = read_wav(written(tmp_path / "a.wav", data, width=width, rate=96_000))
        assert (array("h", audio.pcm).tolist(), audio.rate) == (samples, 96_000)


def test_float_and_extensible_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(riff(fmt(tag=3, bits=32), (b"data", array("f", [0.0, 0.5, -1.0, 7.0]).tobytes())))
    assert array("h", read_wav(path).pcm).tolist() == [0, 16383, -32767, 32767]
    subformat = struct.pack("<HHIH14x", 22, 16, 4, 1)
    path.write_bytes(riff(fmt(tag=0xFFFE, more=subformat), (b"LIST", b"odd"), (b"data", PCM)))
    assert read_wav(path).pcm == PCM


def test_a_recording_that_was_cut_off_or_streamed_keeps_what_is_there(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", PCM)
    whole = path.read_bytes()
    path.write_bytes(whole[:-51])
    assert read_wav(path).pcm == PCM[:-52]
    path.write_bytes(whole[:40] + b"\xff\xff\xff\xff" + whole[44:])
    assert read_wav(path).pcm == PCM


def test_files_that_are_not_sound_are_refused_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    assert code_of(tmp_path / "missing.wav") == "audio.not_found"
    assert code_of(tmp_path) == "audio.not_found"
    cases = {
        b"": "audio.empty",
        b"RI": "audio.broken",
        b"ID3\4 an mp3 file of some length": "audio.not_wav",
        riff(fmt())[:30]: "audio.broken",
        riff(fmt()): "audio.broken",
        riff((b"data", PCM)): "audio.broken",
        riff((b"fmt ", b"short"), (b"data", PCM)): "audio.broken",
        riff(fmt(), (b"data", b"")): "audio.empty",
        riff(fmt(), (b"data", b"\1")): "audio.empty",
        riff(fmt(tag=85), (b"data", PCM)): "audio.unsupported",
        riff(fmt(bits=12), (b"data", PCM)): "audio.unsupported",
        riff(fmt(channels=0), (b"data", PCM)): "audio.unsupported",
        riff(fmt(channels=64), (b"data", PCM)): "audio.unsupported",
        riff(fmt(rate=0), (b"data", PCM)): "audio.unsupported",
        riff(*[(b"junk", b"")] * 100): "audio.broken",
    }
    for content, code in cases.items():
        path.write_bytes(content)
        assert code_of(path) == code, content[:60]


def test_an_hour_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "hour.wav", b"")
    size = 3_600 * 16_000 * 2
    with path.open("rb+") as file:
        file.seek(40)
        file.write(struct.pack("<I", size))
        file.truncate(44 + size)  # a sparse file
    assert code_of(path) == "audio.too_long"


def test_a_folder_that_cannot_be_written_is_the_environments_fault(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        write_wav(tmp_path / "missing" / "a.wav", Audio(pcm=PCM))
    assert caught.value.code == "audio.not_saved"


@settings(max_examples=200)
@given(garbage=st.binary(max_size=120), cut=st.integers(0, 60))
def test_garbage_never_gets_past_the_error(tmp_path_factory: pytest.TempPathFactory, garbage: bytes, cut: int) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage.wav"
    path.write_bytes(riff(fmt(), (b"data", PCM))[:cut] + garbage)
    try:
        read_wav(path)
    except UserCanFix:
        return
