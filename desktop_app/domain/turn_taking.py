"""Who has the floor: a pure state machine from what happens to what is to be done. It has no clock of its own.

The state is in `turn_taking_state`, inputs, actions and durations in `turn_taking_values`; `turn_ends` reads the words.
"""

from __future__ import annotations

from dataclasses import replace

from desktop_app.domain.turn_ends import is_backchannel, is_echo, wait_s
from desktop_app.domain.turn_taking_state import Part, Talk, Turn
from desktop_app.domain.turn_taking_values import (
    Action,
    AnswerBegan,
    AnswerEnded,
    AnswerFailed,
    AskFinal,
    AskPartial,
    BeginTurn,
    BlockHeard,
    DropFinal,
    DropTurn,
    FinalHeard,
    Hush,
    Input,
    Left,
    Muted,
    PartialHeard,
    PauseSpeaker,
    Phase,
    ResumeSpeaker,
    SendTurn,
    SentenceBegan,
    SentencePlayed,
    ShowPhase,
    Silenced,
    StopAnswer,
    TimePassed,
    Timing,
    Unhush,
    Unmuted,
)

Step = tuple[Talk, tuple[Action, ...]]


def step(state: Talk, happened: Input, timing: Timing) -> Step:
    """What is to be done, in this order, and the state after it. A changed phase is shown last."""
    talk, actions = _happened(state, happened, timing)
    if (talk.phase, talk.muted) == (state.phase, state.muted):
        return talk, actions
    return talk, (*actions, ShowPhase(phase=talk.phase, muted=talk.muted))


def _happened(talk: Talk, happened: Input, timing: Timing) -> Step:
    match happened:
        case BlockHeard():
            return _heard(talk, happened, timing)
        case TimePassed(at=at):
            return _heard(talk, BlockHeard(at=at, speech=False), timing)
        case PartialHeard():
            return _partial(talk, happened, timing)
        case FinalHeard():
            return _final(talk, happened, timing)
        case AnswerBegan():
            begun = replace(talk, phase="answering", alarmed=False)
            return (begun if talk.phase == "thinking" else talk), ()
        case SentenceBegan(text=text) | SentencePlayed(text=text):
            known = text in talk.own or talk.phase not in ("thinking", "answering", "interrupted")
            return (talk if known else replace(talk, own=(*talk.own, text)[-2:])), ()
        case AnswerEnded() | AnswerFailed():
            return _answer_over(talk)
        case Muted():
            phase: Phase = "quiet" if talk.phase == "starting" else talk.phase
            return replace(talk, muted=True, ear=talk.ear.deaf(), phase=phase), ()
        case Unmuted():
            return replace(talk, muted=False), ()
        case Silenced():
            return _silenced(talk)
        case Left():
            return _left(talk)


def _heard(talk: Talk, block: BlockHeard, timing: Timing) -> Step:
    if talk.muted:
        block = replace(block, speech=False)
    return _look(replace(talk, ear=talk.ear.heard(block, timing.stop_s)), block.at, timing)


def _look(talk: Talk, at: float, timing: Timing) -> Step:
    """What follows from what the ear heard until now."""
    starts = talk.ear.speech_s >= timing.start_s
    match talk.phase:
        case "quiet" | "starting":
            if starts:
                return _begin(talk, timing)
            return replace(talk, phase="starting" if talk.ear.open else "quiet"), ()
        case "speaking":
            return _speaking(talk, at, timing)
        case "stopping" | "transcribing":
            return _go_on(talk, "speaking") if starts else _end(talk, at, timing)
        case "thinking":
            return _take_back(talk, timing) if starts else (talk, ())
        case "answering":
            return _answering(talk, at, timing)
        case "interrupted":
            return _interrupted(talk, at, timing)


def _begin(talk: Talk, timing: Timing, *, carried: str = "") -> Step:
    ear = talk.ear
    turn = Turn(from_s=ear.began_s - timing.pre_roll_s, before=talk.asked, partial_at=ear.last_s, carried=carried)
    return replace(talk, phase="speaking", turn=turn), (BeginTurn(from_s=turn.from_s),)


def _begin_over(talk: Talk, at: float, timing: Timing) -> Step:
    """Over the answer, where speech is found late and may be none."""
    first_s = talk.ear.first_s(timing.window_s)
    turn = Turn(
        from_s=first_s - timing.over_pre_roll_s,
        before=talk.asked,
        partial_at=at - timing.partial_every_s,
        over=True,
        doubtful=True,
    )
    begun = BeginTurn(from_s=turn.from_s, clear_s=first_s - timing.pre_roll_s)
    return replace(talk, phase="interrupted", turn=turn), (begun,)


