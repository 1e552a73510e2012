"""What WCAG 2.2 asks of the window and a machine can check, on every surface: names, focus, Tab, sizes, reflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)

from desktop_app.ui.insights.view import InsightsPage
from desktop_app.ui.usage.view import UsagePage
from desktop_app.ui.usage.wiring import Usage
from tests.fakes.audio import tone
from tests.ui.test_theme import contrast

INTERACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)
TEXTS = (QPlainTextEdit, QTextEdit)
TARGET = 24


def settings(desk: Any) -> None:
    desk.run("page.settings")


def palette(desk: Any) -> None:
    desk.run("window.palette")


def shortcuts(desk: Any) -> None:
    desk.run("window.shortcuts")


def welcome(desk: Any) -> None:
    desk.run("window.welcome")


def sound(desk: Any) -> None:
    welcome(desk)
    desk.window._stack.currentWidget()._go_to(1)


def models(desk: Any) -> None:
    welcome(desk)
    desk.window._stack.currentWidget()._go_to(2)
    desk.idle()


def conversation(desk: Any) -> None:
    desk.window.workspace.open_conversation(desk.home.history.conversations()[0].id)
    desk.idle()


def empty(desk: Any) -> None:
    """As it starts."""


def notice(desk: Any) -> None:
    desk.window.workspace.notices.info("Deleted.", "Undo", lambda: None)


def talking(desk: Any) -> None:
    conversation(desk)
    desk.run("voice.hands_free")
    desk.home.talk.ask("How do I keep a pot of basil alive over the winter, on a window sill that faces north?")
    desk.home.talk.write("Basil wants more light than that in winter, so help it with a lamp.")
    desk.home.talk.speak("Basil wants more light than that in winter, so help it with a lamp.")
    desk.home.talk.phase("answering")
    desk.wait(lambda: desk.window.workspace.chat.conversation.last_answer.text.startswith("Basil"))


def rating(desk: Any) -> None:
    """Reasons open under an answer that was rewritten."""
    conversation(desk)
    answer_id = desk.window.workspace.chat.conversation.last_answer.message.id
    desk.home.preferences.change(rating_use_told=True)
    desk.home.feedback.rate(answer_id, better="It is not so, and here is why.")
    desk.run("feedback.bad")
    desk.window.workspace.notices.clear()


def _rated(desk: Any) -> None:
    for found in desk.home.history.conversations():
        answer_id = desk.home.history.path(found.id)[-1].id
        desk.home.feedback.rate(answer_id, liked=False, better="- It is not so.\n- Here is why.", comment="For later")


def ratings(desk: Any) -> None:
    _rated(desk)
    desk.run("page.ratings")


def learned(desk: Any) -> None:
    desk.home.store("A third")
    _rated(desk)
    desk.home.learned.add("Call me captain.")
    desk.run("page.learned")


def recordings(desk: Any) -> None:
    desk.home.preferences.change(keep_recordings=True)
    for known in desk.home.history.conversations():
        question = desk.home.history.path(known.id)[0]
        desk.home.services.recordings.keep(question.id, known.id, tone(2.0))
    desk.run("page.recordings")


def recorded(desk: Any) -> None:
    desk.home.services.usage.agree("events", "")
    desk.home.services.usage.record("chat.sent", way="typed", pictures=0)
    desk.run("page.usage")
    page = desk.window.findChild(UsagePage)
    page.presenter.show_export()
    desk.wait(lambda: page.export.shown and not page._waiting)


def insights(desk: Any) -> None:
    kept = desk.home.services
    kept.usage.agree("surveys", "")
    for way in ("typed", "spoken"):
        kept.usage.record("chat.answered", way=way, ended="end", first_token_ms=300, total_ms=900)
    kept.usage.flush()
    kept.surveys.answer("seq", (6,), "ask")
    desk.run("page.insights")
    page = desk.window.findChild(InsightsPage)
    desk.wait(lambda: page.cards and not page._undrawn)
    next(card for card in page.cards if card.drawing).toggle_table()


def asked_for_consent(desk: Any) -> None:
    usage = Usage(desk.window)
    desk.run("window.new")
    desk.window.workspace.chat.presenter.send("Hello")
    desk.wait(lambda: usage.question.open)


SURFACES = (
    pytest.param(recordings, marks=pytest.mark.slow),
    empty,
    conversation,
    settings,
    palette,
    shortcuts,
    welcome,
    sound,
    models,
    notice,
    talking,
)
SURFACES += (
    asked_for_consent,
    *(pytest.param(each, marks=pytest.mark.slow) for each in (recorded, insights)),
    *(rating, ratings, learned),
)
surface = pytest.mark.parametrize("surface", SURFACES, ids=lambda one: one.__name__)


@pytest.fixture
def busy_home(home: Any) -> Any:
    home.store("A conversation with a title that is long enough to be cut off somewhere")
    home.store("Another", days_ago=3)
    return home


@pytest.fixture
def at(busy_home: Any, open_desk: Any) -> Callable[..., Any]:
    def go(surface: Callable[[Any], None], **size: int) -> Any:
        desk = open_desk(**size)
        surface(desk)
        desk.idle()
        return desk

    return go


def inner(widget: QWidget) -> bool:
    """A part that Qt builds into another control, which speaks for it."""
    parent = widget.parentWidget()
    return isinstance(widget, QScrollBar) or isinstance(parent, QAbstractSpinBox | QComboBox)


def interactive(desk: Any) -> list[QWidget]:
    found = [one for one in desk.window.findChildren(QWidget) if isinstance(one, INTERACTIVE) and one.isVisible()]
    return [one for one in found if not inner(one) and not (isinstance(one, TEXTS) and one.isReadOnly())]


def name_of(widget: QWidget) -> str:
    face = QAccessible.queryAccessibleInterface(widget)
    return face.text(QAccessible.Text.Name).strip() if face else ""


def describe(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.property('kind')} {widget.objectName()} “{name_of(widget)}”"


@surface
def test_whatever_can_be_used_has_a_name_and_is_large_enough(at: Any, surface: Any) -> None:
    """WCAG 4.1.2, 2.5.3 (the name holds the visible words), 2.5.8."""
    found = interactive(at(surface))
    assert found
    for one in found:
        name = name_of(one)
        assert name, describe(one)
        if isinstance(one, QAbstractButton):
            assert one.text().strip().replace("&", "") in name, describe(one)
        if one.property("kind") != "bare":  # its frame is the target
            assert min(one.width(), one.height()) >= TARGET, (describe(one), one.size().toTuple())


def tab_round(begin: Callable[[QWidget], None] = lambda one: None, limit: int = 200) -> list[QWidget]:
    """Press Tab until the focus is where it began; `begin` is called at each stop."""
    start = QApplication.focusWidget()
    assert start is not None
    seen: list[QWidget] = []
    now = start
    for _ in range(limit):
        seen.append(now)
        begin(now)
        now.setFocus()
        QTest.keyClick(now, Qt.Key.Key_Tab)
        found = QApplication.focusWidget()
        assert found is not None
        if found is start:
            return seen
        now = found
    raise AssertionError(f"Tab never came back; last at {describe(now)}")


@surface
def test_tab_goes_round_and_is_always_in_sight(at: Any, surface: Any) -> None:
    """WCAG 2.1.2 no trap, 2.4.11 never hidden; and nothing without a name on the way."""
    at(surface)

    def check(one: QWidget) -> None:
        assert name_of(one), describe(one)
        assert not one.visibleRegion().isEmpty(), describe(one)

    seen = tab_round(check)
    assert len({id(one) for one in seen}) == len(seen)
    assert len(seen) > 1 or surface in (palette, welcome)


def test_tab_follows_the_reading_order(at: Any) -> None:
    """WCAG 2.4.3: the sidebar from top to bottom, the line above, the conversation, the pictures, the composer."""
    desk = at(conversation)
    chat = desk.window.workspace.chat
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    chat.composing.bring(image)
    desk.wait(lambda: chat.composer.tray.pictures)
    desk.idle()
    chat.composer.set_words("Hello")
    desk.sidebar.tab_stops[0].setFocus()
    names = [name_of(one) for one in tab_round()]
    wanted = [
        "Hide the sidebar",
        "New conversation",
        "Search",
        "Conversations",
        "Ratings, models and more",
        "Settings",
        "Keyboard shortcuts",
    ]
    wanted += ["Model: Small. Open the settings", "Stonechat, AI: It is so.", "Copy", "Read aloud", "Answer again"]
    wanted += ["Good answer", "Not a good answer", "Write the better answer"]
    wanted += ["Why this answer", "Picture Pasted picture", "Picture", "Remove Pasted picture", "Message"]
    wanted += ["Add a picture", "Speak", "Talk hands-free", "Send"]
    assert len(names) == len(wanted), "\n".join(names)
    assert all(name.startswith(begins) for name, begins in zip(names, wanted, strict=True)), names


def differing(before: QImage, after: QImage) -> int:
    """How many pixels differ by a contrast of 1.5 or more, counted up to 40."""
    count = 0
    for y in range(before.height()):
        for x in range(before.width()):
            one, other = before.pixel(x, y), after.pixel(x, y)
            if one != other and contrast(QColor(one).name(), QColor(other).name()) >= 1.5:
                count += 1
                if count >= 40:
                    return count
    return count


@pytest.mark.parametrize("scheme", ["light", "dark", "high_contrast"])
@pytest.mark.parametrize("surface", [empty, settings, shortcuts, welcome, talking], ids=lambda one: one.__name__)
def test_the_focus_can_be_seen(at: Any, busy_home: Any, surface: Any, scheme: str) -> None:
    """WCAG 2.4.7: what the focus changes is at least a line along the control."""
    busy_home.preferences.change(theme=scheme)
    desk = at(surface)

    def look(one: QWidget) -> QImage:
        QApplication.processEvents()
        room = QRect(one.mapTo(desk.window, QPoint(0, 0)), one.size()).adjusted(-4, -4, 4, 4)
        return desk.window.grab(room).toImage()

    def check(one: QWidget) -> None:
        with_focus = look(one)
        one.clearFocus()
        shown = differing(look(one), with_focus)
        if one.property("kind") != "bare":  # a caret is enough where one writes
            assert shown >= min(one.width(), 30), describe(one)

    tab_round(check)


@pytest.mark.parametrize(("width", "height", "scale"), [(1024, 700, 200), (800, 600, 200), (480, 480, 100)])
@surface
def test_nothing_is_cut_off(at: Any, busy_home: Any, surface: Any, width: int, height: int, scale: int) -> None:
    """WCAG 1.4.4 and 1.4.10: words wrap or are shortened on purpose, nothing sticks out of the window's sides."""
    busy_home.preferences.change(text_scale=scale)
    desk = at(surface, width=width, height=height)
    assert desk.window.width() <= width
    for one in desk.window.findChildren(QWidget):
        if not one.isVisible() or one.visibleRegion().isEmpty():
            continue
        left = one.mapTo(desk.window, QPoint(0, 0)).x()
        if isinstance(one, QAbstractButton | QLabel | QLineEdit):
            assert left >= 0 and left + one.width() <= width + 1, describe(one)
        if isinstance(one, QAbstractButton) and one.text():
            assert one.width() >= one.fontMetrics().horizontalAdvance(one.text().strip()), describe(one)
        if (
            isinstance(one, QLabel)
            and one.text()
            and not one.wordWrap()
            and one.textFormat() == Qt.TextFormat.PlainText
        ):
            assert one.width() >= one.fontMetrics().horizontalAdvance(one.text()) - 1, describe(one)


