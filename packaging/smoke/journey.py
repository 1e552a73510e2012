"""What somebody does with the package, from installing to being rid of it, each step proved."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from release.places import ROOT
from smoke.clean_system import PERSON, CleanSystem
from smoke.screen import DISPLAY, Screen, screen
from smoke.start_up import memory_mb
from smoke.steps import Steps

HOME = f"/home/{PERSON}"
PROGRAM = "usr/lib/stonechat"
DATA = ".local/share/stonechat"
_VALIDATE = ("appstreamcli", "validate", "--no-net", "--override=cid-desktopapp-is-not-rdns=info")
"""The project owns no domain, so its name cannot be one turned round."""
CONTINUE_AT = (860, 810)
"""Where the welcome's button is in a window of `screen.WINDOW_SIZE`."""
OF_THE_DESKTOP = ("libqgtk3.so",)
"""Plugins that may lack libraries: Qt leaves them out where there is no GTK."""
SOUND = ("microphone", "speaker", "sound", "tone", "devices")


def run(system: CleanSystem, steps: Steps, package: Path) -> None:
    """Everything, in order."""
    if not _install(system, steps, package):
        return
    _files(system, steps)
    _commands(system, steps)
    with screen() as shown:
        _window(system, steps, shown)
    _remove(system, steps, package)


def _install(system: CleanSystem, steps: Steps, package: Path) -> bool:
    found = system.run(["sh", "-c", "command -v python3 python perl-python"])
    steps.check("The clean system has no Python", found, code=None, holds=found.returncode != 0)
    system.run(["apt-get", "update"])
    shutil.copy(package, system.root / "tmp" / package.name)
    done = system.run(["apt-get", "install", "-y", f"/tmp/{package.name}"], limit_s=1800)
    return steps.check(f"{package.name} installs with what it asks for", done)


def _files(system: CleanSystem, steps: Steps) -> None:
    found = system.run(["sh", "-c", "command -v python3"])
    steps.check("Nothing it asked for is Python", found, code=None, holds=found.returncode != 0)
    sums = system.run(["sh", "-c", f"cd /{PROGRAM} && sha256sum --check --quiet MANIFEST.sha256"], limit_s=1800)
    steps.check("Every file is the one that was built", sums)
    look = (
        f"export LD_LIBRARY_PATH=/{PROGRAM}/_internal; find /{PROGRAM} -name '*.so*' -type f"
        ' | while read f; do ldd $f 2>/dev/null | sed "s|^|$f |"; done'
    )
    linked = system.run(["sh", "-c", f"{look} | grep 'not found' || true"], limit_s=1800)
    lacking = [line for line in linked.stdout.splitlines() if not line.split()[0].endswith(OF_THE_DESKTOP)]
    steps.check("No library lacks another", linked, holds=not lacking)
    share = system.root / "usr" / "share"
    checks = (
        ("The launcher is valid", ["desktop-file-validate", share / "applications" / "stonechat.desktop"]),
        (
            "The catalogue entry is valid",
            [*_VALIDATE, share / "metainfo" / "stonechat.metainfo.xml"],
        ),
        ("The manual page is there", ["man", "--warnings", "-l", share / "man" / "man1" / "stonechat.1.gz"]),
    )
    for name, command in checks:
        if shutil.which(command[0]):
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
            steps.check(name, done)


def _commands(system: CleanSystem, steps: Steps) -> None:
    """Without network and without a screen."""
    examined = system.person(["stonechat", "doctor", "--silent", "--json"], QT_QPA_PLATFORM="offscreen")
    findings = _json(examined)
    bad = [each["name"] for each in findings if not each["ok"]]
    only_sound = bool(findings) and all(any(word in name.lower() for word in SOUND) for name in bad)
    steps.check(f"The doctor runs; it lacks: {', '.join(bad) or 'nothing'}", examined, code=None, holds=only_sound)
    played = system.person(["stonechat", "demo"], limit_s=3000, QT_QPA_PLATFORM="offscreen")
    out = system.home / "build" / "demo"
    wanted = ("answer-1.wav", "answer-2.txt", "answer-3.txt", "transcript.json", "window.png")
    there = [name for name in wanted if (out / name).is_file() and (out / name).stat().st_size > 0]
    steps.check("The demo hears, answers, speaks and looks", played, holds=len(there) == len(wanted))
    if (out / "window.png").is_file():
        shutil.copy(out / "window.png", steps.folder / "demo.png")


