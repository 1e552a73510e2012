"""Writes the trained encoder as a projector for one language model, in the GGUF form of llama.cpp's `mlp` projector.

The same encoder serves every language model: only the last matrix, that model's own embeddings of the dictionary's
words, is another. Contract: tools/mtmd/clip.cpp of llama.cpp as in llama-cpp-python 0.3.36.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desktop_app.domain.model_headers import OWN_KEY
from desktop_app.engines.eyes.camera import SIDE
from desktop_app.engines.eyes.encoder import EPSILON
from desktop_app.engines.eyes.recipe import EyesRecipe
from desktop_app.engines.eyes.world import DICTIONARY

NAME = "Stonechat test eyes"
DESCRIPTION = "Knows a small drawn world and nothing else. For tests and demonstrations, not for photographs."


def write_projector(path: Path, weights: dict[str, Any], vectors: Any, recipe: EyesRecipe) -> Path:
    """`weights` are the encoder's, as numpy arrays under its names; `vectors` those of `word_vectors`."""
    import gguf

    writer = gguf.GGUFWriter(path, "clip")
    _write_keys(writer, recipe, width=vectors.shape[1])
    for name, array in _tensors(weights, vectors, recipe):
        kind = "float16" if array.ndim > 1 and name != "v.position_embd.weight" else "float32"
        writer.add_tensor(name, array.astype(kind))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def sharpened(weight: Any, bias: Any, recipe: EyesRecipe) -> tuple[Any, Any]:
    """The last layer as a steep threshold: a sure word's unit gives `full`, an improbable one's nothing."""
    form = recipe.export
    return weight * form.slope, (bias - form.threshold) * form.slope


def _write_keys(writer: Any, recipe: EyesRecipe, width: int) -> None:
    shape = recipe.encoder
    writer.add_type("mmproj")
    writer.add_name(NAME)
    writer.add_description(DESCRIPTION)
    writer.add_license("GPL-3.0-or-later")
    writer.add_file_type(1)
    writer.add_bool(OWN_KEY, True)
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", "mlp")
    writer.add_bool("clip.use_gelu", True)
    lengths = {
        "image_size": SIDE,
        "patch_size": shape.patch_px,
        "embedding_length": shape.width,
        "feed_forward_length": 4 * shape.width,
        "block_count": shape.layers,
        "projection_dim": width,
        "attention.head_count": shape.heads,
    }
    for key, number in lengths.items():
        writer.add_uint32(f"clip.vision.{key}", number)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", EPSILON)
    writer.add_array("clip.vision.image_mean", [0.5] * 3)
    writer.add_array("clip.vision.image_std", [0.5] * 3)
    writer.add_array("clip.vision.feature_layer", [shape.layers])  # else llama.cpp leaves out the last block


def _tensors(weights: dict[str, Any], vectors: Any, recipe: EyesRecipe) -> list[tuple[str, Any]]:
    import numpy

    tensors = []
    for name, array in weights.items():
        stem, _, kind = name.rpartition(".")
        if name == "position_embd":
            tensors.append(("v.position_embd.weight", array))
        elif stem.endswith("attn_qkv"):
            for letter, part in zip("qkv", numpy.split(array, 3), strict=True):
                tensors.append((f"v.{stem.removesuffix('qkv')}{letter}.{kind}", part))
        elif stem != "words":
            tensors.append((f"v.{name}", array))
    weight, bias = sharpened(weights["words.weight"], weights["words.bias"], recipe)
    tensors += [("mm.0.weight", weight), ("mm.0.bias", bias)]
    tensors += [("mm.2.weight", vectors.T / recipe.export.full), ("mm.2.bias", numpy.zeros(vectors.shape[1]))]
    assert weight.shape[0] == len(DICTIONARY) == len(vectors)
    return tensors