def _take_back(talk: Talk, timing: Timing) -> Step:
    """The person had not finished: the question that is being thought about becomes the head of this turn."""
    pause_s = talk.ear.began_s - talk.stopped_s
    pauses = talk.pauses.with_pause(pause_s) if pause_s <= timing.most_wait_s else talk.pauses
    taken, actions = _begin(replace(talk, pauses=pauses), timing, carried=talk.sent)
    return taken, (StopAnswer(), *actions)


def _speaking(talk: Talk, at: float, timing: Timing) -> Step:
    turn = _open(talk)
    if not talk.ear.open:
        return _ask_final(replace(talk, phase="stopping"), at)
    if at - turn.from_s >= timing.longest_s:
        return _cut(talk, at, timing)
    return _ask_partial(talk, at, timing)


def _ask_partial(talk: Talk, at: float, timing: Timing) -> Step:
    turn, number = _open(talk), talk.asked + 1
    if at - turn.partial_at < timing.partial_every_s:
        return talk, ()
    asked = replace(talk, asked=number, turn=replace(turn, partial_at=at))
    return asked, (AskPartial(number=number, from_s=turn.from_s, to_s=at),)


def _ask_final(talk: Talk, at: float) -> Step:
    """At the first pause, before it is known whether the turn is over."""
    turn, number = _open(talk), talk.asked + 1
    turn = replace(turn, final=Part(number=number))
    asked = replace(talk, asked=number, turn=turn, stopped_s=talk.ear.last_s)
    return asked, (AskFinal(number=number, from_s=turn.from_s, to_s=at),)


def _cut(talk: Talk, at: float, timing: Timing) -> Step:
    """Transcribe what there is of an endless turn, up to its last small pause if that is not long ago."""
    turn, number = _open(talk), talk.asked + 1
    cut_s = talk.ear.gap_s if talk.ear.gap_s > turn.from_s + timing.longest_s / 2 else at
    rest = replace(turn, from_s=cut_s, before=number, partial=None, parts=(*turn.parts, Part(number=number)))
    return replace(talk, asked=number, turn=rest), (AskFinal(number=number, from_s=turn.from_s, to_s=cut_s),)


def _go_on(talk: Talk, phase: Phase) -> Step:
    """It was a pause, not the end. One made over our answer tells nothing about the person's own pauses."""
    turn, pauses = replace(_open(talk), doubtful=phase == "interrupted"), talk.pauses
    if phase == "speaking":
        pauses = pauses.with_pause(talk.ear.began_s - talk.stopped_s)
    on = replace(talk, phase=phase, pauses=pauses, turn=replace(turn, final=None, stops=False))
    return on, (DropFinal(number=turn.final.number),) if turn.final else ()


def _end(talk: Talk, at: float, timing: Timing) -> Step:
    """Send the turn when the silence is long enough for what was said and the transcript is there."""
    turn = _open(talk)
    if talk.ear.open:
        return talk, ()
    least, most = timing.least_wait_s, timing.least_wait_s if turn.parts else timing.most_wait_s
    wait = wait_s(turn.said, talk.pauses, least_s=least, most_s=most, language=talk.language)
    if at - talk.stopped_s < wait:
        return replace(talk, phase="stopping"), ()
    if not turn.complete:
        return replace(talk, phase="transcribing"), ()
    unmeant = turn.doubtful and not _is_meant(talk, turn.said)
    if not turn.said or unmeant or (turn.over and turn.stops):
        return replace(talk, phase="quiet", turn=None), (DropTurn(),)
    return replace(talk, phase="thinking", turn=None, sent=turn.said, own=()), (SendTurn(text=turn.said),)


def _answering(talk: Talk, at: float, timing: Timing) -> Step:
    recent_s = talk.ear.recent_s(timing.window_s)
    hushed_long = talk.hushed_s is not None and at - talk.hushed_s >= timing.hush_most_s
    if recent_s >= timing.pause_s[talk.wary] or (hushed_long and talk.ear.open):
        return _pause(talk, at, timing)
    if talk.turn and talk.turn.complete:
        return _decide(talk, at, timing)
    if talk.hushed_s is None and recent_s >= timing.hush_s[talk.wary]:
        return replace(talk, hushed_s=at), (Hush(),)
    if talk.hushed_s is not None and not talk.ear.open:
        return replace(talk.warier(timing), hushed_s=None), (Unhush(),)
    return talk, ()


def _pause(talk: Talk, at: float, timing: Timing) -> Step:
    """Sound off. What an earlier interruption left to be transcribed is taken together with this one."""
    paused = replace(talk, hushed_s=None)
    on, actions = _go_on(paused, "interrupted") if talk.turn else _begin_over(paused, at, timing)
    return on, (PauseSpeaker(), *actions)


