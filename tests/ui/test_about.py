"""The page About: every part in a list, found by its name or licence, with its text."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app import __version__
from desktop_app.ui.about.view import AboutPage


def test_parts_are_found_by_keyboard_alone(desk: Any) -> None:
    desk.run("page.about")
    page = desk.window.findChild(AboutPage)
    assert __version__ in page.version.text()
    assert page.search.hasFocus()
    assert page.parts.count() > 20
    assert "GENERAL PUBLIC LICENSE" in page.text.toPlainText()
    QTest.keyClicks(page.search, "ofl jetbrains")
    shown = [page.parts.item(row).text() for row in range(page.parts.count()) if not page.parts.item(row).isHidden()]
    assert len(shown) == 1 and shown[0].startswith("JetBrains Mono")
    assert "SIL OPEN FONT LICENSE" in page.text.toPlainText().upper()
    QTest.keyClick(page.search, Qt.Key.Key_Down)
    assert page.parts.hasFocus()
    QTest.keyClick(page.parts, Qt.Key.Key_Tab)
    assert page.text.hasFocus()
    QTest.keyClick(page.text, Qt.Key.Key_Escape)
    assert page.isHidden()
