"""Work may end after the widget that asked for it has gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from shiboken6 import isValid


def while_alive(owner: QObject, then: Callable[..., Any]) -> Callable[..., None]:
    """`then`, as long as `owner` has not been deleted; nothing afterwards."""

    def call(*values: Any) -> None:
        if isValid(owner):
            then(*values)

    return call
