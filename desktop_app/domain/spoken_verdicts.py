"""Whether a spoken sentence does nothing but say what the last answer was like."""

from __future__ import annotations

import re

_BEFORE = r"(?:(?:yes|yeah|no|ok|okay|oh|hm|well|thanks|thank you|stonechat) )*"
_AFTER = r"(?: (?:thanks|thank you|stonechat))*"
_MUCH = r"(?:a |an |the )?(?:very |really |so |quite |just )*"
_GOOD = rf"(?:(?:that|this|it)(?: was|s| is) {_MUCH}(?:good|great|helpful|perfect|excellent)(?: answer| one)?"
_GOOD += r"|(?:very |really )?(?:good|great|perfect|excellent) answer|well done)"
_BAD = rf"(?:(?:that|this|it)(?: was|s| is) {_MUCH}(?:bad|wrong|terrible|useless|not (?:very |really |so )?"
_BAD += rf"(?:good|great|helpful|right))(?: answer| one)?|(?:that|this|it) wasnt {_MUCH}(?:good|great|helpful|right)"
_BAD += r"|(?:bad|wrong|terrible) answer)"
_LIKED = re.compile(_BEFORE + _GOOD + _AFTER)
_DISLIKED = re.compile(_BEFORE + _BAD + _AFTER)


def verdict(said: str) -> bool | None:
    """True for "that was good", False for "that was wrong", None for anything else. English only."""
    plain = " ".join(re.sub(r"[^\w\s]", "", said.casefold().replace("’", "'").replace("'", "")).split())
    if _LIKED.fullmatch(plain):
        return True
    return False if _DISLIKED.fullmatch(plain) else None
