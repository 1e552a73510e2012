"""The network, as llama.cpp's CLIP graph with an `mlp` projector computes it: patches, blocks, a unit for each word.

Pictures in, 36 places out; each place has a unit for every piece of the dictionary. What the units mean to a language
model, its own word embeddings, is put behind them at export. Names of parts are those of the GGUF file.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from desktop_app.engines.eyes.camera import SIDE
from desktop_app.engines.eyes.recipe import EncoderRecipe
from desktop_app.engines.eyes.world import DICTIONARY

EPSILON = 1e-6
LEAST_STRENGTH = 0.03
"""Variance under which a direction counts as noise and is not made stronger."""


def new_encoder(recipe: EncoderRecipe) -> Any:
    """A torch module with random weights: uint8 pictures (n, side, side, 3) to floats (n, places, dictionary)."""
    return _encoder_type()(recipe)


def begin_with_directions(encoder: Any, pictures: Any) -> None:
    """Set the patch layer to the principal directions of these pictures' patches, each about equally strong."""
    import torch

    layer = encoder.patch_embd
    with torch.no_grad():
        patches = torch.nn.functional.unfold(levels(pictures), layer.kernel_size, stride=layer.stride)
        flat = patches.transpose(1, 2).flatten(0, 1).double()
        flat -= flat.mean(0)
        strengths, directions = torch.linalg.eigh(flat.T @ flat / len(flat))
        width = len(layer.weight)
        chosen = directions[:, -width:] / (strengths[-width:] + LEAST_STRENGTH).sqrt()
        layer.weight.copy_(chosen.T.float().view_as(layer.weight))


def levels(pictures: Any) -> Any:
    """uint8 (n, side, side, 3) as floats (n, 3, side, side) from -1 to 1."""
    return pictures.permute(0, 3, 1, 2).float() / 127.5 - 1


def waves(recipe: EncoderRecipe) -> Any:
    """Places (row by row) x width: sines and cosines of the column and the row, for the places to begin with."""
    import torch

    side, quarter = SIDE // recipe.patch_px, recipe.width // 4
    speeds = math.pi / side * 2 ** torch.linspace(0, math.log2(side), quarter)
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    angles = [place.reshape(-1, 1) * speeds for place in (columns, rows)]
    return torch.cat([wave(angle) for angle in angles for wave in (torch.sin, torch.cos)], dim=1)


@lru_cache(1)
def _encoder_type() -> Any:
    from torch import nn
    from torch.nn import functional

    class Block(nn.Module):
        def __init__(self, width: int, heads: int) -> None:
            super().__init__()
            self.heads = heads
            self.ln1, self.ln2 = nn.LayerNorm(width, EPSILON), nn.LayerNorm(width, EPSILON)
            self.attn_qkv = nn.Linear(width, 3 * width)
            self.attn_out = nn.Linear(width, width)
            self.ffn_up, self.ffn_down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x: Any) -> Any:
            count, places, width = x.shape
            mixed = self.attn_qkv(self.ln1(x)).view(count, places, 3, self.heads, width // self.heads)
            query, key, value = mixed.permute(2, 0, 3, 1, 4)
            seen = functional.scaled_dot_product_attention(query, key, value)
            x = x + self.attn_out(seen.transpose(1, 2).reshape(count, places, width))
            return x + self.ffn_down(functional.gelu(self.ffn_up(self.ln2(x)), approximate="tanh"))

    class Encoder(nn.Module):
        def __init__(self, recipe: EncoderRecipe) -> None:
            super().__init__()
            width = recipe.width
            self.patch_embd = nn.Conv2d(3, width, recipe.patch_px, recipe.patch_px)
            self.position_embd = nn.Parameter(0.5 * waves(recipe))
            self.blk = nn.ModuleList(Block(width, recipe.heads) for _ in range(recipe.layers))
            self.post_ln = nn.LayerNorm(width, EPSILON)
            self.words = nn.Linear(width, len(DICTIONARY))
            for name, weight in self.named_parameters():
                if weight.ndim == 2 and "embd" not in name:
                    nn.init.normal_(weight, std=0.02)
                elif name.endswith("bias"):
                    nn.init.zeros_(weight)

        def forward(self, pictures: Any) -> Any:
            x = self.patch_embd(levels(pictures)).flatten(2).transpose(1, 2) + self.position_embd
            for block in self.blk:
                x = block(x)
            return self.words(self.post_ln(x))

    return Encoder
