"""The header check: a sound file is described, a broken one refused with a code, and nothing else ever happens."""

from __future__ import annotations

import ctypes
import importlib.util
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.engines import gguf_reader
from desktop_app.engines.gguf_header import parse, read_header
from desktop_app.engines.gguf_tables import TENSOR_TYPES
from desktop_app.errors import AppError
from tests.unit.gguf_kit import F16, F32, adapter, gguf, model_keys, model_tensors, projector, text

SOUND = gguf()


def written(folder: Path, data: bytes) -> Path:
    path = folder / "model.gguf"
    path.write_bytes(data)
    return path


def refused(folder: Path, data: bytes) -> str:
    with pytest.raises(AppError) as caught:
        read_header(written(folder, data))
    assert caught.value.remedy
    return caught.value.code


def test_a_sound_model_is_described(tmp_path: Path) -> None:
    header = read_header(written(tmp_path, SOUND))
    assert (header.kind, header.architecture, header.name, header.licence) == ("model", "llama", "Tiny", "apache-2.0")
    assert (header.context_length, header.embedding_length, header.block_count) == (128, 8, 2)
    assert (header.vocab_size, header.file_type, header.tensors, header.parts) == (3, 0, 3, 1)
    assert header.template == "{{ messages }}"


def test_version_two_and_other_alignments_are_sound(tmp_path: Path) -> None:
    assert read_header(written(tmp_path, gguf(version=2))).kind == "model"
    keys = model_keys(general__alignment=256)
    assert read_header(written(tmp_path, gguf(keys, alignment=256))).kind == "model"


def test_projector_and_adapter_are_told_apart(tmp_path: Path) -> None:
    eyes = read_header(written(tmp_path, projector(width=576)))
    assert (eyes.kind, eyes.embedding_length) == ("projector", 576)
    assert read_header(written(tmp_path, adapter())).kind == "adapter"


def test_a_header_longer_than_the_first_read_is_read_whole(tmp_path: Path) -> None:
    words = ["word" * 4000] * 600
    assert read_header(written(tmp_path, gguf(model_keys(tokenizer__ggml__tokens=words)))).vocab_size == 600


