"""A projector with random weights: real for llama.cpp (CLIP tower and MLP), blind for everybody else."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np


def random_projector(
    path: Path,
    *,
    width: int = 576,
    image: int = 96,
    patch: int = 16,
    hidden: int = 64,
    layers: int = 2,
    heads: int = 4,
    seed: int = 1,
) -> Path:
    """Write an mmproj for a language model of `width`; a picture becomes (image / patch)² tokens."""
    draw = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_type("mmproj")
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", "mlp")
    writer.add_bool("clip.use_gelu", True)
    for key, number in {
        "image_size": image,
        "patch_size": patch,
        "embedding_length": hidden,
        "feed_forward_length": hidden * 4,
        "block_count": layers,
        "projection_dim": width,
        "attention.head_count": heads,
    }.items():
        writer.add_uint32(f"clip.vision.{key}", number)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-6)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.feature_layer", [layers])

    def matrix(name: str, *shape: int) -> None:
        writer.add_tensor(f"{name}.weight", draw.normal(0, 0.05, shape).astype(np.float16))
        writer.add_tensor(f"{name}.bias", np.zeros(shape[0], np.float32))

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(hidden, np.float32))
        writer.add_tensor(f"{name}.bias", np.zeros(hidden, np.float32))

    matrix("v.patch_embd", hidden, 3, patch, patch)
    places = (image // patch) ** 2
    writer.add_tensor("v.position_embd.weight", draw.normal(0, 0.05, (places, hidden)).astype(np.float32))
    for layer in range(layers):
        block = f"v.blk.{layer}"
        for part in ("attn_q", "attn_k", "attn_v", "attn_out"):
            matrix(f"{block}.{part}", hidden, hidden)
        matrix(f"{block}.ffn_up", hidden * 4, hidden)
        matrix(f"{block}.ffn_down", hidden, hidden * 4)
        norm(f"{block}.ln1")
        norm(f"{block}.ln2")
    norm("v.post_ln")
    matrix("mm.0", width, hidden)
    matrix("mm.2", width, width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
