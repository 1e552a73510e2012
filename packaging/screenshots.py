"""Draw the README's pictures: the demo's conversation in the real window, light and dark, without a display."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
OUT = Path("resources/screenshots")


def main() -> None:
    from desktop_app.app import build
    from desktop_app.cli_demo import demo
    from desktop_app.paths import Places, places
    from desktop_app.ui.snapshot import save_conversation

    home = Path("build/screenshots").absolute()
    shot = Places(data=home, cache=home / "cache", logs=home / "logs", models=places().models).create()
    services = build(shot)
    try:
        demo(services)
        newest = services.history.conversations(limit=1)[0]
        OUT.mkdir(parents=True, exist_ok=True)
        for theme in ("light", "dark"):
            save_conversation(services, newest.id, OUT / f"{theme}.png", theme=theme, size=(1280, 860))
    finally:
        services.close()


if __name__ == "__main__":
    main()
