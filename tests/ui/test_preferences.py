from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton

from desktop_app.errors import EnvironmentProblem
from desktop_app.settings import options
from desktop_app.ui.preferences.choice import DropDown, Segments
from desktop_app.ui.preferences.row import SettingRow
from desktop_app.ui.preferences.view import SettingsPage
from tests.ui.stand_ins import Port


@pytest.fixture
def page(desk: Any) -> Iterator[SettingsPage]:
    desk.run("page.settings")
    found = desk.window.findChild(SettingsPage)
    assert found.isVisible()
    yield found


def row(page: SettingsPage, name: str) -> SettingRow:
    return next(one for one in page.rows if one.row.name == name)


def segment(page: SettingsPage, name: str, text: str) -> QToolButton:
    return next(one for one in row(page, name).findChildren(QToolButton) if one.text() == text)


def test_every_choice_has_its_row_in_the_declared_order(page: SettingsPage) -> None:
    assert [one.row.name for one in page.rows] == [name for name, _, _, option in options() if option.group]


def test_every_row_says_what_it_is_and_does(page: SettingsPage) -> None:
    for one in page.rows:
        shown = {label.text() for label in one.findChildren(QLabel)}
        assert {one.row.option.title, one.row.option.help} <= shown, one.row.name
        assert one.control.accessibleDescription().startswith(one.row.option.help)


def test_a_change_acts_at_once(desk: Any, page: SettingsPage) -> None:
    segment(page, "theme", "Dark").click()
    assert desk.home.preferences.current.theme == "dark"
    assert desk.window.theme.dark
    row(page, "send_on_enter").control.click()
    assert not desk.home.preferences.current.send_on_enter


def test_a_change_made_elsewhere_is_shown(desk: Any, page: SettingsPage) -> None:
    desk.home.preferences.change(theme="high_contrast", temperature=1.5, read_aloud=True, system_prompt="Be brief.")
    assert segment(page, "theme", "High contrast").isChecked()
    assert row(page, "temperature").control.spin.value() == 1.5
    assert row(page, "read_aloud").control.isChecked()
    assert row(page, "system_prompt").control.toPlainText() == "Be brief."


def test_a_number_by_slider_and_by_typing(desk: Any, page: SettingsPage) -> None:
    control = row(page, "max_tokens").control
    control.slider.setValue(10)
    assert desk.home.preferences.current.max_tokens == 16 + 10 * 16
    assert control.spin.value() == 176
    control.spin.setValue(512)
    control.spin.editingFinished.emit()
    assert desk.home.preferences.current.max_tokens == 512
    assert control.slider.value() == (512 - 16) // 16


def test_the_instructions_count_when_the_field_is_left(desk: Any, page: SettingsPage) -> None:
    field = row(page, "system_prompt").control
    field.setFocus()
    field.setPlainText("Answer in rhyme.")
    page.search.setFocus()
    assert desk.home.preferences.current.system_prompt == "Answer in rhyme."


def test_models_and_devices_of_this_machine_can_be_chosen(desk: Any, page: SettingsPage) -> None:
    def offered(name: str) -> list[str]:
        control = row(page, name).control
        assert isinstance(control, DropDown)
        return [control.itemText(place) for place in range(control.count())]

    desk.idle()
    assert offered("language_model") == ["Automatic", "Small"]
    assert offered("microphone") == ["As the system", "Built-in microphone", "Headset"]
    control = row(page, "microphone").control
    control.setCurrentIndex(2)
    control.activated.emit(2)
    assert desk.home.preferences.current.microphone == "mic-2"


def test_a_device_that_is_gone_stays_chosen_and_says_so(open_desk: Any, home: Any) -> None:
    home.preferences.change(speaker="out-9")
    desk = open_desk()
    desk.run("page.settings")
    desk.idle()
    control = row(desk.window.findChild(SettingsPage), "speaker").control
    assert control.currentText() == "out-9 (not there)"
    assert home.preferences.current.speaker == "out-9"


def test_reset_brings_the_default_back(desk: Any, page: SettingsPage) -> None:
    one = row(page, "temperature")
    assert one._reset.isHidden()
    desk.home.preferences.change(temperature=1.5)
    assert one._reset.isVisible()
    one._reset.click()
    assert desk.home.preferences.current.temperature == 0.7
    assert one._reset.isHidden()


