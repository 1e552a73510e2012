"""Vetted chat templates, one function per family. A file's own template is code, and is run only behind the limits
of `engines/own_template.py`.

A family is recognised by the markers in the file's template, else by its architecture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Turn = tuple[str, str]
"""(role, text) with role system, user or assistant."""


def chatml(turns: Sequence[Turn]) -> str:
    """SmolLM2, Qwen and many others."""
    return "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in turns) + "<|im_start|>assistant\n"


def gemma(turns: Sequence[Turn]) -> str:
    """Gemma has no system role: instructions open the first question."""
    names = {"user": "user", "assistant": "model"}
    written = (f"<start_of_turn>{names[role]}\n{text}<end_of_turn>\n" for role, text in without_system(turns))
    return "".join(written) + "<start_of_turn>model\n"


def llama3(turns: Sequence[Turn]) -> str:
    head = "<|start_header_id|>{}<|end_header_id|>\n\n"
    return "".join(f"{head.format(role)}{text}<|eot_id|>" for role, text in turns) + head.format("assistant")


TEMPLATES: dict[str, Callable[[Sequence[Turn]], str]] = {"chatml": chatml, "gemma": gemma, "llama3": llama3}
_MARKERS = (("<|im_start|>", "chatml"), ("<start_of_turn>", "gemma"), ("<|start_header_id|>", "llama3"))
TURN_MARKERS = {"chatml": "<|im_start|>", "gemma": "<start_of_turn>"}
"""The token with which every turn of a family begins."""

PICTURE = "<|stonechat picture|>"
"""Stands in a rendered prompt where a picture is read."""

CONTROL_MARKERS = (
    PICTURE,
    "<|im_start|>",
    "<|im_end|>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|endoftext|>",
)


def family(template: str, architecture: str) -> str:
    """The name of the vetted template for a file; "chatml" when nothing says otherwise."""
    for marker, name in _MARKERS:
        if marker in template:
            return name
    return "gemma" if architecture.startswith("gemma") else "chatml"


def vetted(template: str) -> bool:
    """Whether a file's template belongs to a family that is written here. No template counts as ChatML."""
    return not template or any(marker in template for marker, _ in _MARKERS)


def without_system(turns: Sequence[Turn]) -> list[Turn]:
    """Instructions moved to the head of the first question, for families that have no system role."""
    system = "\n\n".join(text for role, text in turns if role == "system")
    rest = [turn for turn in turns if turn[0] != "system"]
    if system and rest and rest[0][0] == "user":
        rest[0] = ("user", f"{system}\n\n{rest[0][1]}")
    return rest


def plain(text: str, markers: Sequence[str] = CONTROL_MARKERS) -> str:
    """`text` with the templates' own markers broken up, so that nobody can speak in another's name."""
    for marker in markers:
        if marker in text:
            text = text.replace(marker, marker[0] + "\u200b" + marker[1:])
    return text
