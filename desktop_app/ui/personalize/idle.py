"""Trains by itself while nobody uses the computer, and makes every training give way at once to who does.

Watches keys, buttons and the talk; decides by `domain/idle.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop_app.domain.idle import obstacle
from desktop_app.domain.personalizing import Personalized
from desktop_app.errors import UserCanFix
from desktop_app.ports import CancelToken
from desktop_app.services.idle import moment, plugged, rule_of
from desktop_app.ui.jobs import Job, Lanes

if TYPE_CHECKING:
    from desktop_app.services.services import Services

LOOK_EVERY_MS = 30_000
LOOK_OFTEN_MS = 150
YIELD_MS = 8_000
_HANDS = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel)


class IdleTraining(QObject):
    """Lives with the window, once that is shown. `offered`: it has made an adapter that passed."""

    offered = Signal()
    _running = Signal(bool)

    def __init__(self, services: Services, lanes: Lanes, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._lanes = lanes
        self._active_at = time.monotonic()
        self._job: Job | None = None
        self._plugged: bool | None = None
        self._look = self._timer(LOOK_EVERY_MS, self._on_look, once=False)
        self._again = self._timer(YIELD_MS, self._on_quiet, once=True)
        self._look.start()
        self._running.connect(self._on_running)
        stop = services.personalization.watch_running(self._running.emit)
        self.destroyed.connect(lambda: stop())
        handle = window.windowHandle()
        if handle is not None:  # sees what hands do and little else, unlike a filter over the whole application
            handle.installEventFilter(self)

    def stop(self) -> None:
        """The window is closing: look no more."""
        self._look.stop()
        self._again.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _HANDS:
            self._active_at = time.monotonic()
            if self._services.personalization.running:
                self._give_way()
            elif self._job is not None:  # a teacher writes: what it wrote is kept, and it goes on another time
                self._job.cancel()
        return super().eventFilter(watched, event)

    def _on_running(self, on: bool) -> None:
        """While something runs, a voice or a pulled plug is noticed at once."""
        self._look.setInterval(LOOK_OFTEN_MS if on else LOOK_EVERY_MS)
        self._plugged = plugged() if on else None

    def _wanted_elsewhere(self) -> bool:
        """Somebody talks, or the plug was pulled since it began; who begins on the battery means it."""
        if self._services.talk.active:
            return True
        minds = self._services.preferences.current.personalize_charger
        return minds and self._plugged is True and plugged() is False

    def _give_way(self) -> None:
        if not self._again.isActive():
            self._services.personalization.pause()
        self._again.start()

    def _on_quiet(self) -> None:
        if self._wanted_elsewhere():
            self._again.start()
        else:
            self._services.personalization.resume()

    def _on_look(self) -> None:
        personalization = self._services.personalization
        if personalization.running:
            if self._wanted_elsewhere():
                self._give_way()
            return
        rule = rule_of(self._services.preferences.current)
        if personalization.rebuild_due:  # taking feedback back is a wish in itself
            rule = replace(rule, enabled=True, from_hour=0, to_hour=0)
        if self._job is None and not obstacle(rule, moment(quiet_s=time.monotonic() - self._active_at)):
            self._start()

    def _start(self) -> None:
        """Only when something new was said since the last time."""
        cap_s = self._services.preferences.current.personalize_cap_minutes * 60.0
        service = self._services.personalization
        teaching, teacher = self._services.teaching, self._services.preferences.current.teacher_model

        def work(cancel: CancelToken) -> Iterator[object]:
            if teacher:
                with suppress(UserCanFix):  # what cannot teach keeps nobody from learning
                    yield from teaching.teach(teacher, "", cancel)
            yield from service.when_due(cancel, time_cap_s=cap_s)

        job = self._lanes.job("train", work)
        self._job = job
        job.event.connect(self._on_event)
        for ended in (job.finished, job.cancelled, job.failed):
            ended.connect(self._on_over)
        job.start()

    def _on_event(self, event: object) -> None:
        if isinstance(event, Personalized) and event.outcome == "passed":
            self.offered.emit()

    def _on_over(self, *_: object) -> None:
        self._job = None

    def _timer(self, ms: int, run: Callable[[], None], *, once: bool) -> QTimer:
        made = QTimer(self)
        made.setInterval(ms)
        made.setSingleShot(once)
        made.timeout.connect(run)
        return made
