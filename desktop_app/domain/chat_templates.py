"""Vetted chat templates, one function per family; a file's own template is code and is never run.

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
    system = "\n\n".join(text for role, text in turns if role == "system")
    parts = []
    for role, text in turns:
        if role == "system":
            continue
        opening, system = (f"{system}\n\n" if system and role == "user" else ""), "" if role == "user" else system
        name = "model" if role == "assistant" else "user"
        parts.append(f"<start_of_turn>{name}\n{opening}{text}<end_of_turn>\n")
    return "".join(parts) + "<start_of_turn>model\n"


def llama3(turns: Sequence[Turn]) -> str:
    head = "<|start_header_id|>{}<|end_header_id|>\n\n"
    return "".join(f"{head.format(role)}{text}<|eot_id|>" for role, text in turns) + head.format("assistant")


TEMPLATES: dict[str, Callable[[Sequence[Turn]], str]] = {"chatml": chatml, "gemma": gemma, "llama3": llama3}
_MARKERS = (("<|im_start|>", "chatml"), ("<start_of_turn>", "gemma"), ("<|start_header_id|>", "llama3"))
CONTROL_MARKERS = (
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


def plain(text: str) -> str:
    """`text` with the templates' own markers broken up, so that nobody can speak in another's name."""
    for marker in CONTROL_MARKERS:
        if marker in text:
            text = text.replace(marker, marker[0] + "​" + marker[1:])
    return text
