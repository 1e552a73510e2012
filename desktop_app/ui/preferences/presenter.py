"""The settings as rows of a page: how each is asked for, what can be chosen, and changing it at once.

Everything comes from the declarations in `desktop_app/settings.py`. Knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QCoreApplication, QObject, Signal

from desktop_app.domain.model_specs import ModelRole
from desktop_app.errors import AppError
from desktop_app.settings import Option, Settings, options
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.jobs import Lanes
from desktop_app.ui.preferences.notes import NOTED, Note, notes

if TYPE_CHECKING:
    from desktop_app.services.services import Services

Kind = Literal["switch", "choice", "number", "lines", "line"]
Choices = tuple[tuple[Any, str], ...]
_ROLES: dict[str, ModelRole] = {
    "language_model": "language",
    "hearing_model": "hearing",
    "voice_model": "voice",
    "teacher_model": "language",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One setting on the page."""

    name: str
    kind: Kind
    option: Option  # its words in the person's language
    default: Any


class SettingsPresenter(QObject):
    """`changed(name, value)` also tells of changes made elsewhere; `choices_found(name, choices)` comes later."""

    changed = Signal(str, object)
    choices_found = Signal(str, object)
    note_found = Signal(str, object)  # name, Note
    failed = Signal(object)
    _told = Signal(object)  # a change may come from any thread

    def __init__(self, services: Services, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._lanes = lanes
        self._known: Settings = services.preferences.current
        self._told.connect(self._on_changed)
        self.stop: Callable[[], None] = services.preferences.watch(self._told.emit)
        self.destroyed.connect(self.stop)

    def groups(self) -> dict[str, list[Row]]:
        """Every setting that is a choice, under its group, in the order of declaration."""
        found: dict[str, list[Row]] = {}
        for name, type_, default, option in options():
            if option.group:
                row = Row(name=name, kind=_kind(name, type_, option), option=_translated(option), default=default)
                found.setdefault(row.option.group, []).append(row)
        return found

    def value(self, name: str) -> Any:
        return getattr(self._services.preferences.current, name)

    def change(self, name: str, value: Any) -> None:
        if value == self.value(name):
            return
        try:
            self._services.preferences.change(**{name: value})
        except AppError as error:
            self.failed.emit(error)
            self.changed.emit(name, self.value(name))

    def look_for_choices(self) -> None:
        """Ask what models and devices there are; the answers come as `choices_found`."""
        automatic, usual = self.tr("Automatic"), self.tr("As the system")
        for name, role in _ROLES.items():
            usually = self.tr("Nobody") if name == "teacher_model" else automatic
            self._look(name, usually, partial(self._installed, role))
        self._look("microphone", usual, self._services.voice.microphones)
        self._look("speaker", usual, self._services.voice.speakers)

    def look_for_notes(self) -> None:
        """What this machine makes of the settings; comes as `note_found`."""
        job = self._lanes.job("io", lambda _: notes(self._services))
        job.finished.connect(while_alive(self, self._on_noted))
        job.start()

    def _on_noted(self, found: dict[str, Note]) -> None:
        for name, note in found.items():
            self.note_found.emit(name, note)

    def _installed(self, role: ModelRole) -> Choices:
        return tuple((model.id, model.title) for model in self._services.library.installed(role))

    def _look(self, name: str, usual: str, find: Callable[[], Choices]) -> None:
        job = self._lanes.job("io", lambda _: find())
        job.finished.connect(while_alive(self, lambda found: self._on_found(name, usual, found)))
        job.failed.connect(while_alive(self, lambda _error: self._on_found(name, usual, ())))
        job.start()

    def _on_found(self, name: str, usual: str, found: Choices) -> None:
        """A choice that is not there any more stays, named by its id, so that it is not changed behind one's back."""
        present, ids = self.value(name), {id_ for id_, _ in found}
        gone = ((present, self.tr("%1 (not there)").replace("%1", present)),) if present and present not in ids else ()
        self.choices_found.emit(name, (("", usual), *found, *gone))

    def _on_changed(self, settings: Settings) -> None:
        before, self._known = self._known, settings
        for name, *_ in options():
            value = getattr(settings, name)
            if value != getattr(before, name):
                self.changed.emit(name, value)
                if name in NOTED:
                    self.look_for_notes()


def has_found_choices(name: str) -> bool:
    """Whether what can be chosen depends on this machine."""
    return name in _ROLES or name in ("microphone", "speaker")


def _translated(option: Option) -> Option:
    def tr(text: str) -> str:
        return QCoreApplication.translate("Settings", text) if text else ""

    choices = tuple((value, tr(title)) for value, title in option.choices)
    return replace(
        option,
        title=tr(option.title),
        help=tr(option.help),
        group=tr(option.group),
        choices=choices,
        least=tr(option.least),
    )


def _kind(name: str, type_: type, option: Option) -> Kind:
    if option.choices or has_found_choices(name):
        return "choice"
    if type_ is bool:
        return "switch"
    if type_ in (int, float):
        return "number"
    return "lines" if option.multiline else "line"
