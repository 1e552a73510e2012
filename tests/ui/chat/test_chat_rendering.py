"""Model output on screen: it reaches no file, opens no link, and is drawn once."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor, QFont, QImage, QTextDocument, QTextTable
from PySide6.QtWidgets import QLabel, QMessageBox, QTextBrowser
from pytestqt.qtbot import QtBot

from desktop_app.ui.chat.blocks_view import BlocksView
from desktop_app.ui.chat.highlighting import CodeColours, contrast, readable, spans
from desktop_app.ui.chat.links import allowed, full_address
from desktop_app.ui.chat.prose import ProseView, prose_style
from desktop_app.ui.chat.safe_document import markdown_document
from desktop_app.ui.chat.shown_text import clock, seconds, shown
from desktop_app.ui.jobs import Lanes
from desktop_app.ui.theme import Theme
from tests.ui.chat.conftest import Scene

IN_OPEN = 0x20
MARKDOWN = """![plain]({uri}) ![*marked* up]({path}) ![ref][one] ![]({uri})

<img src="{uri}"> <a href="{uri}">x</a>

- ![in a list]({uri})

| ![in a table]({uri}) | b |
|---|---|
| 1 | ![cell]({uri}) |

[one]: {uri}
"""


class OpenWatch:
    """Says whether a file was opened by anybody (inotify)."""

    def __init__(self, file: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.inotify_init1(os.O_NONBLOCK)
        assert self._libc.inotify_add_watch(self._fd, os.fsencode(file), IN_OPEN) > 0

    def opened(self) -> bool:
        try:
            return bool(os.read(self._fd, 4096))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self._fd)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "secret.png"
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    assert image.save(str(file))
    return file


@pytest.fixture
def watch(picture: Path) -> Iterator[OpenWatch]:
    if sys.platform != "linux":
        pytest.skip("inotify watches files on Linux only")
    made = OpenWatch(picture)
    yield made
    made.close()


def markdown_with(picture: Path) -> str:
    return MARKDOWN.format(uri=picture.as_uri(), path=picture)


def test_qt_alone_would_open_the_file(qtbot: QtBot, picture: Path, watch: OpenWatch) -> None:
    """The control: the watch sees what the walls prevent."""
    browser = QTextBrowser()
    qtbot.addWidget(browser)
    browser.show()
    browser.setMarkdown(markdown_with(picture))
    browser.grab()
    assert watch.opened()


def test_an_answer_never_opens_a_file(scene: Scene, picture: Path, watch: OpenWatch) -> None:
    text = markdown_with(picture)
    scene.chat.enqueue(*[text[i : i + 7] for i in range(0, len(text), 7)])
    answer = scene.ask("Show me")
    scene.window.grab()
    assert answer.text == text
    assert "[plain]" in "".join(view.toPlainText() for view in answer.findChildren(ProseView))
    assert not watch.opened()


def test_the_second_wall_holds_alone(qtbot: QtBot, picture: Path, watch: OpenWatch) -> None:
    view = ProseView(Theme())
    qtbot.addWidget(view)
    document = markdown_document("", prose_style(Theme()))
    document.setMarkdown(f"![x]({picture.as_uri()})")
    view.show()
    view.show_document(document)
    view.grab()
    assert view.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl(picture.as_uri())).size().width() == 1
    assert not watch.opened()


def test_pictures_become_their_description(qtbot: QtBot) -> None:
    document = markdown_document("See ![a *red* house](x.png) and ![](y.png) here.", prose_style(Theme()))
    assert document.toPlainText() == "See [a red house] and  here."


def test_a_link_brings_no_tool_tip(qtbot: QtBot) -> None:
    """Qt reads a tool tip as markup: it would load the picture that it names."""
    text = """[a](https://example.org "<img src='file:///etc/hostname'>") [b](<https://x/<img src='y'>>)"""
    document = markdown_document(text, prose_style(Theme()))
    at = document.begin().begin()
    while not at.atEnd():
        assert at.fragment().charFormat().toolTip() == ""
        at += 1


def test_bold_words_are_no_bolder_than_the_shipped_font(qtbot: QtBot) -> None:
    """Qt would smear the heaviest weight that there is."""
    document = markdown_document("a **b** c\n\n| **d** |\n|---|\n| e |", prose_style(Theme()))
    weights = set()
    block = document.begin()
    while block.isValid():
        at = block.begin()
        while not at.atEnd():
            weights.add(at.fragment().charFormat().fontWeight())
            at += 1
        block = block.next()
    assert max(weights) == QFont.Weight.DemiBold


def test_html_stays_text(qtbot: QtBot) -> None:
    assert "<script>" in markdown_document("a <script>b</script>", prose_style(Theme())).toPlainText()


def test_lines_tables_and_lists_keep_their_shape(qtbot: QtBot) -> None:
    style = prose_style(Theme())
    assert "one two" not in markdown_document("one\ntwo", style).toPlainText()
    table = markdown_document("| a | b |\n|---|---|\n| 1 | 2 |", style)
    assert any(isinstance(frame, QTextTable) for frame in table.rootFrame().childFrames())
    numbered = markdown_document("3. three\n4. four", style)
    assert numbered.firstBlock().textList().format().start() == 3


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "//host/share",
        "\\\\host\\share",
        "ftp://host/x",
        "https://",
        "smb://host/share",
        "",
        "relative.html",
    ],
)
def test_other_addresses_are_not_for_opening(address: str) -> None:
    assert allowed(address) is None


