"""The only place that asks for files and folders.

Qt's own dialog, shown where the system has none, deletes and renames files by a key unless it is read-only; so each
one made here is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QWidget
from shiboken6 import isValid

Mode = QFileDialog.FileMode


def open_file(parent: QWidget, title: str, pattern: str = "") -> Path | None:
    """Ask for one file that exists; None when the person goes away. `pattern` as in "Pictures (*.png *.jpg)"."""
    return _first(_ask(dialog(parent, title, Mode.ExistingFile, pattern)))


def open_files(parent: QWidget, title: str, pattern: str = "") -> tuple[Path, ...]:
    """Ask for files that exist; empty when the person goes away."""
    return _ask(dialog(parent, title, Mode.ExistingFiles, pattern))


def save_file(parent: QWidget, title: str, name: str, pattern: str = "") -> Path | None:
    """Ask where to write, `name` being the suggestion; the dialog asks before an existing file is chosen."""
    asking = dialog(parent, title, Mode.AnyFile, pattern)
    asking.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    asking.setDefaultSuffix(Path(name).suffix.removeprefix("."))
    asking.selectFile(name)
    return _first(_ask(asking))


def choose_folder(parent: QWidget, title: str) -> Path | None:
    """Ask for a folder that exists; None when the person goes away."""
    asking = dialog(parent, title, Mode.Directory)
    asking.setOption(QFileDialog.Option.ShowDirsOnly)
    return _first(_ask(asking))


def dialog(parent: QWidget, title: str, mode: QFileDialog.FileMode, pattern: str = "") -> QFileDialog:
    """A dialog in which nothing on the disk can be changed."""
    made = QFileDialog(parent, title)
    made.setOption(QFileDialog.Option.ReadOnly)
    made.setFileMode(mode)
    if pattern:
        made.setNameFilter(pattern)
    return made


def _ask(asking: QFileDialog) -> tuple[Path, ...]:
    """Wait for the person; what was chosen. The window below may be gone by then, and the dialog with it."""
    try:
        if asking.exec() != QDialog.DialogCode.Accepted:
            return ()
        return tuple(Path(file) for file in asking.selectedFiles())
    finally:
        if isValid(asking):
            asking.deleteLater()


def _first(chosen: Sequence[Path]) -> Path | None:
    return chosen[0] if chosen else None
