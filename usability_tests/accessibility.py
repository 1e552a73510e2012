"""What WCAG 2.2 AA asks of a surface and a machine can see: names, roles, values, actions, focus, sizes, reflow.

Clauses are those of EN 301 549 V3.2.1, which knows WCAG 2.1: target size has none there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTableView,
    QTextEdit,
    QWidget,
)

from usability_tests.driver import Driver
from usability_tests.scenario import Start
from usability_tests.stage import stage
from usability_tests.surfaces import Surface, press_tab, ready
from usability_tests.watch import watching

Role = QAccessible.Role
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
VALUED = (QAbstractSlider, QAbstractSpinBox)
TARGET_PX = 24
FOCUS_CONTRAST = 3.0
FOCUS_PIXELS = 30
CARET_ONLY = ("bare", "palette")
THEMES = ("light", "dark", "high_contrast")
LARGE = {"text_scale": 200}
SMALL_WINDOW = (800, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that a surface breaks."""

    surface: str
    rule: str
    wcag: str
    clause: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    name: str
    wcag: str
    clause: str
    look: Callable[[Driver], Iterator[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One surface: how much was looked at, what was found, and what it looks like."""

    surface: str
    controls: int
    stops: int
    findings: tuple[Finding, ...]
    image: QImage


def audit(surface: Surface, folder: Path) -> Audit:
    """Look at a surface in the light theme with every rule, in all themes at its focus, and at 200 % in 800x600."""
    findings: list[Finding] = []
    with watching() as watch:
        with stage(surface.start, folder / "usual") as opened:
            driver = Driver(stage=opened, watch=watch)
            findings += _arrival(driver, surface)
            image = driver.picture()
            controls = len(interactive(opened.window))
            for rule in RULES:
                findings += _broken(surface, rule, driver)
            stops = len(tab_round(driver))
            for theme in THEMES:
                opened.services.preferences.change(theme=theme)
                driver.watch.turn()
                findings += _broken(surface, FOCUS_SEEN, driver, f" ({theme})")
        with stage(_large(surface.start), folder / "large") as opened:
            driver = Driver(stage=opened, watch=watch)
            ready(driver, surface)
            findings += _broken(surface, REFLOW, driver)
    return Audit(surface=surface.name, controls=controls, stops=stops, findings=tuple(findings), image=image)


def _large(start: Start) -> Start:
    from dataclasses import replace

    return replace(start, settings={**start.settings, **LARGE}, size=SMALL_WINDOW)


def _broken(surface: Surface, rule: Rule, driver: Driver, more: str = "") -> Iterator[Finding]:
    for what in rule.look(driver):
        yield Finding(surface=surface.name, rule=rule.name, wcag=rule.wcag, clause=rule.clause, what=f"{what}{more}")


def _arrival(driver: Driver, surface: Surface) -> Iterator[Finding]:
    """Who does not see the screen must notice that it changed: the focus moved, or something was said."""
    driver.settle()
    before, said = QApplication.focusWidget(), len(driver.watch.announcements)
    ready(driver, surface)
    came = surface.name in ("empty conversation", "conversation")
    if not came and QApplication.focusWidget() is before and len(driver.watch.announcements) == said:
        yield Finding(
            surface=surface.name,
            rule="a change is noticed",
            wcag="4.1.3",
            clause="11.4.1.3.1",
            what="neither did the focus move nor was anything announced",
        )


# what is looked at


def interactive(window: QWidget) -> list[QWidget]:
    found = [one for one in window.findChildren(QWidget) if isinstance(one, INTERACTIVE) and one.isVisible()]
    return [one for one in found if not _inner(one) and not (isinstance(one, TEXTS) and one.isReadOnly())]


def describe(widget: QWidget) -> str:
    return f"{type(widget).__name__} “{name_of(widget)}”"


def name_of(widget: QWidget) -> str:
    face = _face(widget)
    return face.text(QAccessible.Text.Name).strip() if face else ""


def _face(widget: QWidget) -> QAccessibleInterface | None:
    return QAccessible.queryAccessibleInterface(widget)


def _inner(widget: QWidget) -> bool:
    """A part that Qt builds into another control, which speaks for it."""
    if isinstance(widget, QScrollBar | QHeaderView):
        return True
    return isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox | QTableView)


def tab_round(driver: Driver) -> list[QWidget]:
    """Every place where Tab stops, from where the focus is."""
    return list(tab_stops(driver))


def tab_stops(driver: Driver) -> Iterator[QWidget]:
    """Where the focus is, and then each place where the next Tab stops, until it is where it was before."""
    seen: set[int] = set()
    now = QApplication.focusWidget()
    while now is not None and id(now) not in seen:
        seen.add(id(now))
        yield now
        press_tab(driver)
        now = QApplication.focusWidget()


# the rules


def _names(driver: Driver) -> Iterator[str]:
    for one in interactive(driver.window):
        if not name_of(one):
            yield f"{type(one).__name__} {one.property('kind')} has no name"


def _roles(driver: Driver) -> Iterator[str]:
    for one in interactive(driver.window):
        face = _face(one)
        role = face.role() if face else Role.NoRole
        if role in (Role.NoRole, Role.Client, Role.Pane):
            yield f"{describe(one)} has no role"


def _actions(driver: Driver) -> Iterator[str]:
    for one in interactive(driver.window):
        face = _face(one)
        if isinstance(one, QAbstractButton) and one.isEnabled() and face is not None:
            doing = face.actionInterface()
            if doing is None or not doing.actionNames():
                yield f"{describe(one)} cannot be pressed by assistive technology"


def _values(driver: Driver) -> Iterator[str]:
    for one in interactive(driver.window):
        face = _face(one)
        if face is None:
            continue
        if isinstance(one, VALUED) and (face.valueInterface() is None or face.valueInterface().currentValue() is None):
            yield f"{describe(one)} tells no value"
        if isinstance(one, QAbstractButton) and one.isCheckable() and not face.state().checkable:
            yield f"{describe(one)} does not tell whether it is on"
        if isinstance(one, QLineEdit | QPlainTextEdit | QTextEdit) and face.textInterface() is None:
            yield f"{describe(one)} tells no text"


def _tree(driver: Driver) -> Iterator[str]:
    """Parents and children agree, and one thing at most has the focus."""
    focused = 0
    for parent, child, place in _branches(_face(driver.window)):
        if parent.indexOfChild(child) != place:
            yield f"{parent.text(QAccessible.Text.Name)!r} does not know the place of its child {place}"
        shown = child.object()
        if isinstance(shown, QWidget) and shown.focusProxy() is None:  # a viewport repeats what its view says
            focused += bool(child.state().focused)
    if focused != 1:
        yield f"{focused} things say that they have the focus"


def _branches(
    face: QAccessibleInterface | None,
) -> Iterator[tuple[QAccessibleInterface, QAccessibleInterface, int]]:
    for place in range(face.childCount() if face else 0):
        child = face.child(place)  # type: ignore[union-attr]
        if child is not None and child.isValid():
            yield face, child, place  # type: ignore[misc]
            if not child.state().invisible:
                yield from _branches(child)


def _labels(driver: Driver) -> Iterator[str]:
    for one in interactive(driver.window):
        if isinstance(one, QAbstractButton) and one.text().strip().replace("&", "") not in name_of(one):
            yield f"{describe(one)} is shown as “{one.text()}”"


def _sizes(driver: Driver) -> Iterator[str]:
    for one in interactive(driver.window):
        if one.property("kind") != "bare" and min(one.width(), one.height()) < TARGET_PX:
            yield f"{describe(one)} is {one.width()} x {one.height()} pixels"


def _trap(driver: Driver) -> Iterator[str]:
    tab_round(driver)  # where messages are, only the one with the focus is a stop
    start, seen = QApplication.focusWidget(), tab_round(driver)
    if QApplication.focusWidget() is not start:
        yield f"Tab does not come back to {describe(start) if start else 'anything'}"
    reached = set(map(id, seen))
    for one in interactive(driver.window):
        tabbed = one.isEnabled() and bool(one.focusPolicy() & Qt.FocusPolicy.TabFocus)
        modal = _over(driver.window)
        if tabbed and id(one) not in reached and (modal is None or modal.isAncestorOf(one)):
            yield f"Tab never comes to {describe(one)}"


def _over(window: QWidget) -> QWidget | None:
    from desktop_app.ui.overlay import Overlay

    return next((one for one in window.findChildren(Overlay) if one.isVisible()), None)


def _unseen_stops(driver: Driver) -> Iterator[str]:
    """Where Tab goes there is a name, and it is not scrolled away."""
    if QApplication.focusWidget() is None:
        yield "the focus is nowhere"
    for one in tab_stops(driver):
        if not name_of(one):
            yield f"Tab stops at {type(one).__name__} without a name"
        if one.visibleRegion().isEmpty():
            yield f"Tab stops at {describe(one)}, which is not in sight"


def _order(driver: Driver) -> Iterator[str]:
    """From the top, and from the left, within each of the window's columns; a message before what is in it.

    Notices lie over the rest and go away by themselves: they come last, F8 leads to them. Where there is one column
    only, the way back from its end to its beginning is none against the order.
    """
    work = driver.stage.window.workspace
    columns: tuple[QWidget, ...] = (work.sidebar, work.notices)
    backwards, crossed, before = [], False, None
    for after in tab_stops(driver):
        apart = before is not None and any(one.isAncestorOf(before) != one.isAncestorOf(after) for one in columns)
        crossed = crossed or apart
        if before is not None and not apart and _stands_before(driver, after, before):
            backwards.append(f"{describe(after)} comes after {describe(before)}, and stands before it")
        before = after
    yield from backwards if crossed else backwards[1:]


def _stands_before(driver: Driver, one: QWidget, other: QWidget) -> bool:
    if one.isAncestorOf(other) or other.isAncestorOf(one):
        return one.isAncestorOf(other)
    place, beside = _place(driver, one), _place(driver, other)
    above = place.bottom() <= beside.top()
    left = place.right() <= beside.left() and place.bottom() > beside.top() and place.top() < beside.bottom()
    return above or left


def _place(driver: Driver, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(driver.window, QPoint(0, 0)), widget.size())


def _focus_seen(driver: Driver) -> Iterator[str]:
    """What the focus changes has a contrast of 3:1 and is at least a line along the control; a caret is enough."""
    for one in tab_round(driver):
        _focus(driver, one)
        place = _place(driver, one).adjusted(-4, -4, 4, 4).intersected(driver.window.rect())
        if one.property("kind") in CARET_ONLY or place.isEmpty() or not one.hasFocus():
            continue
        with_focus = _look(driver, place)
        one.clearFocus()
        driver.watch.turn()
        changed = _changed(_look(driver, place), with_focus)
        if changed < min(one.width(), FOCUS_PIXELS):
            yield f"{describe(one)}: the focus changes {changed} pixels"
        _focus(driver, one)


def _focus(driver: Driver, one: QWidget) -> None:
    """Put the focus on it; what only shows while its message has the focus comes back with it."""
    owner = one.parentWidget()
    while not one.isVisible() and owner is not None:
        owner.setFocus(Qt.FocusReason.TabFocusReason)
        owner = owner.parentWidget()
    one.setFocus(Qt.FocusReason.TabFocusReason)
    driver.watch.turn()


def _look(driver: Driver, place: QRect) -> np.ndarray:
    shot = driver.window.grab(place).toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(shot.constBits(), np.uint8).reshape(shot.height(), shot.bytesPerLine())
    return rows[:, : shot.width() * 3].reshape(shot.height(), shot.width(), 3).astype(np.float64)


def _changed(before: np.ndarray, after: np.ndarray) -> int:
    """Pixels whose contrast between before and after is enough."""
    one, other = _luminance(before), _luminance(after)
    ratio = (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)
    return int((ratio >= FOCUS_CONTRAST).sum())


def _luminance(pixels: np.ndarray) -> np.ndarray:
    parts = pixels / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    weighed: np.ndarray = linear @ np.array((0.2126, 0.7152, 0.0722))
    return weighed


def _reflow(driver: Driver) -> Iterator[str]:
    """At 200 % in a small window words wrap or are shortened on purpose, and nothing sticks out at the sides."""
    width = driver.window.width()
    if width > SMALL_WINDOW[0]:
        yield f"the window cannot be narrower than {width} pixels"
    for one in driver.window.findChildren(QWidget):
        if not one.isVisible() or one.visibleRegion().isEmpty():
            continue
        left = _place(driver, one).left()
        sticks_out = left < 0 or left + one.width() > width + 1
        if isinstance(one, QAbstractButton | QLabel | QLineEdit) and sticks_out:
            yield f"{describe(one)} sticks out of the window"
        if isinstance(one, QAbstractButton) and one.text() and one.width() < _needed(one, one.text().strip()):
            yield f"{describe(one)} is cut off"
        if isinstance(one, QLabel) and one.text() and not one.wordWrap() and one.width() < _needed(one, one.text()) - 1:
            yield f"“{one.text()}” is cut off"


def _needed(widget: QWidget, text: str) -> int:
    return widget.fontMetrics().horizontalAdvance(text)


RULES = (
    Rule(name="a name", wcag="4.1.2", clause="11.4.1.2.1", look=_names),
    Rule(name="a role", wcag="4.1.2", clause="11.5.2.5", look=_roles),
    Rule(name="actions", wcag="4.1.2", clause="11.5.2.11", look=_actions),
    Rule(name="a value", wcag="4.1.2", clause="11.5.2.7", look=_values),
    Rule(name="a sound tree", wcag="1.3.1", clause="11.5.2.9", look=_tree),
    Rule(name="label in name", wcag="2.5.3", clause="11.2.5.3.1", look=_labels),
    Rule(name="target size", wcag="2.5.8", clause="", look=_sizes),
    Rule(name="no trap, all reached", wcag="2.1.1, 2.1.2", clause="11.2.1.1.1, 11.2.1.2", look=_trap),
    Rule(name="focus in sight", wcag="2.4.11", clause="", look=_unseen_stops),
    Rule(name="focus order", wcag="2.4.3", clause="11.2.4.3", look=_order),
)
FOCUS_SEEN = Rule(name="focus can be seen", wcag="2.4.7", clause="11.2.4.7", look=_focus_seen)
REFLOW = Rule(name="200 % and reflow", wcag="1.4.4, 1.4.10", clause="11.1.4.4.1, 11.1.4.10.1", look=_reflow)
