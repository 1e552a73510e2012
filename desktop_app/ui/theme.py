"""How everything looks: colours, type, spacing and icons from the tokens, and the style sheet made of them.

A theme is one scheme at one text size. Who chooses both is `ui/appearance.py`'s business; whoever paints asks here
and repaints on `changed`.
"""

from __future__ import annotations

import re
from typing import Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from desktop_app.paths import resources
from desktop_app.ui.fonts import load_fonts
from desktop_app.ui.icons import icon
from desktop_app.ui.tokens import Tokens, load_tokens

Scheme = Literal["light", "dark", "high_contrast"]
FontRole = Literal["body", "strong", "label", "small", "caption", "heading", "title", "mono"]

_CALL = re.compile(r"@(space|radius|font|weight|family)\(([\w.]+)\)")
_COLOUR = re.compile(r"@(\w+)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ROLES = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "sunken",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "danger",
    QPalette.ColorRole.Highlight: "selection",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.PlaceholderText: "text_muted",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Mid: "border",
    QPalette.ColorRole.Dark: "border_strong",
}


class Theme(QObject):
    """One scheme at one text size. `changed` follows every change of either, after it is on the application."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None, *, tokens: Tokens | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens or load_tokens()
        self._app: QApplication | None = None
        self.scheme: Scheme = "light"
        self.scale = 100
        self.reduced_motion = False

    @property
    def dark(self) -> bool:
        return self.scheme != "light"

    @property
    def high_contrast(self) -> bool:
        return self.scheme == "high_contrast"

    def use(self, scheme: Scheme, *, scale: int = 100, reduced_motion: bool = False) -> None:
        """Change the look; `scale` in per cent. Nothing happens when it is this already."""
        before = self.scheme, self.scale
        self.scheme, self.scale, self.reduced_motion = scheme, scale, reduced_motion
        if before != (scheme, scale):
            if self._app is not None:
                self._dress(self._app)
            self.changed.emit()

    def apply(self, app: QApplication) -> None:
        """Put the look on the application, now and whenever it changes."""
        self._app = app
        load_fonts()
        app.setStyle("Fusion")
        self._dress(app)

    def colour(self, token: str) -> QColor:
        """Raises KeyError for an unknown token."""
        return QColor(self._tokens.schemes[self.scheme][token])

    def space(self, steps: float) -> int:
        """So many steps of the grid, in pixels at the present text size."""
        return round(steps * self._tokens.unit * self._spread)

    def radius(self, name: str) -> int:
        return round(self._tokens.radii[name] * self._spread)

    def font(self, role: FontRole) -> QFont:
        look = self._tokens.type_roles[role]
        made = QFont([look.family, *_FALLBACKS.get(role, ("Noto Sans", "DejaVu Sans"))])
        made.setPixelSize(self._pixels(role))
        made.setWeight(QFont.Weight(look.weight))
        if role == "mono":
            made.setStyleHint(QFont.StyleHint.Monospace)
        if look.size >= _TIGHT_FROM:
            made.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 98.5)
        return made

    def icon(self, name: str, token: str = "text_muted") -> QIcon:
        """A Phosphor icon by its name ("copy", "gear-six"). Raises KeyError."""
        return icon(name, self.colour(token), self.colour("border_strong"))

    def icon_size(self, steps: float = 5) -> int:
        """Side of an icon in pixels: grows with the text, and so is never the small thing in a large button."""
        return round(steps * self._tokens.unit * self.scale / 100)

    def sheet(self, template: str) -> str:
        """A style sheet template with its `@token`, `@space(n)`, `@radius(name)`, `@font(role)` filled in."""
        bare = _COMMENT.sub("", template)
        called = _CALL.sub(lambda found: self._measure(found[1], found[2]), bare)
        colours = self._tokens.schemes[self.scheme]
        return _COLOUR.sub(lambda found: colours[found[1]], called)

    @property
    def _spread(self) -> float:
        """Distances grow half as fast as the text: at 200 % the window still holds a line of reading length."""
        return (100 + (self.scale - 100) * 0.5) / 100

    def _pixels(self, role: str) -> int:
        return round(self._tokens.type_roles[role].size * self.scale / 100)

    def _measure(self, what: str, argument: str) -> str:
        if what == "space":
            return f"{self.space(float(argument))}px"
        if what == "radius":
            return f"{self.radius(argument)}px"
        look = self._tokens.type_roles[argument]
        return {"font": f"{self._pixels(argument)}px", "weight": str(look.weight), "family": f'"{look.family}"'}[what]

    def _dress(self, app: QApplication) -> None:
        app.setPalette(self._palette())
        app.setFont(self.font("body"))
        sheets = sorted((resources() / "qss").glob("*.qss"), key=lambda path: path.name == "app.qss")
        app.setStyleSheet(self.sheet("\n".join(path.read_text(encoding="utf-8") for path in sheets)))

    def _palette(self) -> QPalette:
        palette = QPalette()
        for role, token in _ROLES.items():
            palette.setColor(role, self.colour(token))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("text_muted"))
        return palette


_TIGHT_FROM = 18
_FALLBACKS: dict[str, tuple[str, ...]] = {"mono": ("DejaVu Sans Mono", "Consolas", "Menlo", "monospace")}
