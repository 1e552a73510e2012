"""The weights of the labels are read without running what a pickle may hold."""

from __future__ import annotations

import os
import pickle
import struct
from pathlib import Path

import pytest

from desktop_app.engines.efficientnet_onnx import convert, read_state_dict

MAGIC = 0x1950A86A20F9469CFC6C


def pickled(item: object) -> bytes:
    return pickle.dumps(item, 2)


def weights(tensors: bytes, keys: bytes, storages: bytes) -> bytes:
    return pickled(MAGIC) + pickled(1001) + pickled({}) + tensors + keys + storages


def tensor_pickle(shape: tuple[int, ...], strides: tuple[int, ...], offset: int = 0) -> bytes:
    """{"w": a tensor}, in the opcodes of pickle, since the classes that it names are not installed."""

    def number(value: int) -> bytes:
        return b"J" + struct.pack("<i", value)

    def numbers(values: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(map(number, values)) + b"t"

    def word(value: str) -> bytes:
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    storage = b"(" + word("storage") + b"ctorch\nFloatStorage\n" + word("7") + word("cpu") + number(4) + b"NtQ"
    built = (
        b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(offset) + numbers(shape) + numbers(strides) + b"tR"
    )
    return b"\x80\x02}(" + word("w") + built + b"u."


def four_floats() -> bytes:
    return struct.pack("<q4f", 4, 1, 2, 3, 4)


def read(folder: Path, data: bytes) -> dict[str, object]:
    (folder / "w.pth").write_bytes(data)
    return read_state_dict(folder / "w.pth")


def test_tensors_come_with_their_strides(tmp_path: Path) -> None:
    data = weights(tensor_pickle((2, 2), (1, 2)), pickled(["7"]), four_floats())
    assert read(tmp_path, data)["w"].tolist() == [[1, 3], [2, 4]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("shape", "strides", "offset"),
    [((5,), (1,), 0), ((2, 2), (4, 1), 0), ((4,), (1,), 1), ((4,), (1,), -1), ((2,), (-1,), 1)],
)
def test_a_tensor_stays_inside_its_storage(
    shape: tuple[int, ...], strides: tuple[int, ...], offset: int, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="outside"):
        read(tmp_path, weights(tensor_pickle(shape, strides, offset), pickled(["7"]), four_floats()))


def test_code_in_the_pickle_is_not_run(tmp_path: Path) -> None:
    class Attack:
        def __reduce__(self) -> object:
            return os.mkdir, (str(tmp_path / "attacked"),)

    with pytest.raises(ValueError, match="not a tensor"):
        read(tmp_path, weights(pickled({"w": Attack()}), pickled([]), b""))
    assert not (tmp_path / "attacked").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no pickle at all",
        pickled(1) + pickled(1001) + pickled({}),
        weights(tensor_pickle((4,), (1,)), pickled(["7"]), four_floats()[:-4]),
        weights(tensor_pickle((4,), (1,)), pickled(["7"]), struct.pack("<q", 1 << 60)),
        weights(tensor_pickle((4,), (1,)), pickled(["8"]), four_floats()),
        weights(pickled({"w": 3}), pickled(["7"]), four_floats()),
    ],
)
def test_other_files_are_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        read(tmp_path, data)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(weights(tensor_pickle((4,), (1,)), pickled(["7"]), four_floats()))
    with pytest.raises(ValueError, match="EfficientNet"):
        convert(tmp_path / "w.pth", tmp_path / "labels.onnx")
    assert not (tmp_path / "labels.onnx").exists()
