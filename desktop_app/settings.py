"""Every setting, declared once: type, default, title, help. The settings page and the docs are made from this.

Saved as JSON, atomically; keys this version does not know are kept; broken values fall back to the default.
"""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from desktop_app.errors import EnvironmentProblem

SCHEMA = 1
SYSTEM_PROMPT = (
    "You are Stonechat, a helpful assistant that runs on this computer. "
    "Answer briefly and plainly. Say so when you are not sure."
)

LANGUAGES = (
    ("", "Detect"), ("en", "English"), ("zh", "Chinese"), ("cs", "Czech"), ("da", "Danish"), ("nl", "Dutch"),
    ("fi", "Finnish"), ("fr", "French"), ("de", "German"), ("el", "Greek"), ("hi", "Hindi"), ("hu", "Hungarian"),
    ("it", "Italian"), ("ja", "Japanese"), ("ko", "Korean"), ("no", "Norwegian"), ("pl", "Polish"),
    ("pt", "Portuguese"), ("ro", "Romanian"), ("ru", "Russian"), ("es", "Spanish"), ("sv", "Swedish"),
    ("tr", "Turkish"), ("uk", "Ukrainian"),
)  # fmt: skip
"""What the recogniser can be told to expect, by its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """How a setting is shown. `group` empty: it is state, not a choice, and no page shows it.

    `least` stands for the smallest number.
    """

    title: str
    help: str
    group: str
    choices: tuple[tuple[Any, str], ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    unit: str = ""
    least: str = ""
    multiline: bool = False


def option(default: Any, title: str, help: str, group: str, **shown: Any) -> Any:
    return field(default=default, metadata={"option": Option(title=title, help=help, group=group, **shown)})


def _state(default: Any) -> Any:
    return option(default, "", "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of one person. Frozen: change with `dataclasses.replace`, keep with `SettingsFile.save`."""

    # fmt: off
    theme: str = option("system", "Colours", "Light, dark, high contrast, or as the system says.", "Appearance",
        choices=(("system", "As the system"), ("light", "Light"), ("dark", "Dark"), ("high_contrast", "High contrast")))
    text_scale: int = option(100, "Text size", "Everything grows with it.", "Appearance",
        minimum=100, maximum=200, step=10, unit="%")
    motion: str = option("system", "Motion", "Reduced motion shows changes at once instead of animating them.", "Appearance",
        choices=(("system", "As the system"), ("full", "Full"), ("reduced", "Reduced")))
    send_on_enter: bool = option(True, "Enter sends", "Shift+Enter starts a new line. Off: Ctrl+Enter sends.", "Conversation")
    system_prompt: str = option(SYSTEM_PROMPT, "Instructions", "What the model is told before every conversation.",
        "Conversation", multiline=True)
    temperature: float = option(0.7, "Temperature", "0 always gives the likeliest answer; higher is more varied.",
        "Conversation", minimum=0.0, maximum=2.0, step=0.1)
    max_tokens: int = option(1024, "Longest answer", "The answer stops here; it can be continued.", "Conversation",
        minimum=16, maximum=8192, step=16, unit="tokens")
    language_model: str = option("", "Language model", "Automatic takes the best installed one for this machine's memory.",
        "Models")
    context_tokens: int = option(4096, "Context length", "How much of a conversation the model remembers; costs memory.",
        "Models", minimum=512, maximum=32768, step=512, unit="tokens")
    threads: int = option(0, "Processor threads", "Automatic takes one for each core.", "Models", minimum=0, maximum=64,
        step=1, least="Automatic")
    gpu_layers: int = option(-1, "Work on the graphics card", "How many parts of the model it computes. Automatic: as many as "
        "its memory holds. 0: none.", "Models", minimum=-1, maximum=200, step=1, least="Automatic")
    idle_unload_minutes: int = option(30, "Unload when idle", "Gives the memory back after this long. 0 never does.", "Models",
        minimum=0, maximum=720, step=5, unit="min")
    kv_type: str = option("f16", "Memory of the context", "Smaller forms take less memory and lose a little exactness.",
        "Models", choices=(("f16", "Exact"), ("q8_0", "Half the memory"), ("q4_0", "A quarter of the memory")))
    offline: bool = option(False, "Offline", "On: nothing is ever fetched, whatever is clicked.", "Models")
    hearing_model: str = option("", "Hearing", "The speech recogniser. Automatic takes the best installed one.", "Voice")
    voice_model: str = option("", "Voice", "The voice that reads answers aloud.", "Voice")
    voice_speed: float = option(1.0, "Speaking speed", "1.0 is the voice's own pace.", "Voice",
        minimum=0.5, maximum=2.0, step=0.1, unit="x")
    microphone: str = option("", "Microphone", "Empty: the system's default.", "Voice")
    speaker: str = option("", "Speaker", "Empty: the system's default.", "Voice")
    hold_to_talk: bool = option(False, "Hold to talk", "On: talk while the button is held. Off: press to start, press to stop.",
        "Voice")
    send_transcript: bool = option(False, "Send speech at once", "Off: what was heard waits in the composer, editable.", "Voice")
    read_aloud: bool = option(False, "Read answers aloud", "Speaks every answer, sentence by sentence, while it is written.",
        "Voice")
    talk_least_wait_s: float = option(0.5, "Shortest wait", "Hands-free: silence after a finished sentence before the answer.",
        "Voice", minimum=0.3, maximum=2.0, step=0.1, unit="s")
    talk_most_wait_s: float = option(3.0, "Longest wait", "Hands-free: silence after an unfinished sentence before the answer.",
        "Voice", minimum=1.0, maximum=8.0, step=0.5, unit="s")
    talk_interrupt_s: float = option(0.5, "Speech that interrupts", "Hands-free: speech over an answer before it is given up.",
        "Voice", minimum=0.3, maximum=2.0, step=0.1, unit="s")
    talk_usual_pause_s: float = option(0.5, "Your usual pause",
        "Hands-free learns from your talking how long you pause within a sentence. Reset it to forget.", "Voice",
        minimum=0.2, maximum=4.0, step=0.1, unit="s")
    talk_introduction: bool = option(True, "Say that it is an AI", "Aloud, at the start of every hands-free conversation. "
        "Off: only at the very first.", "Voice")
    hearing_language: str = option("", "Spoken language", "Detected from what is said, or always the same. "
        "The small recogniser hears English only.", "Voice", choices=LANGUAGES)
    keep_recordings: bool = option(False, "Keep recordings", "Off: sound is never stored. On: the sound of every spoken turn "
        "is kept on this computer, not encrypted, until you delete it on the page Recordings.", "Voice")
    expected_words: str = option("", "Words to expect", "Names and terms that are often misheard, separated by commas.",
        "Voice", multiline=True)
    learn_words: bool = option(True, "Learn from corrections", "Names that you correct in what was heard join the words to expect.",
        "Voice")
    use_learned: bool = option(True, "Use what I learned", "Tells the model the rules about you and shows it one or two answers "
        "that you liked. All of it is on the page “What I learned”.", "Learning")
    record_signals: bool = option(False, "Notice what I do with answers", "Keeps that you copied, stopped or repeated an answer. "
        "It is listed with your ratings; it never leaves this machine.", "Learning")
    rate_by_voice: bool = option(False, "Rate by voice", "Hands-free: “that was good” or “that was bad” rates the "
        "last answer instead of being answered.", "Learning")
    rating_use_told: bool = _state(False)
    personalize_idle: bool = option(False, "Personalize by itself", "Makes a new adapter while the computer is not used, and "
        "offers it; whether it is used stays your choice.", "Learning")
    personalize_charger: bool = option(True, "Only on the charger", "Stops when the computer runs on its battery.", "Learning")
    personalize_quiet_minutes: int = option(10, "After this much quiet", "Since you last did something here. 0: at once.",
        "Learning", minimum=0, maximum=120, step=5, unit="min")
    personalize_from_hour: int = option(22, "Not before", "The same hour twice: at any time.", "Learning",
        minimum=0, maximum=23, step=1, unit="h")
    personalize_to_hour: int = option(7, "Not after", "The same hour twice: at any time.", "Learning",
        minimum=0, maximum=23, step=1, unit="h")
    personalize_cap_minutes: int = option(60, "Longest training", "It ends after this long with what it has. 0: no end.",
        "Learning", minimum=0, maximum=720, step=10, unit="min")
    teacher_model: str = option("", "Teacher", "A larger model that answers your own questions while the computer is not "
        "used, for the one in use to learn from. Needs “Personalize by itself”.", "Learning")
    tray_icon: bool = option(False, "Icon in the tray", "Opens the window, talks and quits from there, where the desktop has "
        "a tray.", "This computer")
    close_to_tray: bool = option(False, "Closing keeps it running", "The closed window waits in the tray. Quit with Ctrl+Q or "
        "from the icon.", "This computer")
    talk_key: bool = option(False, "Talk from anywhere", "A shortcut starts the microphone while another program is in front: "
        "hold it while you talk, or tap it before and after.", "This computer")
    talk_key_chord: str = option("Ctrl+Alt+Space", "Shortcut to talk", "Some desktops ask, or let you choose another one "
        "themselves.", "This computer")
    start_at_login: bool = option(False, "Start at login", "In the tray if there is an icon, else minimized.", "This computer")
    tray_told: bool = _state(False)
    endpoint: bool = option(False, "Let other programs ask", "Programs on this computer that know the token may ask your "
        "model (OpenAI chat API). Nobody else can.", "Other programs")
    endpoint_port: int = option(11435, "Port", "Where they ask, on 127.0.0.1.", "Other programs",
        minimum=1024, maximum=65535, step=1)
    first_run_done: bool = _state(False)
    talk_introduced: bool = _state(False)
    usage_asked: bool = _state(False)
    window_geometry: str = _state("")
    last_conversation: str = _state("")
    # fmt: on


