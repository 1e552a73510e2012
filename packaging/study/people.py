"""Simulated people, each with one hidden preference that a program can check, and what they ask.

They stand in for nobody: they show that a mechanism works, not that people will like it. Their checks are written
apart from the code that proposes rules, which never sees them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

WORD = re.compile(r"[A-Za-z0-9]+(?:['’][A-Za-z]+)*")
SENTENCE = re.compile(r"(?<=[.!?])\s+")
REASONS = ("wrong", "too_long", "too_short", "tone", "not_asked", "unsafe", "misread_picture", "misheard")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a person says about one answer. `better` is "" when they wrote none."""

    liked: bool
    reasons: tuple[str, ...] = ()
    better: str = ""


@dataclass(frozen=True, kw_only=True)
class Person:
    """`rule_hint` says the preference in words, for reports. `meets(answer)` checks it; `better(answer, prompt)` gives
    the answer as they would have written it, which meets it. `training` are 10 prompts, `new` 20 others.
    """

    name: str
    rule_hint: str
    meets: Callable[[str], bool]
    better: Callable[[str, str], str]
    training: tuple[str, ...]
    new: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    at_random: bool = False

    def rate(self, prompt: str, answer: str, seed: int = 0) -> Verdict:
        """Thumb up for what meets the preference; else down, with the better answer. The same for the same seed."""
        if self.at_random:
            return _random_verdict(answer, random.Random(f"{seed} {prompt}"))
        if self.meets(answer):
            return Verdict(liked=True)
        return Verdict(liked=False, reasons=self.reasons, better=self.better(answer, prompt))


# what they ask

TRAINING = (
    "How do I make a good cup of tea?",
    "Why is the sky blue?",
    "How can I sleep better?",
    "What is a budget good for?",
    "How do I take care of a house plant?",
    "Why do cats purr?",
    "How do I clean a bicycle?",
    "What makes a good team?",
    "How do I prepare for a job interview?",
    "Why do leaves change in autumn?",
)
NEW = (
    "How do I boil an egg?",
    "Why do we dream?",
    "How can I learn a language?",
    "What is the use of a map?",
    "How do I wash a wool sweater?",
    "Why is the sea salty?",
    "How do I plan a birthday party?",
    "What makes a good friend?",
    "How do I pack a suitcase?",
    "Why do birds sing?",
    "How do I write a thank-you letter?",
    "What is a library for?",
    "How can I save money on food?",
    "Why do we need sleep?",
    "How do I paint a wall?",
    "What makes bread rise?",
    "How do I keep a room warm?",
    "Why do people collect stamps?",
    "How do I train for a long run?",
    "What is a good way to make notes?",
)
MEASURES_TRAINING = {
    "How tall is a grown giraffe?": "A grown giraffe is about 5 metres tall.",
    "How long is a marathon?": "A marathon is 42 kilometres long.",
    "At what temperature does water boil?": "Water boils at 100 degrees Celsius.",
    "How heavy is a brick?": "A brick weighs about 3 kilograms.",
    "How much water should I drink in a day?": "About 2 litres of water a day are enough.",
    "How high is a door?": "A door is about 2 metres high.",
    "How far is the Moon?": "The Moon is about 384,000 kilometres away.",
    "How much does a cat weigh?": "A cat weighs about 4 kilograms.",
    "How hot is a summer day in Texas?": "A summer day in Texas has about 35 degrees Celsius.",
    "How long is a car?": "A car is about 4.5 metres long.",
}
MEASURES_NEW = (
    "How tall is a grown man?",
    "How long is a football field?",
    "How heavy is a bag of cement?",
    "How far is it from New York to Boston?",
    "How much milk is in a bottle?",
    "How high is Mount Everest?",
    "At what temperature should I bake bread?",
    "How fast can a horse run?",
    "How long is a bus?",
    "How much does a newborn baby weigh?",
    "How deep is a swimming pool?",
    "How tall is a basketball hoop?",
    "How cold is a refrigerator inside?",
    "How far can I walk in an hour?",
    "How heavy is an elephant?",
    "How big is a sheet of letter paper?",
    "How much gasoline fits into a car?",
    "How wide is a single bed?",
    "How long is the Mississippi River?",
    "How warm is a human body?",
)
SPELLINGS_TRAINING = {
    "What colors go well with gray walls?": "White, blue and yellow are colours that go well with grey walls.",
    "How do I organize my desk?": "Organise your desk by labelling the drawers and clearing the centre.",
    "What is your favorite flavor of ice cream?": "My favourite flavour is vanilla.",
    "How do I apologize to a neighbor?": "Apologise to your neighbour in person and say that you honour their wishes.",
    "What does the center of a city look like?": "The centre of a city has tall buildings, shops and theatres.",
    "How do I memorize a poem?": "Memorise a poem line by line and recognise its rhymes.",
    "Why do people travel?": "People go travelling to see new places and colourful markets.",
    "What makes behavior polite?": "Polite behaviour means to honour others and to realise what they need.",
    "How do I analyze a story?": "Analyse a story by its characters, their behaviour and its humour.",
    "What is labor?": "Labour is work that people do, organised by themselves or by others.",
}
SPELLINGS_NEW = (
    "What colors does a rainbow have?",
    "How do I organize a closet?",
    "What is a good flavor for a birthday cake?",
    "How do I recognize a good melon?",
    "What is in the center of the Earth?",
    "How do I summarize a book?",
    "What is good behavior at the table?",
    "How do I prioritize my tasks?",
    "What is a sense of humor?",
    "How do I get along with a new neighbor?",
    "What does the color red stand for?",
    "How do I minimize waste at home?",
    "What is a harbor?",
    "How do I customize a bicycle?",
    "What is a theater play?",
    "How do I apologize by letter?",
    "What is an honor?",
    "How do I analyze a painting?",
    "What is gray made of?",
    "How do I specialize in a subject?",
)


