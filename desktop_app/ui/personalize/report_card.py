"""The report card: every check in plain words, with its number, its bound and its reason."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.domain.gate import Check, Verdict
from desktop_app.ui.announce import announce
from desktop_app.ui.chat.shown_text import number
from desktop_app.ui.personalize import words
from desktop_app.ui.personalize.cards import Card, emptied
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import label, picture, rule, spaced

ICONS = {True: ("check-circle", "success"), False: ("x-circle", "danger"), None: ("minus-circle", "text_muted")}


class ReportCard(Card):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "", parent)
        self.heading.setText(self.tr("Report card"))
        self.summary = label("", "strong", wrap=True)
        self.inside.addWidget(self.summary)
        self.lines = QVBoxLayout()
        spaced(self.lines, theme, spacing=2)
        self.inside.addLayout(self.lines)
        self.hide()

    def show_verdict(self, verdict: Verdict) -> None:
        emptied(self.lines)
        not_run = any(check.passed is None for check in verdict.checks)
        self.summary.setText(words.verdict_words(verdict.passed, not_run))
        for place, check in enumerate(verdict.checks):
            if place:
                self.lines.addWidget(rule())
            self.lines.addWidget(self._line(check))
        self.show()
        announce(self, self.summary.text())

    def _line(self, check: Check) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        spaced(row, self.theme, spacing=3)
        icon, token = ICONS[check.passed]
        row.addWidget(picture(self.theme, icon, token, 5), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        spaced(column, self.theme, spacing=0.5)
        state = {True: self.tr("passed"), False: self.tr("failed"), None: self.tr("not run")}[check.passed]
        column.addWidget(label(f"{check.title}: {state}", "strong", wrap=True))
        column.addWidget(label(check.words, wrap=True))
        if numbers := self._numbers(check):
            column.addWidget(label(numbers, "muted", wrap=True))
        row.addLayout(column, 1)
        line.setToolTip(check.reason)
        line.setAccessibleName(f"{check.title}: {state}. {check.words}")
        line.setAccessibleDescription(check.reason)
        return line

    def _numbers(self, check: Check) -> str:
        if check.value is None:
            return ""
        low, high = check.bound
        parts = [self.tr("measured {n}").format(n=number(check.value, 2))]
        if check.base is not None:
            parts.append(self.tr("the model alone {n}").format(n=number(check.base, 2)))
        if low is not None:
            parts.append(self.tr("at least {n}").format(n=number(low, 2)))
        if high is not None:
            parts.append(self.tr("at most {n}").format(n=number(high, 2)))
        return ", ".join(parts)
