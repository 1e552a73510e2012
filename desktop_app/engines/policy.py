"""The model that is trained: transformers' blocks with PEFT's adapters on the last ones, block by block.

The frozen lower blocks and the trained upper ones are run apart, so that what the lower ones give can be kept
(`hidden_cache.py`). Sequences are run one at a time, without padding. Every block asks `breathe` first, forwards and
backwards, so that a pause or a cancel is heard within one block's time; it may raise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from desktop_app.domain.lora import LoraAdapter, LoraPair
from desktop_app.domain.training import Recipe
from desktop_app.engines.gguf_families import Family

LOGIT_WORK = 2 << 30
"""Multiplications between two looks at `breathe` where words are found: some tens of milliseconds."""


class Policy:
    """`weights` are the base's, float32, by their name in transformers; they are taken over, not copied."""

    def __init__(self, family: Family, weights: dict[str, Any], recipe: Recipe, breathe: Callable[[], None]) -> None:
        import torch
        from peft import LoraConfig, inject_adapter_in_model

        self.family = family
        self._scaling = recipe.alpha / recipe.rank
        self.first = max(0, family.layers - recipe.layers)
        self._breathe = breathe
        self._torch = torch
        causal = _model(family, weights)
        torch.manual_seed(recipe.seed)
        config = LoraConfig(
            r=recipe.rank,
            lora_alpha=recipe.alpha,  # type: ignore[arg-type]  # a float is taken as well
            lora_dropout=0.0,
            target_modules=list(recipe.targets),
            layers_to_transform=list(range(self.first, family.layers)),
            layers_pattern="layers",
        )
        inject_adapter_in_model(config, causal)
        causal.eval()
        self._core = causal.model
        self._head = causal.lm_head
        self._kinds = getattr(causal.config, "layer_types", None) if family.window else None
        self.parameters: dict[str, Any] = {
            name: value for name, value in sorted(causal.named_parameters()) if value.requires_grad
        }
        for layer in self._core.layers[self.first + 1 :]:
            layer.register_full_backward_pre_hook(lambda *_: breathe())

    def lower(self, ids: Sequence[int]) -> Any:
        """What the frozen blocks make of a sequence: (tokens, width)."""
        with self._torch.inference_mode():
            hidden = self._core.embed_tokens(self._torch.tensor([list(ids)]))
            hidden = self._run(hidden, 0, self.first)
        return hidden[0].clone()

    def upper(self, hidden: Any) -> Any:
        """The trained blocks and the last norm: (tokens, width)."""
        return self._core.norm(self._run(hidden[None], self.first, self.family.layers))[0]

    def log_probs(self, out: Any, targets: Any) -> Any:
        """log p of each target, the one after the row of `out` beside it."""
        parts = []
        most = max(8, LOGIT_WORK // (self.family.words * self.family.width))
        for rows, wanted in zip(out.split(most), targets.split(most), strict=True):
            self._breathe()
            if rows.requires_grad:
                rows.register_hook(lambda _: self._breathe())
            logits = self._head(rows)
            parts.append(logits.gather(1, wanted[:, None])[:, 0] - logits.logsumexp(1))
        return self._torch.cat(parts)

    def all_log_probs(self, out: Any) -> Any:
        """The whole distribution after each row of `out`."""
        return self._head(out).log_softmax(1)

    def distributions(self, ids: Sequence[int]) -> Any:
        """The whole distribution after each of the ids, without gradients."""
        with self._torch.no_grad():
            return self.all_log_probs(self.upper(self.lower(ids))).double()

    def set_strength(self, strength: float) -> None:
        """How much of the adapter is felt, 1 as trained."""
        for module in self._core.modules():
            if hasattr(module, "lora_A"):
                module.scaling["default"] = self._scaling * strength

    @contextmanager
    def as_base(self) -> Iterator[None]:
        """Inside the block the adapter is off."""
        adapted = [module for module in self._core.modules() if hasattr(module, "lora_A")]
        for module in adapted:
            module.enable_adapters(False)
        yield
        for module in adapted:
            module.enable_adapters(True)

    def drop_lower(self) -> None:
        """Give the memory of the frozen blocks back; `lower` can no longer be asked."""
        for layer in self._core.layers[: self.first]:
            layer.to("meta")

    def adapter(self, recipe: Recipe, base_sha256: str, name: str, strength: float = 1.0) -> LoraAdapter:
        """The adapter as it is now, made `strength` times as strong."""
        return LoraAdapter(
            architecture=self.family.architecture,
            base_sha256=base_sha256,
            alpha=recipe.alpha * strength,
            heads=self.family.heads,
            kv_heads=self.family.kv_heads,
            pairs=tuple(self._pairs()),
            name=name,
        )

    def _pairs(self) -> Iterator[LoraPair]:
        for index in range(self.first, self.family.layers):
            layer = self._core.layers[index]
            for part in (layer.self_attn, layer.mlp):
                for projection, module in part.named_children():
                    if not hasattr(module, "lora_A"):
                        continue
                    a, b = (side["default"].weight.detach().float().numpy() for side in (module.lora_A, module.lora_B))
                    yield LoraPair(
                        layer=index,
                        projection=projection,
                        rank=a.shape[0],
                        rows=b.shape[0],
                        columns=a.shape[1],
                        a=a.tobytes(),
                        b=b.tobytes(),
                    )

    def _run(self, hidden: Any, start: int, end: int) -> Any:
        positions = self._torch.arange(hidden.shape[1])[None]
        turned: dict[str, Any] = {}
        for index in range(start, end):
            self._breathe()
            kind = self._kinds[index] if self._kinds else ""
            if kind not in turned:
                turned[kind] = self._core.rotary_emb(hidden, positions, *([kind] if kind else []))
            hidden = self._core.layers[index](
                hidden, attention_mask=None, position_embeddings=turned[kind], position_ids=positions
            )
        return hidden


def _model(family: Family, weights: dict[str, Any]) -> Any:
    """The causal model with these weights and no copy of them."""
    import torch

    config, kind, rotary = _config(family)
    with torch.device("meta"):
        model = kind(config)
    model.load_state_dict({name: weights[name] for name in family.names.values()}, strict=False, assign=True)
    if family.tied:
        model.lm_head.weight = model.model.embed_tokens.weight
    model.model.rotary_emb = rotary(config)
    if family.architecture == "gemma3":
        model.model.embed_tokens.embed_scale = torch.tensor(family.width**0.5)
    missing = [name for name, value in (*model.named_parameters(), *model.named_buffers()) if value.is_meta]
    if missing:
        raise ValueError(f"no weights for {missing[:3]}")
    return model.requires_grad_(False)


def _config(family: Family) -> tuple[Any, Any, Any]:
    """Configuration, model class and rotation class in transformers."""
    rope: dict[str, Any] = {"rope_type": "default", "rope_theta": family.rope_base}
    common: dict[str, Any] = {
        "vocab_size": family.words,
        "hidden_size": family.width,
        "intermediate_size": family.inner_width,
        "num_hidden_layers": family.layers,
        "num_attention_heads": family.heads,
        "num_key_value_heads": family.kv_heads,
        "head_dim": family.head_width,
        "rms_norm_eps": family.epsilon,
        "tie_word_embeddings": family.tied,
        "attn_implementation": "sdpa",
        "pad_token_id": None,
        "bos_token_id": None,
        "eos_token_id": None,
        "rope_parameters": rope,
    }
    if family.architecture == "llama":
        from transformers.models.llama import modeling_llama as llama
        from transformers.models.llama.configuration_llama import LlamaConfig

        return LlamaConfig(**common), llama.LlamaForCausalLM, llama.LlamaRotaryEmbedding
    if family.architecture == "qwen2":
        from transformers.models.qwen2 import modeling_qwen2 as qwen2
        from transformers.models.qwen2.configuration_qwen2 import Qwen2Config

        return Qwen2Config(**common), qwen2.Qwen2ForCausalLM, qwen2.Qwen2RotaryEmbedding
    if family.architecture == "qwen3":
        from transformers.models.qwen3 import modeling_qwen3 as qwen3
        from transformers.models.qwen3.configuration_qwen3 import Qwen3Config

        return Qwen3Config(**common), qwen3.Qwen3ForCausalLM, qwen3.Qwen3RotaryEmbedding
    return _gemma(family, common, rope)


def _gemma(family: Family, common: dict[str, Any], rope: dict[str, Any]) -> tuple[Any, Any, Any]:
    from transformers.models.gemma3 import modeling_gemma3 as gemma
    from transformers.models.gemma3.configuration_gemma3 import Gemma3TextConfig

    if family.rope_factor != 1.0:
        rope = {**rope, "rope_type": "linear", "factor": family.rope_factor}
    near = {"rope_type": "default", "rope_theta": 10_000.0}
    config = Gemma3TextConfig(
        **{**common, "rope_parameters": {"full_attention": rope, "sliding_attention": near}},
        query_pre_attn_scalar=family.head_width,
        sliding_window=family.window or 1 << 20,
    )
    return config, gemma.Gemma3ForCausalLM, gemma.Gemma3RotaryEmbedding