# what they check and how they would have written it


def sentences(text: str) -> list[str]:
    """Whole sentences of a text, lists and headings taken apart, without markup."""
    lines = [re.sub(r"^\s*(?:[-*•–#>]+|\(?\d{1,2}[.):])\s*", "", line) for line in text.splitlines()]
    plain = [re.sub(r"[*_`#|]", "", line).strip() for line in lines]
    found = [each.strip() for line in plain for each in SENTENCE.split(line) if len(WORD.findall(each)) > 2]
    return [each if each[-1] in ".!?" else each.rstrip(":;,") + "." for each in found] or ["That depends."]


def clipped(sentence: str, words: int) -> str:
    """A sentence cut after so many words, at a comma where there is one."""
    found = sentence.split()
    if len(found) <= words:
        return sentence
    kept = " ".join(found[:words])
    comma = kept.rfind(",")
    return (kept[:comma] if comma > len(kept) // 2 else kept).rstrip(",;:.") + "."


def is_short(answer: str) -> bool:
    return 0 < len(WORD.findall(answer)) <= 40


def shorter(answer: str, _prompt: str) -> str:
    return clipped(sentences(answer)[0], 25)


def has_bullets(answer: str) -> bool:
    return len(re.findall(r"^\s*[-*•]\s+\S", answer, re.MULTILINE)) >= 2


def as_bullets(answer: str, _prompt: str) -> str:
    return "\n".join(f"- {clipped(each, 12)}" for each in _some(answer))


def has_steps(answer: str) -> bool:
    return len(re.findall(r"^\s*\d{1,2}[.)]\s+\S", answer, re.MULTILINE)) >= 2


def as_steps(answer: str, _prompt: str) -> str:
    return "\n".join(f"{number}. {clipped(each, 12)}" for number, each in enumerate(_some(answer), 1))


def is_plain(answer: str) -> bool:
    listed = re.search(r"^\s*(?:[-*•#>]|\d{1,2}[.)])\s*\S", answer, re.MULTILINE)
    return bool(answer.strip()) and not listed and "**" not in answer and "```" not in answer


def as_prose(answer: str, _prompt: str) -> str:
    return " ".join(clipped(each, 25) for each in _some(answer))


CONTRACTION = re.compile(r"\b\w+n['’]t\b|\b(?:I|you|we|they|he|she|it|that|there|here|let|what)['’]\w+", re.IGNORECASE)
CASUAL = re.compile(r"\b(?:hey|yeah|gonna|wanna|okay|ok|cool|awesome|super|stuff|guys|great|fun)\b", re.IGNORECASE)
LONG_FORMS = {
    "n't": " not",
    "'re": " are",
    "'ll": " will",
    "'ve": " have",
    "'m": " am",
    "'s": " is",
    "'d": " would",
}


def is_formal(answer: str) -> bool:
    marks = CONTRACTION.search(answer) or CASUAL.search(answer) or "!" in answer
    return bool(answer.strip()) and not marks and not re.search(r"\byou(?:r|rs|rself)?\b", answer, re.IGNORECASE)


def formally(answer: str, _prompt: str) -> str:
    text = " ".join(clipped(each, 25) for each in _some(answer)[:3]).replace("’", "'").replace("!", ".")
    text = re.sub(r"\bcan't\b", "cannot", re.sub(r"\bwon't\b", "will not", text, flags=re.IGNORECASE))
    for short, long in LONG_FORMS.items():
        text = re.sub(rf"(?<=\w){short}\b", long, text)
    for casual, formal in (
        (r"\byou are\b", "one is"),
        (r"\byourself\b", "oneself"),
        (r"\byours?\b", "the"),
        (r"\byou\b", "one"),
    ):
        text = re.sub(casual, formal, text, flags=re.IGNORECASE)
    text = CASUAL.sub("suitable", text)
    return ". ".join(each[:1].upper() + each[1:] for each in text.split(". "))


EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50]")


