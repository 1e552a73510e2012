"""Which part of the window a widget belongs to, in the words of the registry."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop_app.ui.page import Page

SURFACES = {
    "TalkView": "talk",
    "Composer": "composer",
    "ChatView": "conversation",
    "Sidebar": "sidebar",
    "Header": "header",
    "Palette": "palette",
    "Shortcuts": "shortcuts",
    "Onboarding": "welcome",
    "Notices": "notice",
}


def surface_of(widget: QWidget | None, page: str) -> str:
    """`page` is the one that is shown, for whatever stands on it."""
    while widget is not None:
        if isinstance(widget, Page):
            return page
        if (found := SURFACES.get(type(widget).__name__)) is not None:
            return found
        widget = widget.parentWidget()
    return "other"
