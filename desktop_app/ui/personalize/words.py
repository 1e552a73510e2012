"""The words of the Personalize page for states, stages and numbers."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from desktop_app.domain.adapters import Adapter, AdapterEvent
from desktop_app.domain.personalizing import Preview, StageProgress
from desktop_app.services.blind import Result
from desktop_app.ui.personalize.presenter import PageState


def name_of(adapter: Adapter) -> str:
    """Adapters have no names: the day and the hour of their making tell them apart."""
    return _tr("Adapter of {day}").format(day=_day(adapter.created_at))


def state_of(adapter: Adapter) -> str:
    return {
        "candidate": _tr("not judged yet"),
        "rejected": _tr("did not pass"),
        "offered": _tr("passed, not used yet"),
        "active": _tr("in use"),
        "resting": _tr("not in use"),
        "stale": _tr("learned from feedback that was taken back"),
        "removed": _tr("removed"),
    }[adapter.state]


def learned(state: PageState) -> str:
    """What is in force now, in a sentence."""
    many = _tr("{count} rules are followed.").format(count=state.rules)
    rules = {0: "", 1: _tr("One rule is followed.")}.get(state.rules, many)
    if state.active is None:
        return f"{_tr('No adapter is in use: the model answers as it came.')} {rules}".strip()
    sentence = _tr("{name} is in use. It learned from {count} ratings.")
    used = sentence.format(name=name_of(state.active), count=len(state.active.lineage.learned_from))
    return f"{used} {rules}".strip()


def plan(preview: Preview) -> str:
    """What would be used, and how long it takes: "12 ratings, 3 edits, about 4 minutes"."""
    names = {
        "rating": _tr("{n} ratings"),
        "edit": _tr("{n} edits"),
        "pick": _tr("{n} picks"),
        "signal": _tr("{n} signals"),
        "teacher": _tr("{n} answers of a larger model"),
    }
    one = {"rating": _tr("1 rating"), "edit": _tr("1 edit"), "pick": _tr("1 pick"), "signal": _tr("1 signal")}
    one["teacher"] = _tr("1 answer of a larger model")
    parts = [
        one[source] if preview.counts[source] == 1 else names[source].format(n=preview.counts[source])
        for source in names
        if preview.counts.get(source)
    ]
    minutes = max(1, round(preview.seconds / 60))
    parts.append(_tr("about 1 minute") if minutes == 1 else _tr("about {n} minutes").format(n=minutes))
    return ", ".join(parts)


def split(preview: Preview) -> str:
    sentence = _tr(
        "{train} are learned from; the {held_out} newest only judge, so that luck is not taken for learning."
    )
    return sentence.format(train=preview.train, held_out=preview.held_out)


def missing(preview: Preview) -> str:
    ready = preview.readiness
    if ready.missing:
        return _tr("{n} more rated answers are needed.").format(n=ready.missing)
    if ready.missing_liked:
        return _tr("{n} more liked answers are needed: without both kinds there is nothing to tell apart.").format(
            n=ready.missing_liked
        )
    if ready.missing_disliked:
        return _tr("{n} more disliked answers are needed: without both kinds there is nothing to tell apart.").format(
            n=ready.missing_disliked
        )
    return ""


def stage(event: StageProgress) -> str:
    names = {
        "dataset": _tr("Choosing what to learn from"),
        "cache": _tr("Preparing the model"),
        "train": _tr("Learning"),
        "export": _tr("Writing the adapter"),
        "gate": _tr("Judging"),
        "done": _tr("Done"),
    }
    name = names[event.stage]
    return f"{name}: {event.words}" if event.stage == "gate" and event.words else name


def left(seconds: float) -> str:
    """Rounded up honestly: what is not known is not said."""
    if seconds < 0:
        return ""
    if seconds < 60:
        return _tr("less than a minute left")
    return _tr("about {n} minutes left").format(n=round(seconds / 60) or 1)


def verdict_words(passed: bool, not_run: bool) -> str:
    if passed:
        return _tr("Passed. You can use it now, or compare it blind first.")
    if not_run:
        return _tr("No update. What failed is said below; the rest was not run any more. Nothing has changed.")
    return _tr("No update. What failed is said below. Nothing has changed.")


def standing(result: Result) -> str:
    counted = _tr("Votes so far: {with_it} for the adapter, {without} for the model, {ties} equal.").format(
        with_it=result.tally.candidate, without=result.tally.base, ties=result.tally.ties
    )
    ending = {
        "going_on": _tr("Still uncertain."),
        "candidate_better": _tr("The adapter is better: it is in use now."),
        "base_better": _tr("The model alone is better: the adapter is not used."),
        "no_evidence": _tr("No evidence after so many votes: the model stays as it is."),
    }[result.standing]
    return f"{counted} {ending}"


def happened(event: AdapterEvent) -> str:
    """One line of the timeline."""
    words = {
        "passed": _tr("passed its checks"),
        "failed": _tr("did not pass its checks"),
        "chosen": _tr("put into use"),
        "won": _tr("won the blind comparison"),
        "off": _tr("put out of use"),
        "replaced": _tr("replaced by another one"),
        "rolled back": _tr("rolled back"),
        "rolled back to": _tr("in use again"),
        "withdrawn": _tr("gone with the feedback it learned from"),
        "start failed": _tr("out of use: the last start with it failed"),
        "ratings turned against it": _tr("out of use: you liked its answers less"),
        "removed": _tr("removed"),
        "imported": _tr("imported"),
        "begun": _tr("begun"),
        "cancelled": _tr("cancelled"),
        "base_better": _tr("lost the blind comparison"),
        "no_evidence": _tr("the blind comparison gave no evidence"),
    }
    return f"{_day(event.at)}: {words.get(event.reason, event.reason)}"


def _day(at: float) -> str:
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(at)), QLocale.FormatType.ShortFormat)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Personalize", text)
