"""Untrusted text and numbers as a person should see them."""

from __future__ import annotations

import re

from PySide6.QtCore import QLocale

# Control characters, direction embeddings, overrides and isolates, lone surrogates, invisible tags.
_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]")


def shown(text: str, *, limit: int = 0) -> str:
    """`text` with a visible mark for each character that could make it look like something else.

    One line and at most `limit` characters when `limit` is given.
    """
    clean = _HARMFUL.sub("\N{REPLACEMENT CHARACTER}", text)
    if not limit:
        return clean
    line = " ".join(clean.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def file_size(bytes_: int) -> str:
    return QLocale().formattedDataSize(bytes_, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)


def number(value: float, decimals: int = 0) -> str:
    return QLocale().toString(float(value), "f", decimals)


def seconds(milliseconds: float) -> str:
    """`0.84 s`, `12 s`."""
    value = milliseconds / 1000.0
    return f"{number(value, 2 if value < 10 else 0)} s"


def clock(seconds_: float) -> str:
    """Elapsed time as `0:07`."""
    whole = int(seconds_)
    return f"{whole // 60}:{whole % 60:02d}"
