"""Numbers, units, dates and abbreviations as an English voice should say them. What it says well itself is left alone.

The rules are careful: where a sign may mean something else, it stays.
"""

from __future__ import annotations

import re

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

UNITS: dict[str, tuple[str, str]] = {
    "mm": ("millimetre", "millimetres"),
    "cm": ("centimetre", "centimetres"),
    "m": ("metre", "metres"),
    "km": ("kilometre", "kilometres"),
    "mi": ("mile", "miles"),
    "ft": ("foot", "feet"),
    "yd": ("yard", "yards"),
    "mg": ("milligram", "milligrams"),
    "g": ("gram", "grams"),
    "kg": ("kilogram", "kilograms"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "ml": ("millilitre", "millilitres"),
    "mL": ("millilitre", "millilitres"),
    "cl": ("centilitre", "centilitres"),
    "l": ("litre", "litres"),
    "L": ("litre", "litres"),
    "tbsp": ("tablespoon", "tablespoons"),
    "tsp": ("teaspoon", "teaspoons"),
    "ms": ("millisecond", "milliseconds"),
    "s": ("second", "seconds"),
    "sec": ("second", "seconds"),
    "min": ("minute", "minutes"),
    "h": ("hour", "hours"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "kB": ("kilobyte", "kilobytes"),
    "KB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "KiB": ("kibibyte", "kibibytes"),
    "MiB": ("mebibyte", "mebibytes"),
    "GiB": ("gibibyte", "gibibytes"),
    "V": ("volt", "volts"),
    "mV": ("millivolt", "millivolts"),
    "A": ("ampere", "amperes"),
    "mA": ("milliampere", "milliamperes"),
    "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"),
    "MW": ("megawatt", "megawatts"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "kcal": ("kilocalorie", "kilocalories"),
    "kJ": ("kilojoule", "kilojoules"),
    "dB": ("decibel", "decibels"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"),
    "km/h": ("kilometre per hour", "kilometres per hour"),
    "kph": ("kilometre per hour", "kilometres per hour"),
    "mph": ("mile per hour", "miles per hour"),
    "m/s": ("metre per second", "metres per second"),
    "km²": ("square kilometre", "square kilometres"),
    "m²": ("square metre", "square metres"),
    "cm²": ("square centimetre", "square centimetres"),
    "m³": ("cubic metre", "cubic metres"),
    "cm³": ("cubic centimetre", "cubic centimetres"),
}
TOUCHING_ONLY_AFTER_SPACE = frozenset({"A", "V", "W", "L", "h", "l", "m", "s", "g"})
"""One letter right behind a number may be a name ("5A", "route 3m"); after a space it is a unit."""

ABBREVIATIONS: dict[str, str] = {
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "approx.": "approximately",
    "vs.": "versus",
    "vs": "versus",
    "cf.": "compare",
    "Dr.": "Doctor",
    "Prof.": "Professor",
    "Mr.": "Mister",
    "Mrs.": "Missis",
    "Ms.": "Miz",
    "w/o": "without",
    "w/": "with ",
    "a.k.a.": "also known as",
}
BEFORE_A_NUMBER: dict[str, str] = {"no.": "number", "nos.": "numbers", "fig.": "figure", "vol.": "volume", "p.": "page"}
FRACTIONS = {"½": "one half", "¼": "one quarter", "¾": "three quarters", "⅓": "one third", "⅔": "two thirds"}

_NUMBER = r"\d+(?:[.,]\d+)*"
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_MEASURE = re.compile(rf"(?<![\w.,-])(-?)({_NUMBER})( ?|\u00a0|\u202f)({_UNIT})(?![\w²³°/])")
_ISO_DATE = re.compile(r"(?<![\w-])(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\w-])")
_RANGE = re.compile(r"(?<![\w.,/–-])(\d+(?:[.,]\d+)?)(?:-| ?– ?)(\d+(?:[.,]\d+)?)(?! ?=|[\w/–-]|[.,]\d)")
_TELEPHONE = 5
"""Digits on one side that make "555-12345" a number to dial and no range."""
_PER_CENT = re.compile(r"(?<=\d) ?%")
_FRACTION = re.compile(rf"(\d*)([{''.join(FRACTIONS)}])")
_TIMES = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)x(?!\w)")
_MINUS = re.compile(r"(?<![\w)\]-])[−-](?=\d)")
_AND = re.compile(r"(?<=\w) & (?=\w)")
_PLUS_MINUS = re.compile(r"\s*±\s*(?=\d)")
_ABBREVIATION = re.compile(
    rf"(?<![\w.])({'|'.join(re.escape(each) for each in sorted(ABBREVIATIONS, key=len, reverse=True))})(?=\W|$|(?<=/))"
)
_NUMBERED = re.compile(rf"(?<![\w.])({'|'.join(re.escape(each) for each in BEFORE_A_NUMBER)}) ?(?=\d)", re.IGNORECASE)


def spelled_out(sentence: str) -> str:
    """One sentence of plain text in words that are said as they are meant."""
    text = _ISO_DATE.sub(_date, sentence)
    text = _ABBREVIATION.sub(lambda found: _abbreviation(found, text), text)
    text = _NUMBERED.sub(lambda found: BEFORE_A_NUMBER[found[1].casefold()] + " ", text)
    text = _FRACTION.sub(
        lambda found: f"{found[1]} and {FRACTIONS[found[2]]}" if found[1] else FRACTIONS[found[2]], text
    )
    text = _RANGE.sub(_range, text)
    text = _MEASURE.sub(_measure, text)
    text = _PLUS_MINUS.sub(" plus or minus ", _PER_CENT.sub(" percent", text))
    text = _TIMES.sub(r"\1 times", _MINUS.sub("minus ", text))
    return _AND.sub(" and ", text).strip()


def _date(found: re.Match[str]) -> str:
    return f"{MONTHS[int(found[2]) - 1]} {int(found[3])}, {found[1]}"


def _abbreviation(found: re.Match[str], text: str) -> str:
    """Its full stop stays where it also ends the sentence."""
    word = ABBREVIATIONS[found[1]]
    last = not text[found.end() :].strip("\"'”’») ")
    return f"{word}." if last and found[1].endswith(".") else word


def _range(found: re.Match[str]) -> str:
    low, high = found[1], found[2]
    dialled = (len(low) == 3 and len(high) >= _TELEPHONE - 1) or max(len(low), len(high)) >= _TELEPHONE
    return found[0] if dialled or _value(low) >= _value(high) else f"{low} to {high}"


def _value(number: str) -> float:
    return float(number.replace(",", "."))


def _measure(found: re.Match[str]) -> str:
    sign, number, gap, unit = found.groups()
    if not gap and unit in TOUCHING_ONLY_AFTER_SPACE:
        return found[0]
    one, many = UNITS[unit]
    return f"{'minus ' if sign else ''}{number} {one if number == '1' else many}"