def test_an_address_is_shown_as_it_will_be_opened() -> None:
    url = allowed("https://раураl.com/a%2Fb?q=ä")
    assert url is not None
    assert full_address(url).startswith("https://xn--")
    assert allowed("mailto:a@example.org") is not None


def test_a_link_asks_first(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr("desktop_app.ui.chat.links.QDesktopServices.openUrl", lambda url: opened.append(url))
    scene.chat.enqueue("See https://example.org/page and [local](file:///etc/passwd).")
    answer = scene.ask("Where?")
    assert answer.links() == ("https://example.org/page", "file:///etc/passwd")
    answer.link_wanted.emit("file:///etc/passwd")
    assert scene.notices.infos and not scene.window.findChildren(QMessageBox)
    answer.link_wanted.emit("https://example.org/page")
    box = scene.window.findChild(QMessageBox)
    assert box is not None and box.informativeText() == "https://example.org/page"
    assert opened == []
    next(b for b in box.buttons() if b.text() == "Open").click()
    assert [url.toString() for url in opened] == ["https://example.org/page"]


def test_names_cannot_disguise_themselves() -> None:
    assert shown("photo\u202egnp.exe") == "photo\ufffdgnp.exe"
    assert shown("a\x00b\x1b[31m\u2066c") == "a\ufffdb\ufffd[31m\ufffdc"
    assert shown("日本語 العربية é\n\tx") == "日本語 العربية é\n\tx"
    assert shown("many   words\nhere", limit=12) == "many words…"


def test_numbers_as_a_person_reads_them() -> None:
    assert (clock(7.9), clock(125)) == ("0:07", "2:05")
    assert (seconds(412), seconds(61_000)) == ("0.41 s", "61 s")


def test_no_label_guesses_markup(scene: Scene) -> None:
    scene.chat.enqueue("<b>x</b> ![x](file:///etc/passwd)")
    scene.ask("<b>bold?</b>")
    scene.actions.run("chat.why")
    from PySide6.QtCore import Qt

    for label in scene.view.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText or not label.text()


# -- drawing ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def blocks(qtbot: QtBot) -> Iterator[BlocksView]:
    lanes, theme = Lanes(), Theme()
    view = BlocksView(theme, CodeColours(lanes, theme))
    view.setFixedWidth(600)
    qtbot.addWidget(view)
    view.show()
    yield view
    assert lanes.close()


def test_finished_blocks_are_not_drawn_again(blocks: BlocksView) -> None:
    blocks.add_text("First.\n\n```python\nx = 1\n```\n\nThen")
    first = blocks.findChildren(ProseView)[0]
    document = first.document()
    code = blocks.code_blocks()[0]
    for word in (" more", " and more", ".\n\n```\ny\n```\n"):
        blocks.add_text(word)
    blocks.finish()
    assert first.document() is document
    assert blocks.code_blocks()[0] is code
    assert [block.code for block in blocks.code_blocks()] == ["x = 1", "y"]


def test_code_is_copied_and_coloured(blocks: BlocksView, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QApplication, QPlainTextEdit

    blocks.add_text("```python\ndef f():\n    return 'a'\n```\n")
    (code,) = blocks.code_blocks()
    text = code.findChild(QPlainTextEdit)
    assert text is not None
    qtbot.waitUntil(lambda: bool(text.document().firstBlock().layout().formats()))
    code.copy()
    assert QApplication.clipboard().text() == "def f():\n    return 'a'"
    assert "python" in {label.text() for label in code.findChildren(QLabel)}


def test_an_unknown_language_has_no_colours() -> None:
    assert spans("x", "no-such-language") == ()
    assert {paint for _, _, paint in spans("def f(): return 1  # c", "python")} >= {
        "keyword",
        "name",
        "comment",
        "number",
    }


@pytest.mark.parametrize("scheme", ["light", "dark", "high_contrast"])
def test_code_colours_can_be_read(scheme: str, qtbot: QtBot) -> None:
    theme = Theme()
    theme.use(scheme)  # type: ignore[arg-type]
    ground, text = theme.colour("code_background"), theme.colour("text")
    for token in ("accent", "success", "warning", "danger", "text_muted"):
        assert contrast(readable(theme.colour(token), ground, text), ground) >= 4.5


def test_a_view_is_as_tall_as_its_text(blocks: BlocksView) -> None:
    blocks.add_text("word " * 400)
    blocks.finish()
    (view,) = blocks.findChildren(ProseView)
    assert view.maximumHeight() == pytest.approx(view.document().size().height(), abs=1)
    tall = view.maximumHeight()
    blocks.setFixedWidth(300)
    blocks.set_room(300)
    assert view.maximumHeight() > 1.7 * tall