def test_every_label_is_plain_text(at: Any) -> None:
    """Words from outside are never markup."""
    desk = at(conversation)
    settings(desk)
    ours = desk.window.findChildren(QLabel)
    assert ours
    assert not [describe(one) for one in ours if one.textFormat() == Qt.TextFormat.AutoText]


def test_lists_speak_their_rows(at: Any) -> None:
    desk = at(empty)
    face = QAccessible.queryAccessibleInterface(desk.sidebar.conversations)
    assert face.role() == QAccessible.Role.List
    spoken = {face.child(place).text(QAccessible.Text.Name) for place in range(face.childCount())}
    assert {"Another", "Today"} <= spoken


def test_switches_are_check_boxes_with_a_state(at: Any) -> None:
    from desktop_app.ui.preferences.switch import Switch

    desk = at(settings)
    switch = desk.window.findChild(Switch)
    face = QAccessible.queryAccessibleInterface(switch)
    assert face.role() == QAccessible.Role.CheckBox
    assert face.state().checked == switch.isChecked()


def test_colours_are_warm_and_few(theme: Any) -> None:
    """One accent: nothing but the signals for danger, warning and success has another hue."""
    for token in ("window", "surface", "sunken", "text", "text_muted", "border", "accent"):
        colour: QColor = theme.colour(token)
        assert colour.hslSaturation() < 25 or 0 <= colour.hslHue() <= 60 or colour.lightness() > 250, token
