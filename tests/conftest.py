"""Fixtures for all tests: a home of its own, and the installed starter models."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from desktop_app.paths import Places
from desktop_app.paths import places as default_places

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
INSTALLED = default_places().models
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")  # a slow machine is no failure, and the same tests run everywhere


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """The folders of a fresh installation, made."""
    home = tmp_path / "home"
    return Places(data=home, cache=home / "cache", logs=home / "logs", models=home / "models").create()


@pytest.fixture(scope="session")
def model_store() -> Path:
    """The folder with the starter models. `make test` fetches them; without them the test fails, and says so."""
    if not (INSTALLED / "smollm2-135m").is_dir():
        pytest.fail("the starter models are missing: run `make setup`")
    return INSTALLED
