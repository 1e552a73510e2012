"""The record of use: what recording costs the window, whether a long record slows it, how soon insights are there."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from figures import Figure, at_most, plain

MANY = 1_000_000
INSIGHTS = 100_000
WATCHED_S = 10
PER_SECOND = 1000


def use() -> Iterator[Figure]:
    """On real services with the offscreen window; the events are simulated."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    yield from _recording()
    yield from _insights()
    yield from _window()


def _recording() -> Iterator[Figure]:
    """One event after the other from this thread, as the window does it, while the writer's thread writes."""
    with tempfile.TemporaryDirectory() as folder:
        services = _services(Path(folder))
        services.usage.agree("events", "")
        taken = []
        for _ in range(200):
            started = time.perf_counter()
            for _ in range(1000):
                services.usage.record("chat.answered", way="typed", ended="end", first_token_ms=300, total_ms=900)
            taken.append((time.perf_counter() - started) * 1000)
            time.sleep(0.01)
        services.close()
        off = _services(Path(folder) / "off")
        started = time.perf_counter()
        for _ in range(100_000):
            off.usage.record("chat.answered", way="typed", ended="end", first_token_ms=300, total_ms=900)
        nothing = (time.perf_counter() - started) * 10
        off.close()
    yield at_most("recording an event (median of 200 thousands)", taken, 50, "us")
    yield plain("recording an event (worst of 200 thousands)", [max(taken)], "us")
    yield plain("the same while nothing is recorded", [nothing], "us")


def _insights() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        services = _services(Path(folder))
        services.usage.agree("surveys", "")
        _fill(services, INSIGHTS)
        taken = []
        for _ in range(10):
            started = time.perf_counter()
            found = services.insights.gather(90)
            taken.append((time.perf_counter() - started) * 1000)
        assert found.events == INSIGHTS
        services.close()
    yield at_most(f"insights of {INSIGHTS} events (median of 10)", taken, 300, "ms")
    yield plain(f"insights of {INSIGHTS} events (worst of 10)", [max(taken)], "ms")


def _window() -> Iterator[Figure]:
    """How long the event loop was not there while 1000 events a second come in, beside recording nothing."""
    gaps = {}
    for count in (0, MANY):
        with tempfile.TemporaryDirectory() as folder:
            services = _services(Path(folder))
            services.preferences.change(first_run_done=True)
            if count:
                services.usage.agree("events", "")
                _fill(services, count)
            gaps[count] = _gaps(services)
            services.close()
    yield plain("longest gap of the event loop, nothing recorded", [max(gaps[0])], "ms")
    yield plain(f"longest gap while {PER_SECOND}/s join {MANY} events", [max(gaps[MANY])], "ms")
    typical = [statistics.quantiles(gaps[count], n=1000)[-1] for count in (0, MANY)]
    yield at_most(f"99.9th percentile of the gaps, {MANY} events", [typical[1]], 50, "ms")
    yield plain("99.9th percentile of the gaps, nothing recorded", [typical[0]], "ms")


def _gaps(services) -> list[float]:
    from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer

    from desktop_app.ui.application import application, build_window

    app = application()
    shown = build_window(services)
    shown.show()
    shown.start()
    for _ in range(50):
        app.processEvents()
        time.sleep(0.01)
    clock, found, loop = QElapsedTimer(), [], QEventLoop()
    each = PER_SECOND // 100

    def beat() -> None:
        if clock.isValid():
            found.append(clock.nsecsElapsed() / 1e6)
        clock.start()

    def happen() -> None:
        for _ in range(each):
            services.usage.record("ui.stall", surface="conversation", ms=120)

    beats, events = QTimer(interval=1), QTimer(interval=10)
    beats.timeout.connect(beat)
    events.timeout.connect(happen)
    QTimer.singleShot(WATCHED_S * 1000, loop.quit)
    beats.start()
    events.start()
    loop.exec()
    beats.stop()
    events.stop()
    shown.discard()
    app.processEvents()
    return found


def _fill(services, count: int) -> None:
    """Simulated use, straight into the file: 30 days, and the counters that belong to it."""
    from datetime import date

    from desktop_app.services.usage_recorder import counted
    from desktop_app.storage import usage_rows
    from desktop_app.storage.usage_file import UsageFile
    from desktop_app.storage.usage_rows import EventRow

    chance, today = random.Random(7), date.today().toordinal()
    metrics = services.usage.registry.metrics
    kinds = {
        "chat.answered": lambda: ("typed", "end", chance.randrange(2000), chance.randrange(9000), 90),
        "action.run": lambda: ("window.palette",),
        "task.done": lambda: ("ask", 1, chance.randrange(9000), chance.randrange(9000), 0),
        "ui.stall": lambda: (chance.choice(("settings", "conversation")), 150),
        "talk.first_audio": lambda: (chance.randrange(3000),),
    }
    names = list(kinds)
    file = UsageFile(services.places.usage)
    with file.write() as connection:
        session = usage_rows.session_in(connection, None, today, "bench")
    for start in range(0, count, 50_000):
        rows = [
            EventRow(metric=metrics[name], day=today - number % 30, t_ms=number, values=kinds[name]())
            for number in range(start, min(count, start + 50_000))
            for name in (names[number % len(names)],)
        ]
        with file.write() as connection:
            usage_rows.add_events(connection, session, rows)
            usage_rows.add_counts(connection, counted(rows))


def _services(folder: Path):
    from desktop_app.app import build
    from desktop_app.paths import places

    return build(places(folder).create())