HUGE = 1 << 62
BROKEN = {
    "nothing in it": (b"", "models.cut_off"),
    "only the magic": (b"GGUF", "models.cut_off"),
    "another format": (b"PK\3\4" + bytes(100), "models.bad_file"),
    "version 1": (gguf(version=1), "models.bad_file"),
    "big-endian": (b"GGUF" + struct.pack(">IQQ", 3, 1, 1) + bytes(100), "models.bad_file"),
    "more tensors than can be": (gguf(counts=(HUGE, 1)), "models.bad_file"),
    "2^60 tensors": (gguf(counts=(1 << 60, 1)), "models.bad_file"),
    "more keys than can be": (gguf(counts=(1, HUGE)), "models.bad_file"),
    "more keys than there are": (gguf(counts=(3, 30)), "models.bad_file"),
    "a key of a gigabyte": (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1 << 30) + bytes(64), "models.bad_file"),
    "a text that runs out of the file": (gguf(model_keys(x=struct.pack("<IQ", 8, 4_000_000)), []), "models.cut_off"),
    "a text of an exabyte": (gguf(model_keys(x=struct.pack("<IQ", 8, HUGE))), "models.bad_file"),
    "a list of an exabyte": (gguf(model_keys(x=struct.pack("<IIQ", 9, 4, HUGE))), "models.bad_file"),
    "a list of lists": (gguf(model_keys(x=struct.pack("<IIQ", 9, 9, 1))), "models.bad_file"),
    "a value of no known type": (gguf(model_keys(x=struct.pack("<I", 99))), "models.bad_file"),
    "a nameless key": (gguf({"": "x", **model_keys()}), "models.bad_file"),
    "alignment 0": (gguf(model_keys(general__alignment=0)), "models.bad_file"),
    "alignment 48": (gguf(model_keys(general__alignment=48)), "models.bad_file"),
    "alignment of 2 GiB": (gguf(model_keys(general__alignment=1 << 31)), "models.bad_file"),
    "alignment in words": (gguf(model_keys(general__alignment="32")), "models.bad_file"),
    "five dimensions": (gguf(tensors=[("t", (1, 1, 1, 1, 1), F32)]), "models.bad_file"),
    "no dimensions": (gguf(tensors=[("t", (), F32)]), "models.bad_file"),
    "an empty dimension": (gguf(tensors=[("t", (8, 0), F32)]), "models.bad_file"),
    "dimensions whose product overflows": (gguf(tensors=[("t", (1 << 32, 1 << 32), F32)]), "models.bad_file"),
    "a type that was removed": (gguf(tensors=[("t", (32, 1), 4)]), "models.bad_file"),
    "a type of the future": (gguf(tensors=[("t", (32, 1), 4711)]), "models.bad_file"),
    "half a block": (gguf(tensors=[("t", (16, 1), 2)]), "models.bad_file"),
    "a tensor's name too long": (gguf(tensors=[("t" * 64, (8, 1), F32)]), "models.bad_file"),
    "two tensors of one name": (gguf(tensors=[*model_tensors(), model_tensors()[0]]), "models.bad_file"),
    "tensors that overlap": (gguf(offsets={"blk.0.attn_q.weight": 0}), "models.bad_file"),
    "a tensor far outside": (gguf(offsets={"blk.1.attn_q.weight": HUGE}), "models.bad_file"),
    "the end is missing": (gguf(cut=100), "models.cut_off"),
    "half a file": (SOUND[: len(SOUND) // 2], "models.cut_off"),
    "a tensor bigger than the file": (gguf(tensors=[("t", (1 << 20, 64), F32)]), "models.cut_off"),
    "no architecture": (gguf(model_keys(general__architecture=None)), "models.incomplete"),
    "an unknown architecture": (gguf(model_keys(general__architecture="zeppelin")), "models.unknown_architecture"),
    "a speech model": (gguf(model_keys(general__architecture="whisper")), "models.unknown_architecture"),
    "no context length": (gguf(model_keys(llama__context_length=None)), "models.incomplete"),
    "a context length in words": (gguf(model_keys(llama__context_length="long")), "models.incomplete"),
    "no words": (gguf(model_keys(tokenizer__ggml__tokens=None)), "models.incomplete"),
    "no embedding": (gguf(tensors=model_tensors()[1:]), "models.incomplete"),
    "no second block": (gguf(tensors=model_tensors(blocks=1)), "models.incomplete"),
    "no block at all": (gguf(tensors=model_tensors(blocks=0)), "models.incomplete"),
    "a million blocks": (gguf(model_keys(llama__block_count=1_000_000)), "models.bad_file"),
    "an embedding of another width": (gguf(model_keys(llama__embedding_length=16)), "models.bad_file"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_refused(case: str, tmp_path: Path) -> None:
    data, code = BROKEN[case]
    assert refused(tmp_path, data) == code


def test_a_key_twice_is_refused(tmp_path: Path) -> None:
    again = text("general.name") + struct.pack("<I", 8) + text("Other")
    head = SOUND[:24] + again + SOUND[24:]
    assert refused(tmp_path, head[:16] + struct.pack("<Q", len(model_keys()) + 1) + head[24:]) == "models.bad_file"


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AppError) as caught:
        read_header(tmp_path / "gone.gguf")
    assert caught.value.code == "models.unreadable"


def test_an_endless_header_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.engines.gguf_reader.FIRST_READ", 64)
    monkeypatch.setattr("desktop_app.engines.gguf_reader.MAX_HEADER_BYTES", 128)
    assert refused(tmp_path, SOUND) == "models.bad_file"


@settings(max_examples=400, deadline=2000)
@given(
    changes=st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), max_size=8),
    end=st.integers(0, len(SOUND)),
    inserted=st.tuples(st.integers(0, len(SOUND) - 1), st.binary(max_size=24)),
    keep_whole=st.booleans(),
)
def test_any_damage_is_described_or_refused(
    changes: list[tuple[int, int]], end: int, inserted: tuple[int, bytes], keep_whole: bool
) -> None:
    data = bytearray(SOUND)
    for place, byte in changes:
        data[place] = byte
    data[inserted[0] : inserted[0]] = inserted[1]
    whole = bytes(data) if keep_whole else bytes(data[:end])
    with suppress(AppError, gguf_reader.TooShort):
        assert parse(whole, len(whole)).tensors <= gguf_reader.MAX_TENSORS


@settings(max_examples=200, deadline=2000)
@given(st.binary(max_size=400))
def test_any_bytes_behind_the_magic_are_described_or_refused(tail: bytes) -> None:
    data = b"GGUF\3\0\0\0" + tail
    with suppress(AppError, gguf_reader.TooShort):
        parse(data, len(data))


def test_the_types_are_those_of_the_installed_llama_cpp() -> None:
    """llama.cpp itself says how large each type's blocks are; a new type there must be added here."""
    package = importlib.util.find_spec("llama_cpp")
    assert package is not None and package.origin is not None
    found = sorted((Path(package.origin).parent / "lib").glob("*ggml-base*"))
    library = ctypes.CDLL(str(found[0]))
    library.ggml_type_size.restype = ctypes.c_size_t
    library.ggml_blck_size.restype = ctypes.c_int64
    theirs = {
        number: (library.ggml_blck_size(number), library.ggml_type_size(number))
        for number in range(43)
        if library.ggml_blck_size(number)
    }
    assert theirs == TENSOR_TYPES


def test_what_the_reference_writer_writes_is_sound(tmp_path: Path) -> None:
    import numpy
    from gguf import GGUFWriter

    path = tmp_path / "written.gguf"
    writer = GGUFWriter(path, "qwen2")
    writer.add_context_length(64)
    writer.add_embedding_length(8)
    writer.add_block_count(1)
    writer.add_token_list(["x", "y"])
    writer.add_tensor("token_embd.weight", numpy.zeros((2, 8), numpy.float16))
    writer.add_tensor("blk.0.attn_norm.weight", numpy.zeros(8, numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    header = read_header(path)
    assert (header.architecture, header.vocab_size, header.tensors) == ("qwen2", 2, 2)
    assert TENSOR_TYPES[F16] == (1, 2)
