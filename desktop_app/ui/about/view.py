"""The page About: version, licence, and a list of all parts, to be searched, with the text of each one's licence."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from desktop_app import __version__
from desktop_app.services.licences import Component, collected
from desktop_app.ui.announce import announce
from desktop_app.ui.chat.lifetime import while_alive
from desktop_app.ui.page import Page, PageTools
from desktop_app.ui.search_field import SearchField
from desktop_app.ui.widgets import follow, label

LIST_STEPS = 56
TEXT_STEPS = 90


class AboutPage(Page):
    """The parts are collected beside the GUI thread when the page is opened for the first time."""

    def __init__(self, tools: PageTools, parent: QWidget | None = None) -> None:
        super().__init__(tools, self.tr("About Stonechat"), self.tr("Close the page"), parent)
        self._components: tuple[Component, ...] = ()
        self._fill()

    def begin(self) -> None:
        super().begin()
        self.search.setFocus()
        if not self._components:
            job = self.tools.lanes.job("io", lambda _: collected())
            job.finished.connect(while_alive(self, self._on_collected))
            job.failed.connect(self.tools.notices.error)
            job.start()

    def _fill(self) -> None:
        theme = self.tools.theme
        self.version = label(self.tr("Version %1").replace("%1", __version__), "heading")
        self.version.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = self.tr(
            "A desktop assistant that stays home. Free software under the GNU General Public License, version 3 or "
            "later, without any warranty. It is made of the parts below; each has its own licence."
        )
        self.search = SearchField(self.tr("Find a part or a licence"), theme, self)
        self.search.textChanged.connect(self._filter)
        self.parts = QListWidget(self)
        self.parts.setProperty("kind", "lines")
        self.parts.setAccessibleName(self.tr("Parts and their licences"))
        self.parts.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.parts.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.search.down_wanted.connect(self.parts.setFocus)
        self.parts.currentItemChanged.connect(lambda now, _before: self._show(now))
        self.text = QPlainTextEdit(self)
        self.text.setProperty("kind", "field")
        self.text.setAccessibleName(self.tr("Text of the licence"))
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        for widget in (self.version, label(words, "lead", wrap=True), self.search, self.parts, self.text):
            self.column.addWidget(widget)
        follow(theme, self.parts, lambda: self.parts.setFixedHeight(theme.space(LIST_STEPS)))
        follow(theme, self.text, lambda: self.text.setFixedHeight(theme.space(TEXT_STEPS)))

    def _on_collected(self, components: tuple[Component, ...]) -> None:
        self._components = components
        for each in components:
            item = QListWidgetItem(f"{each.name} {each.version}".strip() + f"  ·  {each.licence or self._unknown()}")
            item.setData(Qt.ItemDataRole.UserRole, each)
            self.parts.addItem(item)
        self._filter(self.search.text())

    def _unknown(self) -> str:
        return self.tr("see its text")

    def _filter(self, words: str) -> None:
        wanted = words.casefold().split()
        first = None
        for row in range(self.parts.count()):
            item = self.parts.item(row)
            item.setHidden(not all(word in item.text().casefold() for word in wanted))
            if first is None and not item.isHidden():
                first = item
        if first is None and self._components:
            announce(self, self.tr("No part is called like that."))
        if first is None:
            self.text.clear()
        else:
            self.parts.setCurrentItem(first)

    def _show(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        each: Component = item.data(Qt.ItemDataRole.UserRole)
        none = self.tr("No text came with it. Its licence is known by the name above.")
        self.text.setPlainText("\n\n".join(filter(None, (each.home, each.text or none))))
