"""Writes the golden database of today's schema: `python -m tests.data.golden.make`. See README.md beside it."""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from pathlib import Path

from desktop_app.domain.adapters import Lineage
from desktop_app.domain.conversations import Provenance
from desktop_app.domain.events import Timings
from desktop_app.domain.feedback import Rating, Reason
from desktop_app.domain.gate import Verdict
from desktop_app.domain.messages import Picture
from desktop_app.domain.personalizing import Run
from desktop_app.domain.pictures import Evidence, Label, TextFound
from desktop_app.paths import places
from desktop_app.services.adapter_registry import AdapterRegistry
from desktop_app.services.feedback import FeedbackService
from desktop_app.services.history import History
from desktop_app.services.learned import LearnedService
from desktop_app.services.preferences import Preferences
from desktop_app.settings import SettingsFile
from desktop_app.storage import open_database
from desktop_app.storage.connection import connect
from desktop_app.storage.migrations import LATEST

FOLDER = Path(__file__).resolve().parent
PICTURE = Picture(sha256="5" * 64, width=640, height=480, name="stop sign.png")
EVIDENCE = Evidence(
    width=640,
    height=480,
    text=(TextFound(text="STOP", confidence=0.98, box=(10, 20, 110, 60)),),
    labels=(Label(name="street sign", confidence=0.8),),
)
PROVENANCE = Provenance(model="SmolLM2-135M", model_sha256="6" * 64, seed=42, temperature=0.0, seen_by="reader")
TIMINGS = Timings(first_token_ms=12.5, total_ms=250.0, tokens=8)
REASONS = (Reason(kind="too_long"), Reason(kind="custom", words="no poetry"))
BETTER = "In bushes."
RULE = "Keep answers short."
IMPORTED = Rating(
    id="", conversation_id="", answer_id="", question="q", answer="a", created_at=1.0, changed_at=1.0, liked=True
)


VERDICT = Verdict(outcome="passed", checks=(), gate="golden", gate_version=1)
RUN = Run(
    adapter_id="",
    model_id="smollm2-135m",
    base_sha256="6" * 64,
    recipe="bco",
    stage="train",
    removed=frozenset({"third"}),
    small=False,
    started_at=0.0,
)


class FixedClock:
    """The same hour in every golden database."""

    def now(self) -> float:
        return 1_800_000_000.0

    def monotonic(self) -> float:
        return 0.0


def golden(schema: int) -> Path:
    return FOLDER / f"schema_{schema:03d}.db"


def fill(history: History) -> None:
    """A branched conversation with a picture, an interrupted answer, a deleted conversation."""
    birds = history.create("Birds").id
    question = history.add_question(birds, None, ("Where do stonechats nest?",), spoken=True)
    for text in ("In trees.", "In low bushes, close to the ground."):
        answer = history.begin_answer(question.id, provenance=PROVENANCE)
        history.finish_answer(answer.id, text, status="done", stopped_by="end", provenance=PROVENANCE, timings=TIMINGS)
    history.keep_picture(PICTURE, 12_345)
    history.keep_evidence(PICTURE.sha256, "golden reader", EVIDENCE)
    seen = history.add_question(birds, answer.id, (PICTURE, "What does the sign say?"))
    history.save_answer(history.begin_answer(seen.id, provenance=Provenance()).id, "The sign")
    gone = history.create("Deleted").id
    history.add_question(gone, None, ("forget me",))
    history.delete(gone)


def say(history: History, feedback: FeedbackService, learned: LearnedService) -> None:
    """From schema 2 on: a rating, a pick, a signal, an imported and a withdrawn rating, a rule and a refused one."""
    _, answer = history.path(history.conversations()[0].id)[:2]
    first = next(each for each in history.siblings(answer.id) if each != answer.id)
    feedback.rate(answer.id, liked=False, reasons=REASONS, comment="see page 3", better=BETTER)
    feedback.prefer(answer.id, first)
    feedback.signal(answer.id, "copied")
    feedback.add_imported((IMPORTED,))
    feedback.withdraw(feedback.rate(first, liked=True).id)
    learned.add(RULE)
    learned.refuse("no_emoji")


def adapt(registry: AdapterRegistry) -> None:
    """From schema 3 on: an adapter that passed, one whose feedback was taken back, one being trained, a vote."""
    for learned_from in (("first",), ("second",)):
        adapter = registry.add(Lineage(base_sha256="6" * 64, base_name="SmolLM2-135M", learned_from=learned_from))
        registry.judged(adapter.id, VERDICT)
        registry.vote(adapter.id, "candidate")
    registry.withdraw(("second",))
    registry.add(Lineage(base_sha256="6" * 64), RUN)


def main() -> int:
    target = golden(LATEST)
    if target.exists():
        sys.stdout.write(f"{target.name} is there already; golden databases are never written again\n")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        home, clock = places(Path(folder)), FixedClock()
        database = open_database(home, clock)
        history = History(database, clock)
        fill(history)
        preferences = Preferences(SettingsFile(home.settings))
        preferences.change(record_signals=True)
        feedback = FeedbackService(database, history, preferences, clock)
        say(history, feedback, LearnedService(database, feedback, preferences, clock))
        adapt(AdapterRegistry(database, Path(folder) / "adapters", clock))
        history.close()
        with closing(connect(home.database)) as connection:
            connection.execute("vacuum into ?", (str(target),))
    sys.stdout.write(f"{target.name}: {target.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
