"""Turns the published EfficientNet-Lite0 weights (a PyTorch file) into an ONNX graph, without PyTorch.

The network is plain: convolutions, batch norms (folded into them here) and ReLU6, no squeeze-and-excite
(Tan and Le, "EfficientNet", 2019; the Lite variants of 2020; their padding is TensorFlow's SAME).

The graph takes `image`, uint8 [1, 224, 224, 3], RGB, and gives `probabilities`, float32 [1, 1000], a softmax over
ImageNet-1k in class order (`resources/labels/imagenet1k.txt`). Preparing a picture: crop the centre square, resize
it to 224 x 224 bicubically; the graph itself does the rest, (x - 127) / 128 as in training. Checked: a cat photo
gives Egyptian cat, tiger cat and tabby 0.88 together, a cup of coffee espresso 0.94, a motorcycle moped 0.72; a
person in a space suit, which is no class, stays at 0.2 ("bobsled"). 8 ms each on two cores.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

SIDE = 224
INPUT = "image"
OUTPUT = "probabilities"
_MAGIC = 0x1950A86A20F9469CFC6C
_EPSILON = 1e-3
_OPSET = 13
_STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1)


def convert(weights: Path, onnx_file: Path) -> None:
    """Read `weights` (a legacy PyTorch state dict), write `onnx_file`. Raises ValueError, OSError."""
    import onnx

    try:
        model = _Graph(read_state_dict(weights)).model()
    except (KeyError, IndexError) as error:
        raise ValueError(f"these are not EfficientNet-Lite0's weights: {error}") from error
    onnx.checker.check_model(model)
    onnx_file.write_bytes(model.SerializeToString(deterministic=True))


def read_state_dict(path: Path) -> dict[str, Any]:
    """The arrays of a PyTorch file of the format before 1.6, as numpy. Only tensors are understood; no code runs.

    The file is five pickles (magic, version, machine, tensors, storage keys), then each storage: a count of
    elements as int64, then the elements. Raises ValueError, OSError.
    """
    with path.open("rb") as file:
        try:
            magic, _version, _machine = (_TensorsOnly(file).load() for _ in range(3))
            if magic != _MAGIC:
                raise ValueError("not a PyTorch file of the old format")
            tensors = _TensorsOnly(file).load()
            storages = dict.fromkeys(_TensorsOnly(file).load(), b"")
            for key in storages:
                kind = next(t.storage.kind for t in tensors.values() if t.storage.key == key)
                storages[key] = _read_storage(file, kind)
        except (pickle.UnpicklingError, EOFError, AttributeError, StopIteration, TypeError) as error:
            raise ValueError(f"unreadable weights: {error}") from error
    return {name: tensor.array(storages[tensor.storage.key]) for name, tensor in tensors.items()}


@dataclass(frozen=True, slots=True)
class _Storage:
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A view of a storage: offset and strides count elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self, raw: bytes) -> Any:
        import numpy as np

        flat = np.frombuffer(raw, dtype=self.storage.kind)
        last = self.offset + sum((n - 1) * step for n, step in zip(self.shape, self.strides, strict=True))
        if self.offset < 0 or min((*self.strides, 0)) < 0 or not last < len(flat):
            raise ValueError("a tensor reaches outside its storage")
        steps = tuple(step * flat.itemsize for step in self.strides)
        return np.lib.stride_tricks.as_strided(flat[self.offset :], self.shape, steps, writeable=False)


class _TensorsOnly(pickle.Unpickler):
    """Understands dictionaries of tensors and nothing else, so that a pickle cannot run code."""

    def find_class(self, module: str, name: str) -> Any:
        known = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): lambda storage, offset, shape, strides, *_rest: _Tensor(
                storage, offset, tuple(shape), tuple(strides)
            ),
            ("torch", "FloatStorage"): "<f4",
            ("torch", "LongStorage"): "<i8",
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} is not a tensor")
        return known[module, name]

    def persistent_load(self, pid: Any) -> Any:
        """("storage", kind, key, device, length, view)"""
        return _Storage(pid[1], pid[2])


def _read_storage(file: IO[bytes], kind: str) -> bytes:
    count = int.from_bytes(file.read(8), "little")
    wanted = count * int(kind[-1])
    if wanted > 1 << 30:
        raise ValueError("a storage of more than a gibibyte")
    raw = file.read(wanted)
    if len(raw) != wanted:
        raise ValueError("the file is cut off")
    return raw


class _Graph:
    """Writes the network node by node; `self._last` is the value made last."""

    def __init__(self, weights: Mapping[str, Any]) -> None:
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._last = INPUT

    def model(self) -> Any:
        from onnx import TensorProto, helper

        self._node("Cast", to=TensorProto.FLOAT)
        self._node("Transpose", perm=[0, 3, 1, 2])
        self._node("Sub", self._number("mean", 127.0))
        self._node("Div", self._number("deviation", 128.0))
        self._convolve("_conv_stem", "_bn0", stride=2)
        for number, stride in enumerate(_STRIDES):
            self._block(f"_blocks.{number}", stride)
        self._convolve("_conv_head", "_bn1")
        self._node("GlobalAveragePool")
        self._node("Flatten", axis=1)
        self._node("Gemm", self._constant("_fc.weight"), self._constant("_fc.bias"), transB=1)
        self._nodes.append(helper.make_node("Softmax", [self._last], [OUTPUT], axis=1))
        image = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, [1, SIDE, SIDE, 3])
        result = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [1, 1000])
        graph = helper.make_graph(self._nodes, "efficientnet-lite0", [image], [result], self._constants)
        return helper.make_model(
            graph, producer_name="stonechat", opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8
        )

    def _block(self, name: str, stride: int) -> None:
        """Widen, filter each channel, narrow; add the input where the shapes agree."""
        start = self._last
        if f"{name}._expand_conv.weight" in self._weights:
            self._convolve(f"{name}._expand_conv", f"{name}._bn0")
        self._convolve(f"{name}._depthwise_conv", f"{name}._bn1", stride=stride)
        narrow = self._weights[f"{name}._project_conv.weight"]
        self._convolve(f"{name}._project_conv", f"{name}._bn2", activate=False)
        widening = self._weights.get(f"{name}._expand_conv.weight")
        if stride == 1 and widening is not None and widening.shape[1] == narrow.shape[0]:
            self._node("Add", start)

    def _convolve(self, conv: str, norm: str, *, stride: int = 1, activate: bool = True) -> None:
        """A convolution with its batch norm folded in: w * g / sqrt(v + e), b - m * g / sqrt(v + e)."""
        import numpy as np

        gain, shift, mean, variance = (
            self._weights[f"{norm}.{part}"].astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gain / np.sqrt(variance + _EPSILON)
        weight = self._weights[f"{conv}.weight"]
        folded = self._constant(f"{conv}.weight", weight * scale[:, None, None, None])
        bias = self._constant(f"{conv}.bias", shift - mean * scale)
        self._node(
            "Conv",
            folded,
            bias,
            kernel_shape=list(weight.shape[2:]),
            strides=[stride, stride],
            auto_pad="SAME_UPPER",
            group=weight.shape[0] if "depthwise" in conv else 1,
        )
        if activate:
            self._node("Clip", self._number("zero", 0.0), self._number("six", 6.0))

    def _node(self, kind: str, *inputs: str, **attributes: Any) -> None:
        from onnx import helper

        made = f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, [self._last, *inputs], [made], **attributes))
        self._last = made

    def _constant(self, name: str, value: Any = None) -> str:
        import numpy as np
        from onnx import numpy_helper

        array = np.ascontiguousarray(self._weights[name] if value is None else value, dtype=np.float32)
        self._constants.append(numpy_helper.from_array(array, name))
        return name

    def _number(self, name: str, value: float) -> str:
        from onnx import helper

        if not any(constant.name == name for constant in self._constants):
            self._constants.append(helper.make_tensor(name, 1, [], [value]))
        return name
