"""The network, as llama.cpp's CLIP graph with an `mlp` projector computes it: patches, blocks, a unit for each word.

Pictures in, 36 places out; each place has a unit for every piece of the dictionary. What the units mean to a language
model, its own word embeddings, is put behind them at export. Names of parts are those of the GGUF file.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from desktop_app.engines.eyes.camera import SIDE
from desktop_app.engines.eyes.recipe import EncoderRecipe
from desktop_app.engines.eyes.world import DICTIONARY

EPSILON = 1e-6


def new_encoder(recipe: EncoderRecipe) -> Any:
    """A torch module with random weights: uint8 pictures (n, side, side, 3) to floats (n, places, dictionary)."""
    return _encoder_type()(recipe)


@lru_cache(1)
def _encoder_type() -> Any:
    import torch
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
            width, places = recipe.width, (SIDE // recipe.patch_px) ** 2
            self.patch_embd = nn.Conv2d(3, width, recipe.patch_px, recipe.patch_px)
            self.position_embd = nn.Parameter(torch.randn(places, width) * 0.02)
            self.blk = nn.ModuleList(Block(width, recipe.heads) for _ in range(recipe.layers))
            self.post_ln = nn.LayerNorm(width, EPSILON)
            self.words = nn.Linear(width, len(DICTIONARY))
            for name, weight in self.named_parameters():
                if weight.ndim == 2 and "embd" not in name:
                    nn.init.normal_(weight, std=0.02)
                elif name.endswith("bias"):
                    nn.init.zeros_(weight)

        def forward(self, pictures: Any) -> Any:
            levels = pictures.permute(0, 3, 1, 2).float() / 127.5 - 1
            x = self.patch_embd(levels).flatten(2).transpose(1, 2) + self.position_embd
            for block in self.blk:
                x = block(x)
            return self.words(self.post_ln(x))

    return Encoder
