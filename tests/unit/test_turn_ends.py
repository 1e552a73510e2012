"""Whether a person has finished: what the words, the punctuation and their own pauses say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.turn_ends import (
    LONGEST_PAUSE_S,
    SHORTEST_PAUSE_S,
    SpeakerPauses,
    ending,
    is_backchannel,
    is_echo,
    wait_s,
)

LEAST, MOST = 0.5, 3.0
FINISHED = (
    "What is the capital of France?",
    "Tell me a joke.",
    "Yes.",
    "No, thank you.",
    "Okay.",
    "Stop!",
    "Yes, I am.",
    "No, I haven't.",
    "Where are you from?",
    "What are you looking at?",
    "Who is it for?",
    "What would you like?",
    "What is the weather like?",
    "What should I do?",
    "What can you do?",
    "How many legs does a spider have?",
    "What will the weather be?",
    "Tell me what it is.",
    "Do you know what time it is?",
    "What was that?",
    "How are you?",
    "You can do it!",
    "Do it.",
    "You know what I mean?",
    "Where is she?",
    "Explain it to me.",
    "Set an alarm for 7:30.",
    "I am twenty five.",
    "It costs 25.",
    "What is two plus two?",
    "What for?",
    "I will let you know.",
    "“That is all.”",
    "Please read it again, slowly.",
    "Write a poem about the sea!",
    "",
)
UNFINISHED = (
    "I would like to ...",
    "I would like to um.",
    "I would like to ask, um",
    "I would like",
    "Um...",
    "So",
    "And then",
    "And then.",
    "Because",
    "I want to go because.",
    "The",
    "What is the",
    "What is the?",
    "What is",
    "How do you",
    "What can I",
    "How many of them have?",
    "Can you",
    "Could you tell me if",
    "Tell me about the.",
    "I was talking to my",
    "I went to.",
    "The weather is",
    "The weather is.",
    "It is a kind of",
    "I mean",
    "We went there and,",
    "There are three things:",
    "I was going to say—",
    "Bring me the salt and",
    "Is it bigger than",
    "Write to Dr.",
    "It's",
    "I don't know, you know",
    "Turn it on and off and on",
    "My number is 0 7 9",
    "My number is zero seven nine.",
    "Call 555-12",
    "My name is spelled S M I",
    "Remind me at",
    "Could you please",
    "He said that he",
    "Let's",
    "I’d like",
)
UNCLEAR = (
    "what time is it",
    "tell me a joke",
    "It is.",
    "She can.",
    "Call 020 7946 0958.",
    "yes please",
    "Turn it on.",
    "I think so.",
    "See you then.",
    "He did it well.",
)


@pytest.mark.parametrize("text", FINISHED)
def test_a_finished_sentence_waits_as_little_as_possible(text: str) -> None:
    assert ending(text) == "finished"
    assert wait_s(text, SpeakerPauses(), least_s=LEAST, most_s=MOST) == LEAST


@pytest.mark.parametrize("text", UNFINISHED)
def test_an_unfinished_sentence_is_given_time(text: str) -> None:
    assert ending(text) == "unfinished"
    assert wait_s(text, SpeakerPauses(), least_s=LEAST, most_s=MOST) >= 1.9


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_can_be_either_waits_a_little_longer(text: str) -> None:
    assert ending(text) == "unclear"
    assert LEAST < wait_s(text, SpeakerPauses(), least_s=LEAST, most_s=MOST) < 1.2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Wie spät ist es?", "finished"),
        ("Ich möchte um", "unclear"),
        ("Ich möchte gern,", "unfinished"),
        ("今日はいい天気ですね。", "finished"),
        ("今日は、", "unfinished"),
        ("ما هذا؟", "finished"),
        ("Puis il a dit…", "unfinished"),
        ("J'ai vu the.", "finished"),
    ],
)
def test_another_language_is_read_by_its_punctuation(text: str, kind: str) -> None:
    assert ending(text, language="xx") == kind


def test_kinds_of_english_are_english() -> None:
    assert ending("What is the.", language="en-GB") == "unfinished"


def test_a_slow_speaker_is_given_more_time_and_a_quick_one_less() -> None:
    slow, quick = SpeakerPauses(), SpeakerPauses()
    for _ in range(30):
        slow, quick = slow.with_pause(1.2), quick.with_pause(0.25)
    for text in ("I would like to", "tell me a joke"):
        waits = [wait_s(text, pauses, least_s=LEAST, most_s=MOST) for pauses in (quick, SpeakerPauses(), slow)]
        assert waits == sorted(set(waits))
    assert wait_s("Tell me a joke.", slow, least_s=LEAST, most_s=MOST) == pytest.approx(0.85, abs=0.01)


def test_one_long_pause_counts_more_than_one_short_one() -> None:
    usual = SpeakerPauses()
    assert usual.with_pause(0.8).usual_s - usual.usual_s > 5 * (usual.usual_s - usual.with_pause(0.2).usual_s)
    assert usual.usual_s == SpeakerPauses().usual_s
    assert usual.with_pause(0.8).count == 1


@given(
    text=st.one_of(st.text(max_size=60), st.sampled_from(FINISHED + UNFINISHED + UNCLEAR)),
    pauses=st.lists(st.floats(min_value=-1, max_value=100), max_size=12),
    language=st.sampled_from(["en", "de"]),
)
def test_the_wait_stays_in_its_bounds_whatever_was_said(text: str, pauses: list[float], language: str) -> None:
    speaker = SpeakerPauses()
    for pause in pauses:
        speaker = speaker.with_pause(pause)
    assert SHORTEST_PAUSE_S <= speaker.usual_s <= LONGEST_PAUSE_S
    slower = speaker.with_pause(LONGEST_PAUSE_S)
    wait = wait_s(text, speaker, least_s=LEAST, most_s=MOST, language=language)
    assert LEAST <= wait <= wait_s(text, slower, least_s=LEAST, most_s=MOST, language=language) <= MOST
    assert wait_s(text, speaker, least_s=LEAST, most_s=LEAST, language=language) == LEAST


@pytest.mark.parametrize(
    "text",
    ["Mhm.", "mm-hmm", "Uh-huh.", "Yeah.", "Okay, right.", "I see.", "Oh, of course!", "Yeah, got it.", "M-hm", ""],
)
def test_these_only_say_i_am_listening(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize(
    "text",
    ["Stop.", "Wait.", "No.", "Okay, stop.", "Yeah, but why?", "Right, what about Rome?", "yes " * 6, "Thank you."],
)
def test_these_want_the_floor(text: str) -> None:
    assert not is_backchannel(text)


@pytest.mark.parametrize(("text", "listening"), [("Yes.", False), ("Okay.", False), ("I see.", False), ("Mhm.", True)])
def test_a_reply_to_our_question_is_a_reply(text: str, listening: bool) -> None:
    assert is_backchannel(text, asking=True) is listening


def test_our_own_words_in_the_microphone_are_recognised() -> None:
    own = ("Paris is the capital of France.", "It has two million people.")
    assert is_echo("Capital of France. It has two million", own)
    assert is_echo("the capital of friends it has two million people", own)
    assert not is_echo("What is the capital of Spain?", own)
    assert not is_echo("people million two has it", own)
    assert not is_echo("Stop.", own)
    assert not is_echo("", own)
    assert not is_echo("Paris", ())
