"""Who has the floor: scenes as they happen in a room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_app.domain.turn_taking_values import (
    AnswerBegan,
    AnswerEnded,
    AnswerFailed,
    AskFinal,
    AskPartial,
    BeginTurn,
    DropFinal,
    DropTurn,
    FinalHeard,
    Hush,
    Left,
    Muted,
    PartialHeard,
    PauseSpeaker,
    ResumeSpeaker,
    SendTurn,
    SentenceBegan,
    SentencePlayed,
    ShowPhase,
    StopAnswer,
    TimePassed,
    Unhush,
    Unmuted,
)
from tests.unit.turn_taking_kit import BLOCK_S, TIMING, Room


@pytest.fixture
def room() -> Room:
    return Room().silence(1)


@pytest.fixture
def answering(room: Room) -> Room:
    """A question was asked; the answer plays; nobody speaks. What was done so far is forgotten."""
    room.speech(1).silence(0.4).final("Tell me about Paris.").silence(0.4)
    room.happens(AnswerBegan)
    room.happens(SentenceBegan, text="Paris is the capital of France.")
    room.silence(1)
    assert room.phase == "answering"
    room.done.clear()
    return room


def test_a_question_is_heard_sent_and_answered(room: Room) -> None:
    room.speech(1).silence(0.32).final("What time is it?").silence(0.3)
    room.happens(AnswerBegan)
    room.happens(SentencePlayed, text="Five.")
    room.happens(AnswerEnded)
    assert room.sent == ["What time is it?"]
    shown = [show.phase for show in room.all(ShowPhase)]
    assert shown == ["starting", "speaking", "stopping", "thinking", "answering", "quiet"]


def test_the_first_word_is_kept_by_the_pre_roll(room: Room) -> None:
    onset = room.now
    room.speech(0.5)
    (begun,) = room.all(BeginTurn)
    assert begun.from_s == pytest.approx(onset - TIMING.pre_roll_s)
    assert room.when(BeginTurn)[0] - onset <= TIMING.start_s + BLOCK_S


def test_a_click_begins_no_turn(room: Room) -> None:
    room.speech(0.08).silence(1)
    assert room.phase == "quiet"
    assert [type(action) for _, action in room.done] == [ShowPhase, ShowPhase]


def test_the_final_transcript_is_asked_for_at_the_first_pause(room: Room) -> None:
    room.speech(1)
    stopped = room.now
    room.silence(0.2)
    (asked,) = room.all(AskFinal)
    assert asked.to_s - stopped == pytest.approx(TIMING.stop_s)
    assert asked.from_s == room.all(BeginTurn)[0].from_s


def test_a_finished_sentence_is_sent_after_the_least_wait(room: Room) -> None:
    room.speech(1)
    stopped = room.now
    room.silence(0.3).final("Tell me a joke.").silence(2)
    assert room.when(SendTurn)[0] - stopped == pytest.approx(TIMING.least_wait_s, abs=BLOCK_S)


def test_an_unfinished_sentence_is_given_time_and_no_more_than_the_most(room: Room) -> None:
    room.speech(1)
    stopped = room.now
    room.silence(0.3).final("I would like to, um").silence(1.5)
    assert room.phase == "stopping"
    room.silence(2)
    assert 1.9 < room.when(SendTurn)[0] - stopped <= TIMING.most_wait_s + BLOCK_S


def test_speech_that_goes_on_throws_the_transcript_away_and_asks_for_all_of_it(room: Room) -> None:
    room.speech(1).silence(0.4).speech(1).silence(0.3)
    first, second = room.all(AskFinal)
    assert room.all(DropFinal) == [DropFinal(number=first.number)]
    assert second.from_s == first.from_s
    room.final("Too late.", which=0).silence(0.4)
    assert not room.sent
    room.final("Tell me about Rome and Athens.")
    assert room.sent == ["Tell me about Rome and Athens."]
    assert room.talk.pauses.count == 1


def test_a_slow_transcript_is_waited_for_and_read_before_it_is_sent(room: Room) -> None:
    room.speech(1).silence(0.8)
    assert room.phase == "transcribing"
    room.final("What is the")
    assert room.phase == "stopping"
    room.speech(0.4).silence(0.3).final("What is the time?").silence(0.4)
    assert room.sent == ["What is the time?"]


def test_a_sound_at_the_very_end_of_the_wait_is_listened_to_first(room: Room) -> None:
    room.speech(1).silence(0.28).final("Tell me a joke.").silence(0.16).speech(0.08)
    assert not room.sent
    room.speech(0.4).silence(0.28).final("Tell me a joke about cats.").silence(0.4)
    assert room.sent == ["Tell me a joke about cats."]
    assert not room.all(StopAnswer)


def test_a_hole_in_the_sound_is_no_speech(room: Room) -> None:
    room.speech(0.08)
    room.now += 0.5
    room.speech(0.04).silence(0.4)
    assert not room.all(BeginTurn)


def test_partial_transcripts_are_asked_for_while_speaking_and_decide_the_wait(room: Room) -> None:
    room.speech(2)
    assert len(room.all(AskPartial)) == 3
    room.partial("and then").silence(1)
    assert room.phase == "stopping"


def test_nothing_trustworthy_was_heard(room: Room) -> None:
    room.speech(0.4).silence(0.3).final("").silence(0.4)
    assert room.phase == "quiet"
    assert room.all(DropTurn)
    assert not room.sent


def test_who_goes_on_talking_while_we_think_takes_the_turn_back(room: Room) -> None:
    room.speech(1).silence(0.3).final("Tell me a joke.").silence(0.3)
    assert room.phase == "thinking"
    room.speech(0.2)
    assert room.phase == "speaking"
    assert len(room.all(StopAnswer)) == 1
    room.speech(1).silence(0.3).final("About cats.").silence(0.3)
    assert room.sent == ["Tell me a joke.", "Tell me a joke. About cats."]
    assert room.talk.pauses.count == 1


def test_only_pauses_of_the_person_are_learned(room: Room) -> None:
    room.speech(1).silence(0.3).final("Tell me a joke.").silence(8).speech(0.4)
    assert room.phase == "speaking"
    assert room.talk.pauses.count == 0
    room.silence(0.4).speech(0.4)
    assert room.talk.pauses.count == 1


def test_a_noise_while_we_think_sends_the_same_question_again(room: Room) -> None:
    room.speech(1).silence(0.3).final("Tell me a joke.").silence(0.3)
    room.speech(0.2).silence(0.3).final("").silence(0.3)
    assert room.sent == ["Tell me a joke."] * 2
    assert room.phase == "thinking"


def test_an_interruption_silences_us_at_once_and_becomes_the_next_turn(answering: Room) -> None:
    onset = answering.now
    answering.speech(1.0).partial("Wait, what about")
    assert answering.when(Hush)[0] - onset == pytest.approx(0.08)
    assert answering.when(PauseSpeaker)[0] - onset <= TIMING.pause_s[0] + BLOCK_S
    (begun,) = answering.all(BeginTurn)
    assert begun.from_s == pytest.approx(onset - TIMING.over_pre_roll_s)
    assert begun.clear_s == pytest.approx(onset - TIMING.pre_roll_s)
    assert answering.phase == "speaking"
    answering.speech(0.5).silence(0.3).final("Wait, what about Rome?").silence(0.3)
    assert answering.sent == ["Wait, what about Rome?"]
    assert len(answering.all(StopAnswer)) == 1
    assert not answering.all(ResumeSpeaker)


def test_one_short_word_can_interrupt(answering: Room) -> None:
    answering.speech(0.32).silence(0.24).final("Stop.")
    assert answering.all(StopAnswer)
    answering.silence(0.4)
    assert answering.sent == ["Stop."]


@pytest.mark.parametrize("text", ["", "Mhm.", "Yeah, okay.", "Right.", "Capital of France."])
def test_a_cough_or_a_nod_or_our_own_echo_lets_us_go_on(answering: Room, text: str) -> None:
    answering.speech(0.6).silence(0.24).final(text).silence(1)
    kinds = [type(action) for _, action in answering.done if not isinstance(action, AskPartial | ShowPhase)]
    assert kinds == [Hush, PauseSpeaker, BeginTurn, AskFinal, DropTurn, ResumeSpeaker]
    assert answering.phase == "answering"


def test_yes_is_a_reply_when_we_just_asked(answering: Room) -> None:
    answering.happens(SentenceBegan, text="Shall I go on?")
    answering.speech(0.4).silence(0.24).final("Yes.").silence(0.4)
    assert answering.sent == ["Yes."]


def test_we_go_on_when_no_words_come_but_listen_to_late_ones(answering: Room) -> None:
    answering.speech(0.4)
    stopped = answering.now
    answering.silence(1.2)
    assert answering.when(ResumeSpeaker)[0] - stopped == pytest.approx(TIMING.resume_s, abs=BLOCK_S)
    assert answering.phase == "answering"
    answering.final("What about Rome?")
    assert answering.all(StopAnswer)
    assert answering.sent == ["What about Rome?"]


def test_late_words_after_the_answer_are_a_turn_and_a_late_nod_is_none(answering: Room) -> None:
    answering.speech(0.4).silence(1.2)
    answering.happens(AnswerEnded)
    assert answering.phase == "transcribing"
    nodding = answering.talk
    answering.final("What about Rome?").silence(0.04)
    assert answering.sent == ["What about Rome?"]
    answering.talk = nodding
    answering.final("Mhm.").silence(0.04)
    assert answering.phase == "quiet"


def test_who_goes_on_after_the_answer_has_a_turn_of_their_own(answering: Room) -> None:
    answering.speech(0.4).silence(1.2)
    answering.happens(AnswerEnded)
    answering.speech(0.4).silence(0.24).final("Yeah, okay.").silence(0.4)
    assert answering.sent == ["Yeah, okay."]


def test_we_stay_silent_while_words_are_known_or_the_person_begins_again(answering: Room) -> None:
    answering.speech(0.6).silence(0.24).partial("What about Rome").silence(1.5)
    assert answering.phase == "interrupted"
    answering.speech(0.08).final("Mhm.")
    assert answering.phase == "interrupted"
    answering.speech(0.3).silence(0.24).final("What about Rome?").silence(0.4)
    assert answering.sent == ["What about Rome?"]
    assert not answering.all(ResumeSpeaker)


def test_a_second_interruption_takes_the_late_words_of_the_first_along(answering: Room) -> None:
    answering.speech(0.4).silence(1.2).speech(0.6).silence(0.24)
    first, second = answering.all(AskFinal)
    assert answering.all(DropFinal) == [DropFinal(number=first.number)]
    assert second.from_s == first.from_s
    answering.final("Hello? What about Rome?").silence(0.4)
    assert answering.sent == ["Hello? What about Rome?"]


def test_long_speech_without_a_transcript_is_an_interruption(answering: Room) -> None:
    answering.speech(TIMING.surely_s + BLOCK_S)
    assert answering.all(StopAnswer)
    assert answering.phase == "speaking"


def test_long_nodding_is_none(answering: Room) -> None:
    answering.speech(0.8).partial("yeah okay").speech(2)
    assert answering.phase == "interrupted"
    assert not answering.all(StopAnswer)


def test_endless_nodding_is_an_interruption_in_the_end(answering: Room) -> None:
    answering.timing = replace(TIMING, longest_s=4.0)
    answering.speech(0.8).partial("yeah").speech(3.2)
    assert answering.all(StopAnswer)


def test_a_moment_of_something_hushes_us_for_a_moment(answering: Room) -> None:
    answering.speech(0.08)
    assert [action for _, action in answering.done] == [Hush()]
    answering.silence(1)
    assert [action for _, action in answering.done] == [Hush(), Unhush()]
    assert answering.when(Unhush)[0] - answering.when(Hush)[0] <= TIMING.stop_s + BLOCK_S
    assert answering.phase == "answering"


def test_words_with_gaps_between_them_are_speech_too(answering: Room) -> None:
    onset = answering.now
    for _ in range(2):
        answering.speech(0.08).silence(0.08)
    assert answering.phase == "interrupted"
    assert answering.all(BeginTurn)[0].from_s <= onset - TIMING.pre_roll_s


def test_who_speaks_haltingly_into_our_silence_is_heard_however_wary_we_are(answering: Room) -> None:
    answering.talk = replace(answering.talk, wary=TIMING.wariest)
    answering.speech(0.28)
    assert answering.all(Hush)
    for _ in range(8):
        answering.silence(0.08).speech(0.04)
    assert answering.all(PauseSpeaker)
    assert not answering.all(Unhush)


def test_false_alarms_make_us_wary_and_calm_answers_trusting_again(answering: Room) -> None:
    for wary in (1, 2, 3, 3):
        answering.speech(0.28).silence(0.4)
        if answering.all(AskFinal):
            answering.final("").silence(0.4)
        assert answering.talk.wary == wary
        answering.done.clear()
    answering.happens(AnswerEnded)
    assert answering.talk.wary == 3
    answering.speech(1).silence(0.3).final("Tell me a joke.").silence(0.3)
    answering.happens(AnswerBegan)
    answering.happens(AnswerEnded)
    assert answering.talk.wary == 2


def test_a_nod_makes_nobody_wary(answering: Room) -> None:
    answering.speech(0.6).silence(0.24).final("Mhm.")
    assert (answering.phase, answering.talk.wary) == ("answering", 0)


def test_stop_means_silence_and_no_answer(answering: Room) -> None:
    answering.speech(0.32).silence(0.24).final("Stop.", stops=True).silence(0.6)
    assert (len(answering.all(StopAnswer)), len(answering.all(DropTurn)), answering.sent) == (1, 1, [])
    assert answering.phase == "quiet"


def test_stop_is_heard_before_the_sentence_is_over_and_more_words_are_a_question(answering: Room) -> None:
    answering.speech(0.6).partial("Wait", stops=True)
    assert answering.all(StopAnswer)
    answering.speech(1).silence(0.3).final("Wait, what about Rome?").silence(0.4)
    assert answering.sent == ["Wait, what about Rome?"]


def test_an_answer_that_ends_while_we_are_hushed_leaves_the_loudspeaker_open(answering: Room) -> None:
    answering.speech(0.08)
    answering.happens(AnswerEnded)
    assert (answering.phase, answering.talk.hushed_s) == ("quiet", None)
    assert answering.all(Unhush)
    answering.done.clear()
    answering.happens(AnswerEnded)
    assert not answering.done


def test_a_question_of_an_earlier_answer_is_forgotten(answering: Room) -> None:
    answering.happens(SentenceBegan, text="Shall I go on?")
    answering.happens(AnswerEnded)
    answering.speech(1).silence(0.3).final("Tell me a joke.").silence(0.3)
    answering.happens(AnswerBegan)
    answering.speech(0.4).silence(0.24).final("Yeah.")
    assert answering.all(ResumeSpeaker)


def test_single_blocks_far_apart_do_not_add_up(answering: Room) -> None:
    for _ in range(20):
        answering.speech(0.04).silence(0.4)
    assert not answering.done


def test_a_pause_over_our_last_word_leaves_an_ordinary_turn(answering: Room) -> None:
    answering.speech(0.3)
    answering.happens(AnswerEnded)
    answering.speech(0.3).silence(0.24).final("Yeah.").silence(0.4)
    assert answering.sent == ["Yeah."]
    assert not answering.all(StopAnswer)


def test_the_answer_may_end_while_its_interruption_is_transcribed(answering: Room) -> None:
    answering.speech(0.4).silence(0.24)
    answering.happens(AnswerEnded)
    answering.silence(0.04).final("Yeah.").silence(0.4)
    assert len(answering.all(AskFinal)) == 1
    assert answering.sent == ["Yeah."]


def test_a_failed_answer_gives_the_floor_back(room: Room) -> None:
    room.speech(1).silence(0.3).final("Tell me a joke.").silence(0.3)
    room.happens(AnswerFailed)
    assert room.phase == "quiet"


def test_speech_without_end_is_transcribed_in_parts_and_sent_as_one() -> None:
    room = Room(replace(TIMING, longest_s=4.0)).silence(1)
    room.speech(3).silence(0.12).speech(2)
    (part,) = room.all(AskFinal)
    assert part.to_s == pytest.approx(104.12)
    room.final("The first part, and").speech(0.4).silence(0.3)
    last = room.all(AskFinal)[-1]
    assert last.from_s == part.to_s
    room.final("the second, and").silence(0.4)
    assert room.sent == ["The first part, and the second, and"]


def test_a_partial_of_an_earlier_part_is_forgotten() -> None:
    room = Room(replace(TIMING, longest_s=2.0)).silence(1)
    room.speech(1).partial("one two").speech(1)
    assert room.all(AskFinal)
    assert room.talk.turn is not None
    room.happens(PartialHeard, number=1, text="one two")
    assert room.talk.turn.said == ""


def test_parts_may_come_in_any_order() -> None:
    room = Room(replace(TIMING, longest_s=2.0)).silence(1)
    room.speech(3).silence(0.3).final("two").silence(0.4)
    assert room.phase == "transcribing"
    room.final("One,", which=0)
    assert room.sent == ["One, two"]


def test_nothing_begins_while_muted_and_the_flag_is_shown(room: Room) -> None:
    shown = room.happens(Muted)
    assert shown == (ShowPhase(phase="quiet", muted=True),)
    room.speech(2)
    assert room.phase == "quiet"
    room.happens(Unmuted)
    assert room.speech(0.04).phase == "starting"
    assert ShowPhase(phase="quiet", muted=True) in room.happens(Muted)
    room.happens(Unmuted)
    room.speech(0.2)
    assert room.phase == "speaking"


def test_muting_ends_a_turn_and_sends_what_was_said(room: Room) -> None:
    room.speech(1)
    room.happens(Muted)
    room.speech(0.08)
    (asked,) = room.all(AskFinal)
    assert asked.to_s == room.now - BLOCK_S
    room.final("Tell me a joke.")
    room.now += 1
    room.happens(TimePassed)
    assert room.sent == ["Tell me a joke."]


def test_a_lost_microphone_ends_the_turn_by_time_alone(room: Room) -> None:
    room.speech(1)
    for _ in range(2):
        room.now += 0.5
        room.happens(TimePassed)
        room.final("Tell me a joke.")
    assert room.sent == ["Tell me a joke."]


def test_leaving_stops_everything_and_keeps_what_is_known_of_the_person(answering: Room) -> None:
    pauses = answering.talk.pauses.with_pause(1)
    answering.talk = replace(answering.talk, pauses=pauses)
    answering.speech(0.4).silence(0.24)
    number = answering.all(AskFinal)[0].number
    actions = answering.happens(Left)
    assert actions == (
        StopAnswer(),
        DropFinal(number=number),
        DropTurn(),
        ShowPhase(phase="quiet", muted=False),
    )
    assert answering.talk.pauses == pauses
    assert answering.happens(FinalHeard, number=number, text="Hello") == ()


def test_a_partial_of_an_earlier_turn_does_not_interrupt(room: Room) -> None:
    room.speech(1).silence(0.3).final("Hi.").silence(0.3)
    room.happens(AnswerBegan)
    room.silence(0.4).speech(0.8).partial("mhm")
    old = room.all(AskPartial)[0].number
    room.happens(PartialHeard, number=old, text="What about Rome")
    assert room.phase == "interrupted"
