"""The chat's scene: a surface over a real history, with a scripted conversation by voice."""

from __future__ import annotations

from tests.ui.chat.conftest import scene

__all__ = ["scene"]
