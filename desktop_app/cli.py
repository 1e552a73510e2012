"""The headless twin: every journey of the window as a command. Names and JSON keys are a contract."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app import __version__, cli_feedback, cli_personalize, cli_recordings, cli_turn, cli_usage
from desktop_app.cli_words import usage
from desktop_app.errors import AppError, Cancelled
from desktop_app.files import disk_errors
from desktop_app.paths import places

if TYPE_CHECKING:
    from desktop_app.services.services import Services

Command = Callable[["Services", argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Gives the exit code: 0 done, 2 usage, 3 the person can fix it, 4 environment, 5 bug."""
    arguments = _parser().parse_args(
        _with_gain(sys.argv[1:] if argv is None else argv),
        argparse.Namespace(command=None, data="", json=False, files=[], background=False, talk=False),
    )
    try:
        return _run(arguments) if arguments.command else window(arguments)
    except AppError as error:
        _say_error(error, as_json=arguments.json)
        return error.exit_code
    except (Cancelled, KeyboardInterrupt):
        return 130


def _run(arguments: argparse.Namespace) -> int:
    from desktop_app.app import build, engines_with_test_eyes

    home = Path(arguments.data) if arguments.data else None
    kept = places(home)
    with disk_errors(kept.data):
        kept.create()
    services = build(kept, engines_with_test_eyes) if getattr(arguments, "eyes", False) else build(kept)
    for warning in services.warnings:
        sys.stderr.write(f"{warning.message} {warning.remedy}\n")
    try:
        command: Command = arguments.command
        return command(services, arguments)
    finally:
        services.close()


def window(arguments: argparse.Namespace) -> int:
    """Opens no service before it is sure that no other window does."""
    from desktop_app.ui.application import open_window
    from desktop_app.ui.window_call import Call

    kept = places(Path(arguments.data) if arguments.data else None)
    said = Call(
        files=tuple(Path(file).absolute() for file in arguments.files),
        talk=arguments.talk,
        token=os.environ.get("XDG_ACTIVATION_TOKEN", ""),
    )

    def build() -> Services:
        from desktop_app import app

        return app.build(kept)

    return open_window(kept, build, said, background=arguments.background)


def demo(services: Services, arguments: argparse.Namespace) -> int:
    from desktop_app.cli_demo import demo as play

    return play(services, eyes=arguments.eyes)


def setup(services: Services, arguments: argparse.Namespace) -> int:
    from desktop_app.cli_models import fetch

    return fetch(services, [spec.id for spec in services.library.starters(small=arguments.small)], arguments)


def doctor(services: Services, arguments: argparse.Namespace) -> int:
    os.environ.setdefault("QT_LOGGING_RULES", "*.info=false;*.warning=false")
    findings = services.doctor.check(plays=not arguments.silent)
    if arguments.json:
        print(json.dumps([dataclasses.asdict(each) for each in findings], indent=2))
    else:
        for each in findings:
            print(f"{'ok ' if each.ok else 'NO '} {each.name}: {each.value}")
            if not each.ok:
                print(f"    {each.remedy}")
    return 0 if all(each.ok for each in findings) else 4


def models(services: Services, arguments: argparse.Namespace) -> int:
    from desktop_app.cli_models import models as command

    return command(services, arguments)


def converse(services: Services, arguments: argparse.Namespace) -> int:
    from desktop_app.cli_talk import converse as talk

    return talk(services, arguments)


def serve(services: Services, arguments: argparse.Namespace) -> int:
    from desktop_app.cli_serve import serve as command

    return command(services, arguments)


def history(services: Services, arguments: argparse.Namespace) -> int:
    words = arguments.words
    action, rest = (words[0], words[1:]) if words else ("list", [])
    kept = services.history
    if action == "list" and not rest:
        found: Sequence[Any] = kept.conversations()
    elif action == "show" and len(rest) == 1:
        found = kept.path(rest[0])
    elif action == "search" and rest:
        found = kept.search(" ".join(rest))
    elif action == "delete" and len(rest) == 1:
        kept.conversation(rest[0])
        kept.delete(rest[0])
        services.attachments.forget(kept.purge())
        services.recordings.forget_erased()
        print(json.dumps({"done": "delete", "id": rest[0]}) if arguments.json else "Deleted.")
        return 0
    else:
        raise usage("stonechat history [list|show ID|search WORDS|delete ID]")
    if arguments.json:
        print(json.dumps([dataclasses.asdict(each) for each in found], indent=2))
    else:
        for each in found:
            print(_line(each))
    return 0