def has_no_emoji(answer: str) -> bool:
    return bool(answer.strip()) and not EMOJI.search(answer)


def without_emoji(answer: str, _prompt: str) -> str:
    return EMOJI.sub("", answer).strip() or "That depends."


IMPERIAL = re.compile(
    r"\b(?:inch|inches|foot|feet|yards?|miles?|mph|pounds?|lbs?|ounces?|oz|gallons?|pints?|quarts?|fahrenheit)\b|°\s?F",
    re.IGNORECASE,
)
METRIC = re.compile(
    r"\b(?:(?:kilo|centi|milli)?(?:met(?:er|re)s?|grams?|lit(?:er|re)s?)|celsius)\b|°\s?C"
    r"|\d\s?(?:km|cm|mm|m|kg|g|l|ml)\b",
    re.IGNORECASE,
)


def is_metric(answer: str) -> bool:
    return bool(METRIC.search(answer)) and not IMPERIAL.search(answer)


DOUBT = re.compile(
    r"\bnot (?:entirely |completely |quite )?(?:sure|certain)\b|\bunsure\b|\buncertain\b|\bmay be wrong\b|\bprobably\b"
    r"|\bperhaps\b|\bas far as I know\b|\bI think\b|\bI believe\b",
    re.IGNORECASE,
)


def says_doubt(answer: str) -> bool:
    return bool(DOUBT.search(answer))


def doubtfully(answer: str, _prompt: str) -> str:
    first, *rest = (clipped(each, 25) for each in _some(answer)[:2])
    return " ".join((f"I am not certain, but probably {first[:1].lower()}{first[1:]}", *rest))


BRITISH = re.compile(
    r"\b\w*(?:colour|flavour|favour|honour|humour|labour|neighbour|behaviour|harbour)\w*|\b(?:centre|theatre|litre|metre"
    r"|grey|travelling|travelled|labelled|labelling|organis|recognis|apologis|realis|memoris|summaris|prioritis|minimis"
    r"|customis|specialis|emphasis(?=e|ing|ed)|analys(?=e\b|ed|ing))\w*",
    re.IGNORECASE,
)
AMERICAN = re.compile(
    r"\b\w*(?:color|flavor|favor|honor|humor|labor(?!at)|neighbor|behavior|harbor)\w*|\b(?:center|theater|liter\b|meter"
    r"|gray|traveling|traveled|labeled|labeling|organiz|recogniz|apologiz|realiz|memoriz|summariz|prioritiz|minimiz"
    r"|customiz|specializ|emphasiz|analyz)\w*",
    re.IGNORECASE,
)


