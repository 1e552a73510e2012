"""Trains a few steps with TRL's KTOTrainer and prints what they took; run by `personalize.py`, which names the folder.

Outside of Stonechat's own environment: `PYTHONPATH` names where TRL is.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path


def main() -> int:
    folder = Path(sys.argv[1])
    asked = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoTokenizer
    from trl import KTOConfig, KTOTrainer

    from desktop_app.engines import gguf_weights
    from desktop_app.engines.gguf_families import read_family
    from desktop_app.engines.policy import _model

    torch.set_num_threads(asked["threads"])
    base = Path(asked["model"])
    family = read_family(base)
    model = _model(family, gguf_weights.load(Path(asked["weights"])))
    tokenizer = AutoTokenizer.from_pretrained(base.parent, gguf_file=base.name)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    rows = [
        {
            "prompt": [{"role": "user", "content": each["prompt"]}],
            "completion": [{"role": "assistant", "content": each["completion"]}],
            "label": each["label"],
        }
        for each in asked["ratings"]
    ]
    first = family.layers - asked["layers"]
    lora = LoraConfig(
        r=asked["rank"],
        lora_alpha=asked["alpha"],
        target_modules=asked["targets"],
        layers_to_transform=list(range(first, family.layers)),
        layers_pattern="layers",
        task_type="CAUSAL_LM",
    )
    settings = KTOConfig(
        output_dir=str(folder / "trl"),
        per_device_train_batch_size=asked["batch"],
        max_steps=asked["steps"],
        learning_rate=asked["rate"],
        gradient_checkpointing=False,
        bf16=False,
        use_cpu=True,
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
    )
    trainer = KTOTrainer(
        model=model, args=settings, train_dataset=Dataset.from_list(rows), processing_class=tokenizer, peft_config=lora
    )
    started = time.perf_counter()
    trainer.train()
    took = time.perf_counter() - started
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "memory_mb": held}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
