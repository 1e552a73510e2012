"""How well a few typed letters fit a title. Pure rules."""

from __future__ import annotations

_START, _NEXT, _GAP = 8, 5, 1


def fit(typed: str, title: str) -> int | None:
    """The higher the better; None when the letters do not occur in this order. Nothing typed fits everything with 0.

    Letters at the start of a word and letters side by side count more; every letter skipped costs a little.
    """
    wanted, text = "".join(typed.casefold().split()), title.casefold()
    if not wanted:
        return 0
    found = text.find(typed.casefold().strip())
    if found >= 0:
        return 1000 - found - len(text) + (100 if _starts_word(text, found) else 0)
    score, at = 0, -1
    for letter in wanted:
        place = _best_place(text, letter, at)
        if place < 0:
            return None
        score += _NEXT if place == at + 1 else _START if _starts_word(text, place) else -_GAP * min(place - at, 5)
        at = place
    return score - len(text) // 8


def _best_place(text: str, letter: str, after: int) -> int:
    """The next letter, else the next one that starts a word, else the next one at all."""
    if text[after + 1 : after + 2] == letter:
        return after + 1
    places = [i for i in range(after + 1, len(text)) if text[i] == letter]
    return next((i for i in places if _starts_word(text, i)), places[0] if places else -1)


def _starts_word(text: str, place: int) -> bool:
    return place == 0 or not text[place - 1].isalnum()