def _interrupted(talk: Talk, at: float, timing: Timing) -> Step:
    """The sound is off; now find out whether the person wants the floor."""
    turn, ear = _open(talk), talk.ear
    if turn.final is None:
        return _floor_asked_for(talk, at, timing) if ear.open else _ask_final(talk, at)
    if ear.speech_s >= timing.start_s:
        return _go_on(talk, "interrupted")
    if ear.open:
        return talk, ()
    if turn.complete:
        return _decide(talk, at, timing)
    if at - talk.stopped_s >= timing.resume_s and not _is_meant(talk, turn.said):
        return replace(talk.warier(timing), phase="answering", ear=talk.ear.deaf()), (ResumeSpeaker(),)
    return talk, ()


def _floor_asked_for(talk: Talk, at: float, timing: Timing) -> Step:
    """While the person speaks into the silence that we made."""
    turn, spoken_s = _open(talk), talk.ear.speech_s
    unknown_too_long = turn.partial is None and spoken_s >= timing.surely_s
    if unknown_too_long or at - turn.from_s >= timing.longest_s:
        return _stop(talk, "speaking")
    if turn.partial and turn.stops:
        return _stop(talk, "speaking")
    if spoken_s < timing.confirm_s:
        return talk, ()
    return _stop(talk, "speaking") if _is_meant(talk, turn.said) else _ask_partial(talk, at, timing)


def _decide(talk: Talk, at: float, timing: Timing) -> Step:
    """The words said over the answer are known."""
    turn = _open(talk)
    if not turn.stops and not _is_meant(talk, turn.said):
        return _resume(talk, timing)
    stopped, actions = _stop(talk, "stopping")
    ended, more = _end(stopped, at, timing)
    return ended, (*actions, *more)


def _resume(talk: Talk, timing: Timing) -> Step:
    """Who only nods is heard the next time as well; what had no words, or our own, makes us wary."""
    if talk.phase == "answering":
        return replace(talk, turn=None), (DropTurn(),)
    nodded = is_backchannel(_open(talk).said) and bool(_open(talk).said)
    known = talk if nodded else talk.warier(timing)
    return replace(known, phase="answering", turn=None, ear=talk.ear.deaf()), (DropTurn(), ResumeSpeaker())


def _stop(talk: Talk, phase: Phase) -> Step:
    stopped = replace(talk.calmer(), phase=phase, hushed_s=None, turn=replace(_open(talk), doubtful=False))
    return stopped, (StopAnswer(),)


def _is_meant(talk: Talk, said: str) -> bool:
    """Whether these words want the floor: not silence, not "mhm", not our own voice from the speaker."""
    asking = bool(talk.own) and talk.own[-1].rstrip().endswith("?")
    return bool(said) and not is_backchannel(said, asking=asking) and not is_echo(said, talk.own)


def _partial(talk: Talk, heard: PartialHeard, timing: Timing) -> Step:
    if talk.turn is None or heard.number <= talk.turn.before:
        return talk, ()
    turn = replace(talk.turn, partial=heard.text, stops=heard.stops and not talk.turn.parts)
    known = replace(talk, turn=turn, language=heard.language)
    return _interrupted(known, heard.at, timing) if talk.phase == "interrupted" else (known, ())


def _final(talk: Talk, heard: FinalHeard, timing: Timing) -> Step:
    if talk.turn is None:
        return talk, ()
    turn = talk.turn.answered(heard.number, heard.text, stops=heard.stops)
    if turn == talk.turn:
        return talk, ()
    return _look(replace(talk, turn=turn, language=heard.language), heard.at, timing)


def _answer_over(talk: Talk) -> Step:
    """A pause over the last word leaves nothing to resume: what the person says is a turn like any other."""
    silent = talk.phase == "interrupted" or talk.hushed_s is not None
    actions = (Unhush(),) if silent else ()
    if talk.phase == "interrupted":
        turn = replace(_open(talk), doubtful=False)
        return replace(talk, phase="stopping" if turn.final else "speaking", turn=turn), actions
    if talk.phase in ("thinking", "answering"):
        calm = talk if talk.alarmed else talk.calmer()
        return replace(calm, phase="transcribing" if talk.turn else "quiet", hushed_s=None), actions
    return talk, ()


def _silenced(talk: Talk) -> Step:
    """The answer ends; what the person is saying over it goes on as a turn of their own."""
    if talk.phase not in ("thinking", "answering", "interrupted"):
        return talk, ()
    over, _ = _answer_over(talk)
    return over, (StopAnswer(),)


def _left(talk: Talk) -> Step:
    actions: list[Action] = []
    if talk.phase in ("thinking", "answering", "interrupted"):
        actions.append(StopAnswer())
    if talk.turn:
        parts = (*talk.turn.parts, talk.turn.final)
        actions += [DropFinal(number=part.number) for part in parts if part and part.text is None]
        actions.append(DropTurn())
    return Talk(pauses=talk.pauses, muted=talk.muted, asked=talk.asked, ear=talk.ear.deaf()), tuple(actions)


def _open(talk: Talk) -> Turn:
    assert talk.turn is not None, talk.phase
    return talk.turn
