"""Files and folders are asked for in one place, by a dialog that changes nothing on the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFileDialog, QListView, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

import desktop_app
from desktop_app.ui import file_dialogs

SOURCE = Path(desktop_app.__file__).parent


@pytest.fixture(autouse=True)
def qt_draws_it(qapp: QApplication) -> None:
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def when_shown(then: Callable[[QFileDialog], None]) -> None:
    """Act on the dialog once its own loop runs."""

    def look() -> None:
        found = QApplication.activeModalWidget()
        if isinstance(found, QFileDialog):
            then(found)
        else:
            QTimer.singleShot(10, look)

    QTimer.singleShot(0, look)


def test_no_other_module_makes_a_file_dialog() -> None:
    naming = {file.name for file in SOURCE.rglob("*.py") if "QFileDialog" in file.read_text(encoding="utf-8")}
    assert naming == {"file_dialogs.py"}


@pytest.mark.parametrize("mode", list(file_dialogs.Mode))
def test_delete_and_rename_touch_nothing(
    parent: QWidget, qtbot: QtBot, tmp_path: Path, mode: QFileDialog.FileMode
) -> None:
    folder = tmp_path / "precious"
    folder.mkdir()
    (tmp_path / "file.png").write_bytes(b"kept")
    asking = file_dialogs.dialog(parent, "Choose", mode)
    qtbot.addWidget(asking)
    asking.setDirectory(str(tmp_path))
    asking.show()
    rows = asking.findChild(QListView, "listView")
    qtbot.waitUntil(lambda: rows.model().rowCount(rows.rootIndex()) > 0, timeout=20_000)
    rows.setFocus()
    rows.setCurrentIndex(rows.model().index(0, 0, rows.rootIndex()))
    assert not rows.currentIndex().flags() & Qt.ItemFlag.ItemIsEditable
    delete = asking.findChild(object, "qt_delete_action")
    assert delete is not None
    delete.trigger()  # type: ignore[attr-defined]
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_F2):
        QTest.keyClick(rows, key)
    QApplication.processEvents()
    assert rows.state() == QAbstractItemView.State.NoState
    assert not asking.findChildren(QMessageBox)
    assert folder.is_dir()
    assert (tmp_path / "file.png").read_bytes() == b"kept"


def test_what_was_chosen_comes_back(parent: QWidget, tmp_path: Path) -> None:
    wanted = tmp_path / "a.png"
    wanted.write_bytes(b"x")

    def choose(asking: QFileDialog) -> None:
        asking.setDirectory(str(tmp_path))
        asking.selectFile("a.png")
        QTimer.singleShot(0, lambda: asking.done(QFileDialog.DialogCode.Accepted))

    when_shown(choose)
    assert file_dialogs.open_files(parent, "Choose", "Pictures (*.png)") == (wanted,)
    when_shown(choose)
    assert file_dialogs.open_file(parent, "Choose") == wanted


def test_a_name_is_suggested_for_saving(parent: QWidget) -> None:
    seen: list[object] = []

    def look(asking: QFileDialog) -> None:
        seen.extend((Path(asking.selectedFiles()[0]).name, asking.acceptMode()))
        asking.done(QFileDialog.DialogCode.Accepted)

    when_shown(look)
    chosen = file_dialogs.save_file(parent, "Save", "answers.jsonl", "JSON lines (*.jsonl)")
    assert seen == ["answers.jsonl", QFileDialog.AcceptMode.AcceptSave]
    assert chosen is not None
    assert chosen.name == "answers.jsonl"


def test_going_away_chooses_nothing(parent: QWidget) -> None:
    for ask in (file_dialogs.open_file, file_dialogs.choose_folder):
        when_shown(lambda asking: asking.reject())
        assert ask(parent, "Choose") is None
    when_shown(lambda asking: asking.reject())
    assert file_dialogs.open_files(parent, "Choose") == ()


def test_a_window_that_goes_takes_its_dialog_along(qtbot: QtBot) -> None:
    window = QWidget()
    when_shown(lambda asking: window.deleteLater())
    assert file_dialogs.open_file(window, "Choose") is None
