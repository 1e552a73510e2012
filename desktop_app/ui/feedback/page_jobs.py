"""Work of the pages about ratings: on the lane `io`, dropped when the page has gone, errors as notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.page import PageTools


def do(owner: QObject, tools: PageTools, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
    job = tools.lanes.job("io", lambda _: work())
    job.finished.connect(while_alive(owner, then))
    job.failed.connect(while_alive(owner, tools.notices.error))
    job.start()