def options() -> tuple[tuple[str, type, Any, Option], ...]:
    """(name, type, default, option) of every setting, in the order of declaration."""
    hints = get_type_hints(Settings)
    return tuple((f.name, hints[f.name], f.default, f.metadata["option"]) for f in fields(Settings))


def valid(name: str, value: Any) -> bool:
    """Whether `value` may be kept under `name`: right type, inside its bounds, among its choices."""
    found = {n: (kind, o) for n, kind, _, o in options()}.get(name)
    if found is None:
        return False
    kind, shown = found
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        return False
    if shown.choices and value not in [choice for choice, _ in shown.choices]:
        return False
    if isinstance(value, int | float) and not isinstance(value, bool):
        low = shown.minimum if shown.minimum is not None else value
        high = shown.maximum if shown.maximum is not None else value
        return low <= value <= high
    return True


class SettingsFile:
    """Reads and writes one settings file. One owner at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._unknown: dict[str, Any] = {}

    def load(self) -> Settings:
        """The saved settings. A missing file gives the defaults; a broken one is moved aside to `.broken`."""
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Settings()
        except (OSError, ValueError):
            self._move_aside()
            return Settings()
        if not isinstance(raw, dict):
            self._move_aside()
            return Settings()
        names = {name for name, *_ in options()}
        self._unknown = {key: value for key, value in raw.items() if key not in names and key != "schema"}
        return Settings(**{key: value for key, value in raw.items() if key in names and valid(key, value)})

    def save(self, settings: Settings) -> None:
        """Write atomically. Raises EnvironmentProblem when the folder cannot be written."""
        body = {"schema": SCHEMA, **self._unknown, **dataclasses.asdict(settings)}
        part = self.path.with_suffix(".part")
        try:
            with part.open("w", encoding="utf-8") as out:
                json.dump(body, out, indent=2, ensure_ascii=False)
                out.flush()
                os.fsync(out.fileno())
            part.replace(self.path)
        except OSError as error:
            raise EnvironmentProblem(
                "settings.not_saved",
                "The settings could not be saved.",
                remedy=f"Check that {self.path.parent} can be written and that the disk is not full.",
                detail=str(error),
            ) from error

    def _move_aside(self) -> None:
        try:
            self.path.replace(self.path.with_suffix(".broken"))
        except OSError:
            return
