"""A model is made smaller and measured, by command, on real weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

WORDS = ("quantize", "smollm2-135m", "q2_k")
pytestmark = [pytest.mark.models, pytest.mark.slow]


def test_a_smaller_form_is_made_and_its_cost_told(model_store: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "smollm2-135m").symlink_to(model_store / "smollm2-135m")
    made = subprocess.run(
        [sys.executable, "-m", "desktop_app", "--data", str(tmp_path / "data"), "--json", "models", *WORDS],
        env={**os.environ, "STONECHAT_MODELS": str(models)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert (models / told["id"] / "model.json").is_file()
    assert told["after"]["perplexity"] > told["before"]["perplexity"] > 1
    assert not list(models.glob(".shrinking-*"))
