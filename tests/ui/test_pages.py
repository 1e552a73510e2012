"""Rules that hold for every page, taken from the registry: a new page is held to them without a test of its own."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop_app.ui.icons import phosphor
from desktop_app.ui.pages import PageEntry, pages
from usability_tests.driver import Driver, surface
from usability_tests.scenario import Start
from usability_tests.stage import stage
from usability_tests.watch import watching

each_page = pytest.mark.parametrize("page", pages(), ids=lambda page: page.id)


def test_pages_have_their_own_id_title_and_shortcut(qapp: QApplication) -> None:
    listed = pages()
    for what in ("id", "title"):
        assert len({getattr(page, what) for page in listed}) == len(listed), what
    shortcuts = [QKeySequence(page.shortcut).toString() for page in listed if page.shortcut]
    assert all(shortcuts)
    assert len(set(shortcuts)) == len(shortcuts)


@each_page
def test_a_page_can_be_found(page: PageEntry) -> None:
    assert page.id.isidentifier()
    assert page.title and page.title[0].isupper()
    assert phosphor().character(page.icon)


@each_page
def test_a_page_opens_and_escape_leads_back_to_the_words(page: PageEntry, qapp: QApplication, tmp_path: Any) -> None:
    """With the services as they are built, by its action."""
    with watching() as watch, stage(Start(), tmp_path) as opened:
        driver = Driver(stage=opened, watch=watch)
        driver.settle()
        assert opened.window.actions_registry.find(f"page.{page.id}").title == page.title
        opened.window.actions_registry.run(f"page.{page.id}")
        driver.settle()
        assert surface(opened) != "chat"
        assert page.title in surface(opened)
        assert QApplication.focusWidget() is not None
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
        driver.settle()
        assert surface(opened) == "chat"
        assert opened.window.workspace.chat.composer.text.hasFocus()
    assert not watch.warnings