def is_british(answer: str) -> bool:
    return bool(BRITISH.search(answer)) and not AMERICAN.search(answer)


def gives_example(answer: str) -> bool:
    return bool(re.search(r"\bfor (?:example|instance)\b|\be\.g\.", answer, re.IGNORECASE))


def with_example(answer: str, _prompt: str) -> str:
    first, second = (*(clipped(each, 20) for each in _some(answer)), "it can be done at home.")[:2]
    return f"{first} For example, {second[:1].lower()}{second[1:]}"


def known(answers: dict[str, str], answer: str, prompt: str) -> str:
    """They know it and say it their way; elsewhere they leave the answer as it is."""
    return answers.get(prompt, answer)


def _some(answer: str) -> list[str]:
    """Two to four sentences."""
    found = sentences(answer)[:4]
    return found if len(found) > 1 else [*found, "Take the time that it needs."]


def _random_verdict(answer: str, dice: random.Random) -> Verdict:
    """Any thumb, any reasons, and now and then an edit that goes in no direction."""
    parts, better = [line for line in answer.splitlines() if line.strip()], ""
    if dice.random() < 0.4:
        dice.shuffle(parts)
        kept = parts[: max(1, len(parts) // 2)] if dice.random() < 0.5 else [*parts, *parts]
        better = "\n".join(kept)
    reasons = tuple(dice.sample(REASONS, dice.randint(0, 2)))
    return Verdict(liked=dice.random() < 0.5, reasons=reasons, better=better)


def _person(name: str, rule_hint: str, meets, better, *, reasons: tuple[str, ...] = ()) -> Person:
    return Person(
        name=name, rule_hint=rule_hint, meets=meets, better=better, training=TRAINING, new=NEW, reasons=reasons
    )


PEOPLE: dict[str, Person] = {
    person.name: person
    for person in (
        _person("short", "at most 40 words", is_short, shorter, reasons=("too_long",)),
        _person("bullets", "a list of points", has_bullets, as_bullets),
        _person("formal", "no contractions, exclamation marks or 'you'", is_formal, formally, reasons=("tone",)),
        _person("no emoji", "no emoji", has_no_emoji, without_emoji, reasons=("tone",)),
        Person(
            name="metric",
            rule_hint="metric units, no others",
            meets=is_metric,
            better=partial(known, MEASURES_TRAINING),
            training=tuple(MEASURES_TRAINING),
            new=MEASURES_NEW,
        ),
        _person("steps", "numbered steps", has_steps, as_steps),
        _person("doubt", "says that it is not certain", says_doubt, doubtfully),
        Person(
            name="British",
            rule_hint="British spelling, shown and not broken",
            meets=is_british,
            better=partial(known, SPELLINGS_TRAINING),
            training=tuple(SPELLINGS_TRAINING),
            new=SPELLINGS_NEW,
        ),
        _person("plain prose", "no lists, headings or bold words", is_plain, as_prose),
        _person("examples", "an example in every answer", gives_example, with_example),
        Person(
            name="random",
            rule_hint="none: rates at random",
            meets=lambda answer: bool(answer.strip()),
            better=lambda answer, _: answer,
            training=TRAINING,
            new=NEW,
            at_random=True,
        ),
    )
}
INSTANT = ("short", "bullets", "formal", "no emoji", "metric", "steps", "doubt", "British", "random")
"""Whom the instant level is shown with."""
ADAPTERS = tuple(name for name in PEOPLE if name not in ("no emoji", "random"))
"""Whose preference an adapter can learn; the models show no emoji anyway."""
