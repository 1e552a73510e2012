"""What the tests of personalization share: real database and files, scripted model and trainer, a small gate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from desktop_app.domain.adapters import Adapter, Lineage
from desktop_app.domain.feedback import Rating, TrainingExample
from desktop_app.domain.gate import Check, GateRules, Verdict, decide
from desktop_app.domain.messages import said
from desktop_app.domain.model_specs import InstalledModel
from desktop_app.domain.personalizing import Personalized, PersonalizeEvent
from desktop_app.domain.training import Recipe
from desktop_app.engines.scripted import ScriptedModel, ScriptedTrainer
from desktop_app.files import sha256_of
from desktop_app.paths import places
from desktop_app.ports import CancelToken, Clock
from desktop_app.services.adapter_registry import AdapterRegistry
from desktop_app.services.adapter_zip import AdapterZip
from desktop_app.services.adapters import AdapterService, folder_of
from desktop_app.services.dataset import DatasetService
from desktop_app.services.evaluation import EvaluationService
from desktop_app.services.gates import load_gate
from desktop_app.services.personalization import PersonalizationService
from desktop_app.services.training_stages import Folders
from desktop_app.storage import Database, open_database
from tests.unit.storage_kit import HandClock

SMALL = ("held_out", "no_worse_than_current", "plain_text", "empty", "accepted")
RECIPE = Recipe(id="scripted", title="Scripted", summary="", objective="bco")


def small_gate() -> GateRules:
    rules = load_gate()
    return replace(rules, name="small", check=tuple(rule for rule in rules.check if rule.name in SMALL))


def example(number: int, *, liked: bool | None = None, likes_long: bool = True) -> TrainingExample:
    """The scripted adapter rewards long words, so a person who likes them is understood by it."""
    good = number % 2 == 0 if liked is None else liked
    return TrainingExample(
        feedback_id=f"f{number:04}",
        conversation_id=f"c{number}",
        answer_id=f"a{number}",
        prompt=(said("user", f"Question {number}?"),),
        answer=f"wonderfully elaborate {number}" if good is likes_long else f"so so {number}",
        liked=good,
        weight=1.0,
        source="rating",
        created_at=float(number),
    )


def examples(count: int = 48, *, likes_long: bool = True) -> list[TrainingExample]:
    return [example(number, likes_long=likes_long) for number in range(count)]


class Bases:
    """One model, whose file is a text; its judge is scripted."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "base.gguf"
        if not self.file.exists():
            self.file.write_text("weights", encoding="utf-8")
        self.sha256 = sha256_of(self.file)
        self.model = ScriptedModel()
        self.rooms = 0

    def chosen(self) -> InstalledModel:
        return InstalledModel(
            id="base", role="language", title="Base", path=str(self.file), sha256=self.sha256, bytes=7
        )

    def judge(self, model: InstalledModel) -> ScriptedModel:
        return self.model

    def make_room(self) -> None:
        self.rooms += 1


@dataclass(slots=True)
class Kit:
    database: Database
    registry: AdapterRegistry
    adapters: AdapterService
    service: PersonalizationService
    trainer: ScriptedTrainer
    bases: Bases
    home: Path
    given: list[TrainingExample]
    ratings: list[Rating] = field(default_factory=list)

    @property
    def jobs(self) -> Path:
        return self.home / "cache" / "training" / "jobs"

    def run(self, **options: object) -> Personalized:
        return ended(list(self.events(**options)))

    def events(self, **options: object) -> Iterator[PersonalizeEvent]:
        options.setdefault("cancel", CancelToken())
        return self.service.personalize(**options)  # type: ignore[arg-type]

    def folders(self) -> set[str]:
        root = self.registry.root
        return {each.name for each in root.iterdir() if each.is_dir()} if root.is_dir() else set()

    def offered(self) -> Adapter:
        """A judged adapter, without the way there."""
        base = self.bases.chosen()
        adapter = self.registry.add(Lineage(base_sha256=base.sha256, base_name=base.title, learned_from=("f0000",)))
        self.registry.folder(adapter.id).mkdir(parents=True)
        self.registry.file(adapter.id).write_text(f"adapter {adapter.id}", encoding="utf-8")
        self.registry.made(adapter.id)
        return self.registry.judged(adapter.id, passed())


def passed() -> Verdict:
    rules = small_gate()
    checks = {
        rule.name: Check(name=rule.name, title=rule.title, words="Good.", reason=rule.reason, passed=True)
        for rule in rules.check
    }
    return decide(rules, checks)


def ended(events: list[PersonalizeEvent]) -> Personalized:
    last = events[-1]
    assert isinstance(last, Personalized)
    return last


def assembled(
    database: Database,
    clock: Clock,
    home: Path,
    given: list[TrainingExample] | None = None,
    trainer: ScriptedTrainer | None = None,
) -> Kit:
    registry = AdapterRegistry(database, folder_of(home), clock)
    ratings: list[Rating] = []
    adapters = AdapterService(registry, lambda: ratings)
    adapters.start()
    taught = examples() if given is None else given
    bases, scripted = Bases(home), trainer or ScriptedTrainer()
    service = PersonalizationService(
        adapters,
        DatasetService(lambda: taught),
        EvaluationService(home / "cache" / "gate", rules=small_gate()),
        scripted,
        bases,
        Folders(work=home / "cache" / "training"),
        AdapterZip(registry, lambda path: None),
        recipes=lambda _: RECIPE,
    )
    return Kit(database, registry, adapters, service, scripted, bases, home, taught, ratings)


@contextmanager
def kit(
    home: Path, given: list[TrainingExample] | None = None, trainer: ScriptedTrainer | None = None
) -> Iterator[Kit]:
    home.mkdir(exist_ok=True)
    clock = HandClock()
    database = open_database(places(home), clock)
    database.housekeeping.wait()
    try:
        yield assembled(database, clock, home, given, trainer)
    finally:
        database.close()


def check_consistent(kit: Kit) -> None:
    """Nothing half-way: every usable adapter has its whole file, nothing else lies about, one is active at most."""
    found = kit.registry.list()
    for each in found:
        assert each.usable is (kit.registry.file(each.id).is_file() and each.state != "candidate"), each
        if each.usable:
            assert sha256_of(kit.registry.file(each.id)) == each.sha256
            assert kit.registry.report(each.id) is not None
    going_on = {run.adapter_id for run in kit.registry.unfinished()}
    assert kit.folders() <= {each.id for each in found if each.usable} | going_on
    assert len(going_on) <= 1
    assert {each.id for each in found if each.state == "candidate"} == going_on
    assert sum(each.state == "active" for each in found) <= 1