def _window(system: CleanSystem, steps: Steps, shown: Screen) -> None:
    shutil.copy(ROOT / "resources" / "samples" / "pictures" / "poster.png", system.home / "poster.png")
    model = _another_model(system)
    with _opened(system) as process:
        seconds = shown.wait_for_window("Stonechat", 300)
        steps.check(f"The window opens ({seconds:.2f} s on this machine, busy or not)", None)
        time.sleep(10)
        shown.place("Stonechat")
        time.sleep(3)
        memory = memory_mb(process.pid)
        steps.check(f"Its process holds {memory:.0f} MB", None, holds=memory < 180)
        shown.picture(steps.folder / "window.png")
        for _page_of_the_welcome in range(3):
            shown.click(CONTINUE_AT)
            time.sleep(5)
        shown.drag(f"{HOME}/poster.png", (800, 600))
        time.sleep(30)
        taken = list((system.home / DATA / "pictures").glob("*"))
        shown.picture(steps.folder / "dropped.png")
        steps.check("A picture that is dropped on the window is taken", None, holds=bool(taken))
        again = system.person(["stonechat", "run", f"{HOME}/poster.png"], limit_s=120, **_on_screen())
        steps.check("A second start hands its picture to the first window and ends", again)
        time.sleep(5)
        shown.picture(steps.folder / "handed-over.png")
        shown.drag(f"{HOME}/{model.name}", (800, 400))
        steps.check("A model that is dropped on the window is added", None, holds=_added(system, "Robin", 180))
        shown.picture(steps.folder / "model.png")
    steps.check("The window closes when it is told to", None, holds=process.poll() is not None)
    listed = system.person(["stonechat", "models", "list", "--json"])
    added = [each["id"] for each in _json(listed) if each.get("added")]
    steps.check(f"The added model is listed: {', '.join(added)}", listed, holds=bool(added))
    if added:
        asked = ["stonechat", "ask", "What is the capital of France?", "--model", added[0], "--max-tokens", "20"]
        answered = system.person(asked, limit_s=1200)
        steps.check("The added model answers", answered, holds=bool(answered.stdout.strip()))


def _remove(system: CleanSystem, steps: Steps, package: Path) -> None:
    removed = system.run(["apt-get", "remove", "-y", "stonechat"])
    gone = not (system.root / PROGRAM).exists() and not (system.root / "usr" / "bin" / "stonechat").is_symlink()
    steps.check("Removing takes the program away", removed, holds=gone)
    database = system.home / DATA / "stonechat.db"
    purged = system.run(["apt-get", "purge", "-y", "stonechat"])
    steps.check("Purging leaves what the person wrote", purged, holds=database.is_file())
    system.run(["dpkg", "--install", f"/tmp/{package.name}"], limit_s=1800)
    purged = system.run(["apt-get", "purge", "-y", "stonechat"], STONECHAT_PURGE_DATA="yes")
    left = [name for name in (DATA, ".cache/stonechat", ".local/state/stonechat") if (system.home / name).exists()]
    steps.check("Purging deletes it when asked to", purged, holds=not left)
    names = subprocess.run(
        ["find", str(system.root), "-xdev", "-iname", "*stonechat*", "-not", "-path", "*/tmp/*"],
        capture_output=True,
        text=True,
        check=False,
    )
    others = [line for line in names.stdout.splitlines() if "/dpkg/" not in line and "/apt/" not in line]
    steps.check("Nothing with its name is left", names, holds=not others)


@contextmanager
def _opened(system: CleanSystem) -> Iterator[subprocess.Popen[bytes]]:
    command = ["unshare", "--net", *system.as_person(["stonechat", "run"], _on_screen())]
    log = (system.root.parent / "window.log").open("wb")
    with log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


def _on_screen() -> dict[str, str]:
    return {"DISPLAY": DISPLAY, "QT_QPA_PLATFORM": "xcb"}


def _another_model(system: CleanSystem) -> Path:
    """The small starter model under another name within, so that it is none of those that are there."""
    source = next(iter((system.root / PROGRAM / "models").glob("smollm2-135m/*.gguf")), None)
    source = source or next(Path.home().glob(".local/share/stonechat/models/smollm2-135m/*.gguf"))
    data = bytearray(source.read_bytes())
    at = data.index(b"general.name") + len(b"general.name") + 12
    data[at : at + 5] = b"Robin"
    target = system.home / "robins-model.gguf"
    target.write_bytes(data)
    number = system.home.stat().st_uid
    os.chown(target, number, number)
    return target


def _added(system: CleanSystem, title: str, patience_s: float) -> bool:
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        for record in (system.home / DATA / "models").glob("*/model.json"):
            if json.loads(record.read_bytes())["title"].startswith(title):
                return True
        time.sleep(2)
    return False


def _json(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return []
    return found if isinstance(found, list) else found.get("models", [])
