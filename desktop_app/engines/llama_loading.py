"""Opens a model file in llama.cpp, silently, and without the file's own templates.

WORKAROUND https://github.com/abetlen/llama-cpp-python/issues/2225: `Llama` compiles every template that a file brings,
and Jinja computes constants when it compiles, so that `{{ 9 ** (9 ** (9 ** 9)) }}` never ends. Remove when it no
longer does. We write conversations ourselves; a stranger's template is `own_template.py`'s, in a process of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from desktop_app.engines import llama_log
from desktop_app.errors import UserCanFix

_one_at_a_time = threading.Lock()


class _NoTemplate:
    """Stands where llama-cpp-python would compile one."""

    def __init__(self, **_: Any) -> None:
        return

    def to_chat_handler(self) -> None:
        return


def open_llama(path: str, **options: Any) -> Any:
    """A `llama_cpp.Llama`. Raises UserCanFix("models.not_loaded")."""
    import llama_cpp

    llama_cpp.llama_log_set(llama_log.silent(), None)
    try:
        with _without_templates():
            return llama_cpp.Llama(path, verbose=False, **options)
    except (ValueError, OSError, RuntimeError, UnicodeDecodeError) as error:
        raise UserCanFix(
            "models.not_loaded",
            "This model could not be loaded.",
            remedy="Fetch it again, or choose another model.",
            detail=str(error),
        ) from error


@contextmanager
def _without_templates() -> Iterator[None]:
    from llama_cpp import llama_chat_format

    with _one_at_a_time:
        theirs = llama_chat_format.Jinja2ChatFormatter
        llama_chat_format.Jinja2ChatFormatter = _NoTemplate  # type: ignore[misc, assignment]
        try:
            yield
        finally:
            llama_chat_format.Jinja2ChatFormatter = theirs  # type: ignore[misc]
