"""The stage of the usability tests behaves like a desk with a window manager, where the offscreen platform has none."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog

from usability_tests.actors import HOLD
from usability_tests.driver import Driver
from usability_tests.scenario import Start
from usability_tests.stage import stage
from usability_tests.watch import watching

pytestmark = pytest.mark.slow


def test_after_a_dialog_the_keys_of_the_window_work_again(qapp: QApplication, tmp_path: Path) -> None:
    with watching() as watch, stage(Start(answers=(("It goes on", HOLD),)), tmp_path) as opened:
        driver = Driver(stage=opened, watch=watch)
        driver.settle()
        opened.window.workspace.chat.presenter.send("Go on?")
        driver.wait_for("writing")
        dialog = QDialog(opened.window)
        dialog.open()
        _until(lambda: qapp.activeWindow() is dialog, watch.turn)
        dialog.done(0)
        _until(lambda: not dialog.isVisible(), watch.turn)
        watch.turn()
        driver._key("Esc")
        driver.settle()
        assert not opened.window.workspace.chat.presenter.busy


def _until(met: Callable[[], bool], turn: Callable[[], None]) -> None:
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline
        turn()
