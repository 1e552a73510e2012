"""The page Recordings: whether sound is kept, what is kept, and ways to hear and to delete it."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from desktop_app.services.recordings import KeptRecording
from desktop_app.ui.announce import announce
from desktop_app.ui.chat.shown_text import clock, file_size, shown
from desktop_app.ui.elided_label import ElidedLabel
from desktop_app.ui.page import Page, PageTools
from desktop_app.ui.preferences.switch import Switch
from desktop_app.ui.recordings.presenter import RecordingsPresenter
from desktop_app.ui.widgets import button, icon_button, label, rule, spaced, wear


class RecordingRow(QWidget):
    """One turn: what was said, when, how long, how large."""

    def __init__(self, kept: KeptRecording, presenter: RecordingsPresenter, tools: PageTools) -> None:
        super().__init__()
        self.kept = kept
        self._theme = tools.theme
        words, name = shown(kept.words, limit=200), shown(kept.words, limit=40)
        self.setAccessibleName(self.tr("Recording of “%1”").replace("%1", name))
        row = QHBoxLayout(self)
        spaced(row, tools.theme, margins=(5, 3, 4, 3), spacing=2)
        column = QVBoxLayout()
        spaced(column, tools.theme, spacing=0.5)
        said = ElidedLabel(self)
        said.show_text(words)
        column.addWidget(said)
        column.addWidget(label(self._facts(), "meta", wrap=True))
        row.addLayout(column, 1)
        self.play = icon_button("", "play", tools.theme, lambda: presenter.toggle(kept.id), parent=self)
        delete = self.tr("Delete the recording of “%1”").replace("%1", name)
        self.delete = icon_button(delete, "trash", tools.theme, lambda: presenter.delete(kept.id), parent=self)
        self._name = name
        row.addWidget(self.play)
        row.addWidget(self.delete)
        self.show_playing(False)

    def show_playing(self, playing: bool) -> None:
        title = self.tr("Stop “%1”") if playing else self.tr("Play “%1”")
        self.play.setIcon(self._theme.icon("stop-fill" if playing else "play", "text_muted"))
        self.play.setAccessibleName(title.replace("%1", self._name))
        self.play.setToolTip(self.tr("Stop") if playing else self.tr("Play"))

    def _facts(self) -> str:
        made = QDateTime.fromSecsSinceEpoch(int(self.kept.made_at))
        when = QLocale().toString(made, QLocale.FormatType.ShortFormat)
        title = shown(self.kept.title, limit=60)
        return "  ·  ".join((when, clock(self.kept.seconds), file_size(self.kept.bytes), title))


class RecordingsPage(Page):
    def __init__(self, tools: PageTools, parent: QWidget | None = None) -> None:
        super().__init__(tools, self.tr("Recordings"), self.tr("Close the recordings"), parent)
        self.presenter = RecordingsPresenter(tools.services, tools.lanes, self)
        self.rows: list[RecordingRow] = []
        self._build_switch()
        self.sum = label("", "muted", wrap=True)
        self.clear = button(self.tr("Delete all recordings"), "secondary", self._clear)
        wear(self.clear, tools.theme, "trash", "text")
        self._list = QFrame()
        self._list.setProperty("kind", "card")
        self._inside = QVBoxLayout(self._list)
        self._inside.setContentsMargins(1, 1, 1, 1)
        self._inside.setSpacing(0)
        line = QHBoxLayout()
        spaced(line, tools.theme, spacing=3)
        line.addWidget(self.sum, 1)
        line.addWidget(self.clear)
        self.column.addLayout(line)
        self.column.addWidget(self._list)
        self.presenter.listed.connect(self._on_listed)
        self.presenter.playing_changed.connect(self._on_playing)
        self.presenter.failed.connect(tools.notices.error)

    def begin(self) -> None:
        super().begin()
        self.keeps.setChecked(self.presenter.keeps)
        self.presenter.refresh()

    def leave(self) -> None:
        self.presenter.stop()

    def _build_switch(self) -> None:
        card = QFrame()
        card.setProperty("kind", "card")
        row = QHBoxLayout(card)
        spaced(row, self.tools.theme, margins=(5, 4, 4, 4), spacing=4)
        words = QVBoxLayout()
        spaced(words, self.tools.theme, spacing=0.5)
        title = label(self.tr("Keep recordings"), "strong", wrap=True)
        warning = label(
            self.tr(
                "Off: sound is never stored. On: the sound of every spoken turn is kept in the data folder, not "
                "encrypted, until you delete it here or delete its conversation."
            ),
            "muted",
            wrap=True,
        )
        words.addWidget(title)
        words.addWidget(warning)
        self.keeps = Switch(self.tools.theme)
        self.keeps.setAccessibleName(title.text())
        self.keeps.setAccessibleDescription(warning.text())
        self.keeps.toggled.connect(self.presenter.keep)
        title.setBuddy(self.keeps)
        row.addLayout(words, 1)
        row.addWidget(self.keeps)
        self.column.addWidget(card)

    def _clear(self) -> None:
        """Cannot be taken back, so it is asked for twice."""
        question = self.tr("Delete all %1 recordings for good?").replace("%1", str(len(self.rows)))
        self.tools.notices.info(question, self.tr("Delete them"), self.presenter.delete_all)

    def _on_listed(self, kept: tuple[KeptRecording, ...]) -> None:
        focused = next((at for at, row in enumerate(self.rows) if row.isAncestorOf(self.focusWidget() or self)), -1)
        while (item := self._inside.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = [RecordingRow(one, self.presenter, self.tools) for one in kept]
        for place, row in enumerate(self.rows):
            if place:
                self._inside.addWidget(rule())
            self._inside.addWidget(row)
        self._list.setVisible(bool(self.rows))
        self.clear.setEnabled(bool(self.rows))
        self._say_sum(kept)
        if focused >= 0:
            self._stop_beside(focused).setFocus()

    def _stop_beside(self, place: int) -> QToolButton:
        """Where the focus goes when its row was deleted."""
        return self.rows[min(place, len(self.rows) - 1)].delete if self.rows else self.close_button

    def _say_sum(self, kept: tuple[KeptRecording, ...]) -> None:
        if kept:
            said = self.tr("%1 recordings, %2 in all").replace("%1", str(len(kept)))
            said = said.replace("%2", file_size(sum(one.bytes for one in kept)))
        else:
            said = self.tr("No recordings are kept.")
        if said != self.sum.text():
            self.sum.setText(said)
            announce(self, said)

    def _on_playing(self, recording_id: str) -> None:
        for row in self.rows:
            row.show_playing(row.kept.id == recording_id)