def test_the_search_leaves_what_fits(page: SettingsPage) -> None:
    QTest.keyClicks(page.search, "micro")
    assert [one.row.name for one in page.rows if one.isVisible()] == ["microphone", "talk_key"]
    page.search.setText("voice read")
    assert {one.row.name for one in page.rows if one.isVisible()} >= {"voice_model", "read_aloud"}
    page.search.setText("zebra")
    assert page._nothing.isVisible()


def test_escape_leads_back_to_the_conversation(desk: Any, page: SettingsPage) -> None:
    QTest.keyClick(page.search, Qt.Key.Key_Escape)
    assert desk.window.workspace.chat.isVisible()
    assert desk.window.workspace.chat.composer.text.hasFocus()


def test_segments_are_one_stop_and_arrows_move(desk: Any, page: SettingsPage) -> None:
    control = row(page, "motion").control
    assert isinstance(control, Segments)
    reduced = segment(page, "motion", "Reduced")
    assert [
        one.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
        for one in (segment(page, "motion", "Full"), reduced)
    ] == [False, True]
    reduced.setFocus()
    QTest.keyClick(reduced, Qt.Key.Key_Left)
    assert desk.home.preferences.current.motion == "full"
    assert segment(page, "motion", "Full").hasFocus()


def test_what_cannot_be_saved_is_said_and_taken_back(
    desk: Any, page: SettingsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**values: object) -> None:
        raise EnvironmentProblem("settings.not_saved", "The settings could not be saved.", remedy="Free some space.")

    monkeypatch.setattr(desk.home.preferences, "change", refuse)
    row(page, "read_aloud").control.click()
    assert desk.window.workspace.notices.shown[0].key == "settings.not_saved"
    assert not row(page, "read_aloud").control.isChecked()


@pytest.mark.parametrize(("width", "scale"), [(1180, 100), (1024, 200), (800, 200), (430, 100)])
def test_nothing_is_cut_off(open_desk: Any, home: Any, width: int, scale: int) -> None:
    home.preferences.change(text_scale=scale)
    desk = open_desk(width=width, height=700)
    desk.run("page.settings")
    page = desk.window.findChild(SettingsPage)
    desk.wait(lambda: page.area.widget().width() <= page.area.viewport().width())
    for one in page.rows:
        right = one.control.mapTo(page.area.widget(), one.control.rect().bottomRight()).x()
        assert right <= page.area.viewport().width(), one.row.name
        assert one.control.width() >= min(one.control.minimumSizeHint().width(), 100), one.row.name


def test_a_change_from_another_thread_arrives_on_the_gui_thread(desk: Any, page: SettingsPage) -> None:
    """As when the model library gives up a choice."""
    import threading

    thread = threading.Thread(target=lambda: desk.home.preferences.change(theme="dark", temperature=1.2))
    thread.start()
    thread.join()
    desk.wait(lambda: desk.window.theme.dark and row(page, "temperature").control.spin.value() == 1.2)


def test_what_a_setting_costs_here_stands_beside_it(desk: Any, page: SettingsPage) -> None:
    desk.idle()
    layers, context = row(page, "gpu_layers"), row(page, "context_tokens")
    assert not layers.control.isEnabled() and "processor" in layers.control.accessibleDescription()
    assert "160 MB in all" in context.control.accessibleDescription()
    assert "2 cores" in row(page, "threads").control.accessibleDescription()
    assert layers.control.spin.text() == "Automatic"


def test_other_programs_are_let_in_and_shut_out(desk: Any, page: SettingsPage) -> None:
    panel, header = page.other_programs, desk.window.workspace.header
    assert panel.state.text() == "Off: nothing listens." and header.findChildren(QToolButton)[2].isHidden()
    row(page, "endpoint").control.click()
    desk.wait(lambda: "http://127.0.0.1:11435/v1" in panel.state.text())
    assert not header.findChildren(QToolButton)[2].isHidden()
    programs = desk.home.services.other_programs
    assert programs.token() not in panel.token.text()
    panel.show_button.click()
    assert panel.token.text() == programs.token()
    panel.renew.click()
    assert panel.token.text() == programs.token()
    row(page, "endpoint").control.click()
    desk.wait(lambda: panel.state.text() == "Off: nothing listens.")


def test_a_taken_port_is_said_and_the_switch_goes_back(
    desk: Any, page: SettingsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Port, "taken", 11435)
    row(page, "endpoint").control.click()
    desk.wait(lambda: any(each.key == "endpoint.port" for each in desk.window.workspace.notices.shown))
    desk.wait(lambda: not desk.home.preferences.current.endpoint)
