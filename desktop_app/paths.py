"""Where things are: the person's data, caches and logs, and the resources shipped with the application.

`STONECHAT_HOME` (or `--data DIR`) moves everything into one folder; `STONECHAT_MODELS` moves only the weights,
so that several homes can share them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from desktop_app import frozen

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The folders of one installation. Nothing is created until `create()`."""

    data: Path
    cache: Path
    logs: Path
    models: Path
    shipped_models: Path | None = None
    """Weights that came with the application, read-only."""

    @property
    def database(self) -> Path:
        return self.data / "stonechat.db"

    @property
    def usage(self) -> Path:
        """The record of use, which exists only after a yes."""
        return self.data / "usage.db"

    @property
    def changes(self) -> Path:
        return self.data / "changes.json"

    @property
    def settings(self) -> Path:
        return self.data / "settings.json"

    @property
    def pictures(self) -> Path:
        return self.data / "pictures"

    def create(self) -> Places:
        """Make the folders, readable by their owner only. Raises OSError."""
        for folder in (self.data, self.cache, self.logs, self.models, self.pictures):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self


def places(home: Path | None = None) -> Places:
    """The folders for `home`, else for `STONECHAT_HOME`, else the platform's own."""
    chosen = home or (Path(os.environ["STONECHAT_HOME"]) if os.environ.get("STONECHAT_HOME") else None)
    if chosen is not None:
        root = chosen.expanduser().absolute()
        data, cache, logs = root, root / "cache", root / "logs"
    else:
        dirs = platformdirs.PlatformDirs("stonechat", appauthor=False)
        data, cache, logs = Path(dirs.user_data_dir), Path(dirs.user_cache_dir), Path(dirs.user_log_dir)
    weights = os.environ.get("STONECHAT_MODELS")
    models = Path(weights).expanduser().absolute() if weights else data / "models"
    return Places(data=data, cache=cache, logs=logs, models=models, shipped_models=frozen.beside(frozen.MODELS))


def kept_as_usual(places: Places) -> bool:
    """Whether the data lie where the platform keeps them, and nobody had to say where."""
    return places.data == Path(platformdirs.user_data_dir("stonechat", appauthor=False))


def resources() -> Path:
    """The `resources` folder: beside the package in a source tree, inside it in a wheel."""
    return _shipped("resources", "_resources")


def model_data() -> Path:
    """The `models` folder: catalog, cards, prompts. No weights."""
    return _shipped("models", "_models")


def journey_reports(places: Places) -> tuple[Path, ...]:
    """Where a report of the usability tests may be: in a source tree, or put beside the data."""
    return (places.data / "journeys.json", _HERE.parent / "build" / "usability" / "report.json")


def _shipped(in_tree: str, in_wheel: str) -> Path:
    inside = _HERE / in_wheel
    return inside if inside.is_dir() else _HERE.parent / in_tree
