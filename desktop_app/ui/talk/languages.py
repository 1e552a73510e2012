"""The name of a spoken language by its code."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop_app.settings import LANGUAGES


def language_name(code: str) -> str:
    """The code itself where we have no name for it."""
    name = dict(LANGUAGES).get(code, code) if code else ""
    return QCoreApplication.translate("Settings", name) if name else ""
