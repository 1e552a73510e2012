"""A window whose use is recorded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtTest import QTest

from desktop_app.ui.usage.wiring import Usage


@dataclass
class Watched:
    """A desk with everything that watches it. `names` are the events that were kept, in order."""

    desk: Any
    usage: Usage

    @property
    def service(self) -> Any:
        return self.desk.home.services.usage

    def lines(self, record: str = "event") -> list[dict[str, Any]]:
        told = [json.loads(line) for line in self.service.export().decode().splitlines()]
        return [each for each in told if each["record"] == record]

    def named(self, name: str) -> list[dict[str, Any]]:
        return [each for each in self.lines() if each["name"] == name]

    def say_yes(self, level: str = "events") -> None:
        self.service.agree(level, "")
        self.desk.wait(lambda: self.usage.observer._recording)

    def ask(self, text: str) -> None:
        chat = self.desk.window.workspace.chat
        chat.composer.set_words(text)
        QTest.keyClick(chat.composer.text, "\r")
        self.desk.wait(lambda: not chat.presenter.busy and not chat.composer.text.toPlainText())
        self.desk.idle()


@pytest.fixture
def watched(desk: Any) -> Watched:
    usage = Usage(desk.window)
    usage.begin()
    desk.idle()
    return Watched(desk=desk, usage=usage)