def _line(found: Any) -> str:
    if hasattr(found, "snippet"):
        return f"{found.conversation_id}  {found.title}: {found.snippet}"
    if hasattr(found, "role"):
        return f"{'You' if found.role == 'user' else 'Stonechat'}: {found.text}\n"
    return f"{found.id}  {found.title or 'New conversation'}"


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", default=argparse.SUPPRESS, metavar="DIR", help="keep everything in this folder")
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    parser = argparse.ArgumentParser(prog="stonechat", description=__doc__.splitlines()[0], parents=[shared])
    parser.add_argument("--version", action="version", version=f"stonechat {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(name: str, command: Command | None, help_: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_, description=help_, parents=[shared])
        made.set_defaults(command=command)
        return made

    shown = add("run", None, "open the window (the default), with pictures, sound or a model to look at")
    shown.add_argument("files", nargs="*", metavar="FILE")
    shown.add_argument("--talk", action="store_true", help="start the microphone of the open window, or stop it")
    shown.add_argument("--background", action="store_true", help="stay in the tray, or minimized")
    show = add("demo", demo, "a spoken, a typed and a picture question, written to build/demo")
    show.add_argument("--eyes", action="store_true", help="the model looks itself, with the project's test eyes")
    add("setup", setup, "fetch the starter models").add_argument("--small", action="store_true")
    look = add("doctor", doctor, "look for problems; plays a tone and listens to it")
    look.add_argument("--silent", action="store_true", help="play and record nothing")
    library = add("models", models, "list, show, fit, fetch, pause, add, remove, use, measure, quantize, distil")
    library.add_argument("words", nargs="*")
    place = library.add_mutually_exclusive_group()
    place.add_argument("--copy", dest="place", action="store_const", const="copy", default="link", help="add a copy")
    place.add_argument("--in-place", dest="place", action="store_const", const="in_place", help="leave the file there")
    add("history", history, "list, show ID, search WORDS, delete ID").add_argument("words", nargs="*")
    cli_feedback.register(add)
    kept = add("recordings", cli_recordings.recordings, "recordings that are kept: list, delete ID, delete all")
    kept.add_argument("words", nargs="*")
    taught = add("words", cli_recordings.expected_words, "words to listen for: list, add WORD, remove WORD, clear")
    taught.add_argument("words", nargs="*")
    record = add("usage", cli_usage.usage, "status, on LEVEL, off, pause, resume, show, metrics, export FILE, delete")
    record.add_argument("words", nargs="*")
    told = add("insights", cli_usage.insights, "satisfaction, waiting, struggle and surveys, from this device")
    told.add_argument("--html", default="", metavar="FILE", help="write a page that needs nothing else")
    told.add_argument("--note", default="", metavar="TEXT", help="first note that you changed something, today")
    told.add_argument("--days", type=int, default=90, metavar="N")
    ask = add("ask", cli_turn.ask, "ask one question")
    ask.add_argument("text", nargs="?", default="")
    ask.add_argument("--image", action="append", default=[], metavar="F")
    ask.add_argument("--audio", metavar="F.wav")
    ask.add_argument("--speak", metavar="OUT.wav")
    ask.add_argument("--conversation", metavar="ID")
    ask.add_argument("--model", default="", metavar="ID")
    ask.add_argument("--max-tokens", type=int, metavar="N")
    ask.add_argument("--seed", type=int, metavar="N")
    ask.add_argument("--temperature", type=float, metavar="T")
    listen = add("listen", cli_turn.listen, "each WAV file is one spoken turn")
    listen.add_argument("files", nargs="+", metavar="F.wav")
    listen.add_argument("--out", metavar="DIR")
    for each in (ask, listen):
        each.add_argument("--adapter", metavar="ID", help='answer with this adapter; "none" for the model alone')
    cli_personalize.add_commands(add)
    port = add("serve", serve, "let other programs on this computer ask the model (OpenAI chat API)")
    port.add_argument("--port", type=int, default=11435, metavar="P")
    talk = add("converse", converse, "talk hands-free with sound files as microphone and loudspeaker")
    talk.add_argument("--in", dest="microphone", required=True, metavar="MIC.wav")
    talk.add_argument("--out", dest="speaker", metavar="SPEAKER.wav")
    talk.add_argument("--echo", metavar="GAIN_DB,DELAY_MS", help="what is said comes back into the microphone")
    talk.add_argument("--introduce", action="store_true", help="say first that it is an AI, as the window does")
    pace = talk.add_mutually_exclusive_group()
    pace.add_argument("--realtime", dest="fast", action="store_false", default=False, help="at the pace of life")
    pace.add_argument("--fast", dest="fast", action="store_true", help="time stands still while engines work")
    talk.add_argument("--conversation", metavar="ID")
    return parser


def _with_gain(argv: Sequence[str]) -> list[str]:
    """`--echo -10,80` as one word, which argparse would take for two options."""
    words = list(argv)
    for at, word in enumerate(words[:-1]):
        if word == "--echo":
            words[at : at + 2] = [f"--echo={words[at + 1]}"]
            break
    return words


def _say_error(error: AppError, *, as_json: bool) -> None:
    text = json.dumps(error.as_dict()) if as_json else f"{error.message} {error.remedy}"
    sys.stderr.write(text + "\n")
