"""The record of use: off until a yes, kept in `usage.db` on this device, erased when it is turned off.

A thread writes every few seconds what `usage_recorder.py` has gathered. No other module writes there, and nothing here
can send anything: sharing is a file that the person exports.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from desktop_app.domain.consent import NOTHING, Consent, Level, not_asked_about
from desktop_app.domain.metrics import Registry
from desktop_app.errors import AppError
from desktop_app.files import disk_errors, sync_file
from desktop_app.ports import Clock
from desktop_app.services.metrics_file import registry as shipped_registry
from desktop_app.services.usage_recorder import Recorded, UsageRecorder
from desktop_app.storage import usage_reading, usage_rows
from desktop_app.storage.usage_file import UsageFile, UsageGone

WRITE_EVERY_S = 5.0
PAUSE_S = 24 * 3600.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageState:
    """What is recorded now and what there is. `news` names metrics that are off until the person has seen them."""

    level: Level
    paused_until: float = 0.0
    since: float = 0.0
    bytes: int = 0
    sessions: int = 0
    events: int = 0
    news: tuple[str, ...] = ()


class UsageService:
    """`record` is for the GUI thread; everything else may block. Watchers are called from any thread."""

    def __init__(
        self,
        file: UsageFile,
        clock: Clock,
        *,
        version: str,
        registry: Callable[[], Registry] = shipped_registry,
        monotonic: Callable[[], float] = time.monotonic,
        write_every_s: float = WRITE_EVERY_S,
    ) -> None:
        self._write_every_s = write_every_s
        self._file, self._clock, self._version, self._registry = file, clock, version, registry
        self._recorder = UsageRecorder(file, clock, registry, version=version, monotonic=monotonic)
        self.record = self._recorder.record
        self._level: Level = "off"
        self._paused_until = 0.0
        self._lock = threading.RLock()
        self._tidied = 0
        self._writer: threading.Thread | None = None
        self._stop = threading.Event()
        self._watchers: list[Callable[[Level], None]] = []

    # -- recording -----------------------------------------------------------------------------------------------

    @property
    def on(self) -> bool:
        """Whether anything that happens now is recorded."""
        return self._recorder.on

    @property
    def level(self) -> Level:
        """The person's last word as far as this process knows it."""
        return self._level

    @property
    def registry(self) -> Registry:
        return self._registry()

    def start(self) -> None:
        """Find out what the person allowed and go on with it. Raises AppError for a record that is broken."""
        with self._lock:
            consent, paused = self._last_word()
            if consent.level == "off":
                self._file.erase()
            if consent.level != "off":
                self._registry()  # read here, so that nobody waits for it later
            self._enter(consent.level, paused)
            self._tidy_daily()

    def flush(self) -> None:
        """Write what waits, now; what is not allowed any more is forgotten. Raises AppError."""
        with self._lock:
            if self._paused_until and self._clock.now() >= self._paused_until:
                self._enter(self._level, 0.0)
            try:
                self._recorder.flush()
                self._tidy_daily()
            except UsageGone:
                self._enter("off", 0.0)
            except AppError as error:
                if error.code == "usage.damaged":
                    self._enter("off", 0.0)
                raise

    def recent(self) -> tuple[Recorded, ...]:
        """The last events that were kept, newest first."""
        with self._lock:
            return self._recorder.recent()

    def close(self) -> None:
        """Write what waits and end the thread. Safe to call twice; never raises."""
        self._stop.set()
        if self._writer is not None:
            self._writer.join()
        try:
            self.flush()
        except AppError as error:
            _log.warning("the last events were not kept: %s", error.detail)
        self._recorder.on = False

    # -- what the person decides ---------------------------------------------------------------------------------

    def agree(self, level: Level, wording: str = "") -> None:
        """A yes to every metric as it is described now; "off" is a no, and erases everything.

        `wording` is the question as it was put; its hash is kept. Raises AppError.
        """
        with self._lock:
            self._recorder.drop_waiting()
            if level == "off":
                self._turn_off()
                return
            with self._file.write(create=True) as connection:
                usage_rows.add_consent(connection, self._yes(level, wording))
                paused = usage_rows.paused_until(connection)
            self._enter(level, paused)

    def withdraw_surveys(self) -> None:
        """No more questions; nothing else changes, and no metric is agreed to that was not before. Raises AppError."""
        with self._lock:
            self.flush()
            consent, paused = self._last_word()
            if consent.level != "surveys":
                return
            with self._file.write() as connection:
                usage_rows.add_consent(connection, replace(consent, at=self._clock.now(), level="events"))
            self._enter("events", paused)

    def pause(self, seconds: float = PAUSE_S) -> None:
        """Record nothing for a day. Raises AppError."""
        self._set_pause(self._clock.now() + seconds)

    def resume(self) -> None:
        """Raises AppError."""
        self._set_pause(0.0)

    def delete(self) -> None:
        """Erase everything that was recorded; what the person allowed stays as it is. Raises AppError."""
        with self._lock:
            consent, _ = self._last_word()
            self._recorder.forget()
            self._file.erase()
            if consent.level != "off":
                with self._file.write(create=True) as connection:
                    usage_rows.add_consent(connection, consent)
            self._enter(consent.level, 0.0)

    def watch(self, watcher: Callable[[Level], None]) -> Callable[[], None]:
        """Call `watcher` with the level whenever it, or a pause, has changed; returns what ends it."""
        self._watchers.append(watcher)

        def stop() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return stop

    # -- what there is -------------------------------------------------------------------------------------------

    def state(self) -> UsageState:
        """As it is on the disk. Raises AppError."""
        try:
            with self._file.read() as connection:
                log = usage_rows.consents(connection)
                last = log[-1] if log else NOTHING
                found = UsageState(
                    level=last.level,
                    paused_until=self._pause_left(usage_rows.paused_until(connection)),
                    since=log[0].at if log else 0.0,
                    sessions=usage_rows.sessions(connection),
                    events=usage_reading.events(connection, 0),
                    news=not_asked_about(last, self._registry()),
                )
            return replace(found, bytes=self._file.bytes())
        except UsageGone:
            return UsageState(level="off")

    def export(self) -> bytes:
        """Exactly what an export would hold, one JSON object a line; nothing where nothing is kept. Raises AppError."""
        self.flush()
        try:
            with self._file.read() as connection:
                lines = usage_reading.export_lines(connection, date.fromordinal(self._recorder.today()))
                return "".join(f"{line}\n" for line in lines).encode()
        except UsageGone:
            return b""

    def save_export(self, shown: bytes, path: Path) -> str:
        """Write the bytes that were shown and no others; gives their SHA-256, which is kept. Raises AppError."""
        with disk_errors(path.parent):
            part = path.with_name(path.name + ".part")
            part.write_bytes(shown)
            sync_file(part)
            part.replace(path)
        digest = hashlib.sha256(shown).hexdigest()
        try:
            with self._file.write() as connection:
                usage_rows.add_export(connection, self._clock.now(), len(shown), digest)
        except UsageGone:
            _log.info("an empty record was exported")
        return digest

    # -- inside --------------------------------------------------------------------------------------------------

    def _yes(self, level: Level, wording: str) -> Consent:
        registry = self._registry()
        return Consent(
            at=self._clock.now(),
            level=level,
            metrics=registry.fingerprints,
            registry_sha256=registry.fingerprint,
            wording_sha256=hashlib.sha256(wording.encode()).hexdigest(),
            version=self._version,
        )

    def _last_word(self) -> tuple[Consent, float]:
        try:
            with self._file.read() as connection:
                return usage_rows.consent(connection), usage_rows.paused_until(connection)
        except UsageGone:
            return NOTHING, 0.0

    def _set_pause(self, until: float) -> None:
        with self._lock:
            try:
                with self._file.write() as connection:
                    usage_rows.add_pause(connection, self._clock.now(), until)
                self._enter(self._level, until)
            except UsageGone:
                self._enter("off", 0.0)

    def _turn_off(self) -> None:
        """The no is written before the file goes: another window that has it open stops too."""
        self._recorder.forget()
        try:
            with self._file.write() as connection:
                usage_rows.add_consent(connection, Consent(at=self._clock.now(), level="off"))
        except (UsageGone, AppError):
            _log.info("there was no record to write the no into")
        self._file.erase()
        self._enter("off", 0.0)

    def _enter(self, level: Level, paused_until: float) -> None:
        before = (self._level, self._recorder.on)
        self._level, self._paused_until = level, self._pause_left(paused_until)
        self._recorder.on = level != "off" and not self._paused_until
        if not self._recorder.on:
            self._recorder.drop_waiting()
        if level != "off" and self._writer is None and not self._stop.is_set():
            self._writer = threading.Thread(target=self._write_now_and_then, name="usage-writer", daemon=True)
            self._writer.start()
        if (self._level, self._recorder.on) != before:
            for watcher in tuple(self._watchers):
                watcher(level)

    def _pause_left(self, until: float) -> float:
        """`until`, or 0 when it is over. A clock that went back cannot make a pause longer than a day."""
        now = self._clock.now()
        return min(until, now + PAUSE_S) if until > now else 0.0

    def _write_now_and_then(self) -> None:
        while not self._stop.wait(self._write_every_s):
            try:
                self.flush()
            except AppError as error:
                _log.warning("events were not kept: %s %s", error.message, error.detail)

    def _tidy_daily(self) -> None:
        today = self._recorder.today()
        if today == self._tidied or self._level == "off":
            return
        with self._file.write() as connection:
            usage_rows.tidy(connection, today)
        self._tidied = today
