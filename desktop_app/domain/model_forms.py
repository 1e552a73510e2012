"""The forms of a language model: how many bits each weight takes, and what is lost by taking fewer. Pure rules."""

from __future__ import annotations

import re
from typing import Literal

Size = Literal["small", "balanced", "large"]
Loss = Literal["", "none", "hardly", "little", "some", "much"]

BITS: dict[str, float] = {
    "F32": 32.0, "F16": 16.0, "BF16": 16.0, "Q8_0": 8.5, "Q6_K": 6.6, "Q5_1": 6.0, "Q5_K_M": 5.7, "Q5_K_S": 5.5,
    "Q5_0": 5.5, "Q4_1": 5.0, "Q4_K_M": 4.9, "Q4_K_S": 4.6, "Q4_0": 4.5, "IQ4_XS": 4.3, "Q3_K_L": 4.3, "Q3_K_M": 3.9,
    "Q3_K_S": 3.5, "Q2_K": 3.2,
}  # fmt: skip
"""About how many bits a form takes for each weight, scales included."""
MADE = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M", "Q2_K")
"""Forms that can be made here."""
FORM_OF: dict[Size, str] = {"small": "Q3_K_M", "balanced": "Q4_K_M", "large": "Q8_0"}
_KIND = re.compile(r"[.-]((?:I?Q|BF|F)\d\w*)$", re.IGNORECASE)


def form_of(file_name: str) -> str:
    """The form that a file's name states, as in "Some-Model.Q4_K_M.gguf"; "" when it states none we know."""
    found = _KIND.search(file_name.removesuffix(".gguf"))
    return found[1].upper() if found and found[1].upper() in BITS else ""


def without_form(stem: str) -> str:
    """A file's name, without suffix, and without its form."""
    return _KIND.sub("", stem)


def loss_of(form: str) -> Loss:
    """What a form costs in quality, by the bits it keeps; "" for a form we do not know."""
    bits = BITS.get(form, 0.0)
    steps: tuple[tuple[float, Loss], ...] = (
        (8.0, "none"), (5.5, "hardly"), (4.5, "little"), (3.5, "some"), (0.1, "much"),
    )  # fmt: skip
    return next((loss for least, loss in steps if bits >= least), "")


def smaller_forms(form: str) -> tuple[Size, ...]:
    """Which sizes are worth making of a model of this form."""
    bits = BITS.get(form, BITS["F16"])
    sizes: tuple[Size, ...] = ("small", "balanced", "large")
    return tuple(size for size in sizes if BITS[FORM_OF[size]] <= bits - 0.5)


def bytes_as(size: Size, form: str, weights: int) -> int:
    """About how large the weights become. Small models keep more than this: their word tables stay exact."""
    return int(weights * BITS[FORM_OF[size]] / BITS.get(form, BITS["F16"]))
