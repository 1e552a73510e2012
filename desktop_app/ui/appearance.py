"""Chooses the theme's look: what the person set, else what the system says about colours, contrast and motion."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QStyleHints
from PySide6.QtWidgets import QApplication

from desktop_app.settings import Settings
from desktop_app.ui.theme import Scheme, Theme

if TYPE_CHECKING:
    from desktop_app.services.preferences import Preferences

_SCHEMES: dict[str, Scheme] = {"light": "light", "dark": "dark", "high_contrast": "high_contrast"}


class Appearance(QObject):
    """Dresses the application and follows preferences and system from then on, until `stop`.

    Make it before the first widget. With `scheme` the colours stay what they are.
    """

    _told = Signal()  # a change may come from any thread

    def __init__(
        self, preferences: Preferences, theme: Theme, app: QApplication, *, scheme: Scheme | None = None
    ) -> None:
        super().__init__()
        self._scheme = scheme
        self._preferences = preferences
        self._theme = theme
        self._told.connect(self.refresh)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self.refresh)
        hints.accessibility().contrastPreferenceChanged.connect(self.refresh)
        hints.accessibility().motionPreferenceChanged.connect(self.refresh)
        self.stop: Callable[[], None] = preferences.watch(lambda _settings: self._told.emit())
        self.refresh()
        theme.apply(app)

    def refresh(self) -> None:
        settings, hints = self._preferences.current, QGuiApplication.styleHints()
        self._theme.use(
            self._scheme or scheme_for(settings, hints),
            scale=settings.text_scale,
            reduced_motion=reduced_motion_for(settings, hints),
        )


def scheme_for(settings: Settings, hints: QStyleHints) -> Scheme:
    chosen = _SCHEMES.get(settings.theme)
    if chosen is not None:
        return chosen
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return "high_contrast"
    return "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"


def reduced_motion_for(settings: Settings, hints: QStyleHints) -> bool:
    if settings.motion == "system":
        return hints.accessibility().motionPreference() == Qt.MotionPreference.ReducedMotion
    return settings.motion == "reduced"
