"""Keeps llama.cpp from writing to the error output: its errors reach us as results."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def silent() -> Any:
    """A log callback that says nothing. Kept for ever: the library does not say when it calls it last."""
    import llama_cpp

    return llama_cpp.llama_log_callback(lambda *_: None)
