"""`stonechat demo`: one conversation by voice, keyboard and picture, written down with its window; or, with `--eyes`,
a model that looks at pictures itself through the project's own test eyes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_app.cli_turn import answer_object, turn
from desktop_app.paths import resources

if TYPE_CHECKING:
    from desktop_app.services.services import Services

FOLLOW_UP = "And what is that city famous for? Answer in two sentences."
PICTURE_QUESTION = "What does this poster announce, and when?"


Turn = tuple[str, Path | None, tuple[Path, ...]]
EYES = (
    "These eyes were made by the project for its tests. They know a few drawn shapes, glyphs and numbers, "
    "nothing of photographs, and are offered to nobody."
)


def demo(services: Services, *, eyes: bool = False) -> int:
    """Write build/demo (with `eyes`: build/demo-eyes): answers as text and WAV, transcript.json, and window.png."""
    samples = resources() / "samples"
    pictures = samples / "pictures"
    if eyes:
        print(f"{EYES}\n")
        looks: tuple[Turn, ...] = (
            ("How many shapes are there?", None, (pictures / "stars.png",)),
            ("What color are they?", None, ()),
            ("What is on the left?", None, (pictures / "pair.png",)),
            ("What is in the picture?", None, (pictures / "poster.png",)),
        )
        return _play(services, looks, Path("build/demo-eyes").absolute())
    turns: tuple[Turn, ...] = (
        ("", samples / "capital_of_france.wav", ()),
        (FOLLOW_UP, None, ()),
        (PICTURE_QUESTION, None, (pictures / "poster.png",)),
    )
    return _play(services, turns, Path("build/demo").absolute())


def _play(services: Services, turns: tuple[Turn, ...], out: Path) -> int:
    from desktop_app.services.chat import AskOptions

    out.mkdir(parents=True, exist_ok=True)
    conversation_id, told_all = None, []
    for number, (text, audio, images) in enumerate(turns, 1):
        told = turn(
            services,
            text,
            audio=audio,
            images=images,
            conversation_id=conversation_id,
            options=AskOptions(temperature=0, seed=1, max_tokens=160),
            speak_to=out / f"answer-{number}.wav",
        )
        conversation_id = told.conversation_id
        shown = answer_object(services, told)
        (out / f"answer-{number}.txt").write_text(shown["text"], encoding="utf-8")
        told_all.append(shown)
        timings = told.timings
        print(f"You: {told.transcript or text}{' [picture]' if images else ''}")
        print(f"Stonechat: {shown['text']}")
        print(f"  first token {timings.first_token_ms:.0f} ms, {timings.tokens_per_second:.1f} tokens/s\n")
    (out / "transcript.json").write_text(json.dumps(told_all, indent=2), encoding="utf-8")
    if conversation_id is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        from desktop_app.ui.snapshot import save_conversation

        save_conversation(services, conversation_id, out / "window.png", theme="light", size=(1280, 860))
    print(f"Written to {out}")
    return 0
