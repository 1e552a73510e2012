"""`stonechat demo`: one conversation by voice, keyboard and picture, written down with its window."""

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


def demo(services: Services) -> int:
    """Write build/demo: answers as text and WAV, transcript.json, and window.png."""
    from desktop_app.services.chat import AskOptions

    out = Path("build/demo").absolute()
    out.mkdir(parents=True, exist_ok=True)
    samples = resources() / "samples"
    turns: tuple[tuple[str, Path | None, tuple[Path, ...]], ...] = (
        ("", samples / "capital_of_france.wav", ()),
        (FOLLOW_UP, None, ()),
        (PICTURE_QUESTION, None, (samples / "pictures" / "poster.png",)),
    )
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
