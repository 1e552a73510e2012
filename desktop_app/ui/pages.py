"""Every page beside the conversation, once: the window makes actions, palette entries and the pages from this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_app.ui.actions import Action
from desktop_app.ui.page import Page, PageTools

MakePage = Callable[[PageTools, QWidget], Page]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEntry:
    """`make` imports the page itself, so that only those who open it pay for it. The action is `page.ID`."""

    id: str
    title: str
    icon: str
    make: MakePage
    shortcut: str = ""


def pages() -> tuple[PageEntry, ...]:
    """In the order in which they are offered."""
    return (
        PageEntry(id="ratings", title=_tr("Ratings"), icon="star", make=_ratings),
        PageEntry(id="learned", title=_tr("What I learned"), icon="graduation-cap", make=_learned),
        PageEntry(id="personalize", title=_tr("Personalize"), icon="sliders-horizontal", make=_personalize),
        PageEntry(id="settings", title=_tr("Settings"), icon="gear-six", shortcut="Ctrl+,", make=_settings),
        PageEntry(id="recordings", title=_tr("Recordings"), icon="record", make=_recordings),
        PageEntry(id="insights", title=_tr("Insights"), icon="chart-bar", make=_insights),
        PageEntry(id="usage", title=_tr("What is recorded"), icon="eye", make=_usage),
        PageEntry(id="models", title=_tr("Models"), icon="cube", make=_models),
        PageEntry(id="about", title=_tr("About Stonechat"), icon="info", make=_about),
    )


def page_actions(open_page: Callable[[str], None]) -> tuple[Action, ...]:
    """`open_page` takes a page's id."""
    return tuple(
        Action(
            id=f"page.{entry.id}",
            title=entry.title,
            icon=entry.icon,
            shortcut=entry.shortcut,
            group=_tr("Pages"),
            run=lambda entry=entry: open_page(entry.id),  # type: ignore[misc]
        )
        for entry in pages()
    )


def _ratings(tools: PageTools, parent: QWidget) -> Page:
    from desktop_app.ui.feedback.ratings_page import RatingsPage

    return RatingsPage(tools, parent)


def _learned(tools: PageTools, parent: QWidget) -> Page:
    from desktop_app.ui.feedback.learned_page import LearnedPage

    return LearnedPage(tools, parent)


def _models(tools: PageTools, parent: QWidget) -> Page:
    from desktop_app.ui.library.view import LibraryPage

    return LibraryPage(tools, parent)


def _settings(tools: PageTools, parent: QWidget) -> Page:
    from desktop_app.ui.preferences.view import SettingsPage

    return SettingsPage(tools, parent)


def _personalize(tools: PageTools, parent: QWidget) -> Page:
    from desktop_app.ui.personalize.view import PersonalizePage

    return PersonalizePage(tools, parent)


def _recordings(tools: PageTools, parent: QWidget) -> Page:
    from desktop_app.ui.recordings.view import RecordingsPage

    return RecordingsPage(tools, parent)


def _insights(tools: PageTools, parent: QWidget) -> Page:
    from desktop_app.ui.insights.view import InsightsPage

    return InsightsPage(tools, parent)


def _usage(tools: PageTools, parent: QWidget) -> Page:
    from desktop_app.ui.usage.view import UsagePage

    return UsagePage(tools, parent)


def _about(tools: PageTools, parent: QWidget) -> Page:
    from desktop_app.ui.about.view import AboutPage

    return AboutPage(tools, parent)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Pages", text)
