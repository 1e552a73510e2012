"""A number by slider or by typing; both always show the same."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QSpinBox, QWidget

from desktop_app.settings import Option
from desktop_app.ui.theme import Theme
from desktop_app.ui.widgets import follow, spaced

SPIN_STEPS = 26


class NumberControl(QWidget):
    """The slider speaks when it is let go, so that what it changes does not move under the pointer."""

    chosen = Signal(object)

    def __init__(self, option: Option, whole: bool, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low = option.minimum or 0
        self._step = option.step or 1
        self._whole = whole
        self.slider = _Slider(Qt.Orientation.Horizontal, self)
        self.slider.setAccessibleName(option.title)
        self.slider.setTracking(False)
        self.slider.setRange(0, round(((option.maximum or 0) - self._low) / self._step))
        self.slider.setPageStep(max(1, self.slider.maximum() // 8))
        self.spin = _spin(option, whole, self)
        row = QHBoxLayout(self)
        spaced(row, theme, spacing=3)
        row.addWidget(self.slider, 1)
        row.addWidget(self.spin)
        follow(theme, self, lambda: self.spin.setFixedWidth(theme.space(SPIN_STEPS)))
        self.slider.sliderMoved.connect(lambda place: self._show_in_spin(self._value(place)))
        self.slider.valueChanged.connect(lambda place: self.chosen.emit(self._value(place)))
        self.spin.editingFinished.connect(lambda: self.chosen.emit(self.spin.value()))

    def show_value(self, value: float) -> None:
        self._show_in_spin(value)
        self.slider.blockSignals(True)
        self.slider.setValue(round((value - self._low) / self._step))
        self.slider.blockSignals(False)

    def _value(self, place: int) -> float:
        value = self._low + place * self._step
        return int(value) if self._whole else round(value, 3)

    def _show_in_spin(self, value: float) -> None:
        self.spin.blockSignals(True)
        self.spin.setValue(value)  # type: ignore[arg-type]
        self.spin.blockSignals(False)


class _Slider(QSlider):
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _WholeSpin(QSpinBox):
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _FractionSpin(QDoubleSpinBox):
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def _spin(option: Option, whole: bool, parent: QWidget) -> QSpinBox | QDoubleSpinBox:
    made: QSpinBox | QDoubleSpinBox = _WholeSpin(parent) if whole else _FractionSpin(parent)
    made.setRange(option.minimum or 0, option.maximum or 0)  # type: ignore[arg-type]
    made.setSingleStep(option.step or 1)  # type: ignore[arg-type]
    if isinstance(made, QDoubleSpinBox):
        made.setDecimals(1)
    made.setSuffix(option.unit if option.unit in ("", "%") else f" {option.unit}")
    made.setSpecialValueText(option.least)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setAccessibleName(option.title)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setKeyboardTracking(False)
    return made
