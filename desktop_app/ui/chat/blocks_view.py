"""The text of an answer as widgets, one for each block. A finished block is never drawn again."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.domain.markdown_blocks import Block, MarkdownBlocks, settled
from desktop_app.ui.chat.code_block import CodeBlock
from desktop_app.ui.chat.highlighting import CodeColours
from desktop_app.ui.chat.prose import ProseView
from desktop_app.ui.theme import Theme

SLICE_CHARACTERS = 3_000


class BlocksView(QWidget):
    """Shows a text that may grow. Widgets are kept in step with `MarkdownBlocks`, index by index."""

    link_wanted = Signal(str)

    def __init__(self, theme: Theme, colours: CodeColours, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._colours = colours
        self._blocks = MarkdownBlocks()
        self._widgets: list[ProseView | CodeBlock] = []
        self._room = 0
        self._waiting = ""
        self._over = False
        self._slices = QTimer(self, interval=0, singleShot=True)
        self._slices.timeout.connect(self._show_slice)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.space(3))

    def reset(self) -> None:
        self._slices.stop()
        self._clear_from(0)
        self._blocks = MarkdownBlocks()
        self._waiting, self._over = "", False

    def set_room(self, width: int) -> None:
        self._room = width
        for widget in self._widgets:
            if isinstance(widget, ProseView):
                widget.set_room(width)

    def add_text(self, text: str) -> None:
        """Of very much text the beginning shows at once and the rest in slices."""
        self._waiting += text
        if not self._slices.isActive():
            self._show_slice()

    def finish(self) -> None:
        self._over = True
        if not self._waiting:
            self._show_from(self._blocks.finish())

    def code_blocks(self) -> tuple[CodeBlock, ...]:
        return tuple(w for w in self._widgets if isinstance(w, CodeBlock))

    def links(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(a for w in self._widgets if isinstance(w, ProseView) for a in w.links()))

    def _show_slice(self) -> None:
        piece, self._waiting = self._waiting[:SLICE_CHARACTERS], self._waiting[SLICE_CHARACTERS:]
        self._show_from(self._blocks.add(piece))
        if self._waiting:
            self._slices.start()
        elif self._over:
            self._show_from(self._blocks.finish())

    def _show_from(self, first: int) -> None:
        blocks = self._blocks.blocks
        for index in range(first, len(blocks)):
            block = blocks[index]
            if index < len(self._widgets) and not self._fits(self._widgets[index], block):
                self._clear_from(index)
            if index == len(self._widgets):
                self._add_widget(block)
            self._fill(self._widgets[index], block)
        self._clear_from(len(blocks))

    def _add_widget(self, block: Block) -> None:
        widget: ProseView | CodeBlock
        if block.kind == "code":
            widget = CodeBlock(self._theme, self._colours, self)
        else:
            widget = ProseView(self._theme, self)
            widget.set_room(self._room)
            widget.link_wanted.connect(self.link_wanted)
        self._widgets.append(widget)
        self._column.addWidget(widget)

    @staticmethod
    def _fits(widget: ProseView | CodeBlock, block: Block) -> bool:
        return isinstance(widget, CodeBlock) == (block.kind == "code")

    @staticmethod
    def _fill(widget: ProseView | CodeBlock, block: Block) -> None:
        if isinstance(widget, CodeBlock):
            widget.set_code(block.text, block.language, closed=block.closed)
        else:
            drawn = settled(block).text
            widget.set_markdown(drawn)
            widget.setVisible(bool(drawn.strip()))

    def _clear_from(self, index: int) -> None:
        for widget in self._widgets[index:]:
            self._column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        del self._widgets[index:]
