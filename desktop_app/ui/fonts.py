"""Brings the shipped fonts to Qt, once per process."""

from __future__ import annotations

import logging
from functools import lru_cache

from PySide6.QtGui import QFontDatabase

from desktop_app.paths import resources

_log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def load_fonts() -> tuple[str, ...]:
    """The families of `resources/fonts`. A font that does not load is logged; the system's fonts step in."""
    families: list[str] = []
    for path in sorted((resources() / "fonts").glob("*.[ot]tf")):
        number = QFontDatabase.addApplicationFont(str(path))
        if number < 0:
            _log.warning("%s is not a font that Qt can read", path.name)
        else:
            families += QFontDatabase.applicationFontFamilies(number)
    return tuple(dict.fromkeys(families))
