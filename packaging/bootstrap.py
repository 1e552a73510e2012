"""From a fresh clone to a running Stonechat: `python packaging/bootstrap.py COMMAND` (`help` lists them).

Makes `.venv`, installs the locked packages, looks after system libraries, fetches the starter models, then does what
was asked. Needs Python 3.11 to 3.13 and nothing else. Doing it again costs next to nothing: a stamp remembers.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "stonechat-setup"
LOG = ROOT / "build" / "setup.log"
OLDEST, NEWEST = (3, 11), (3, 13)
USES = ("build", "window", "sound", "fonts")
FAST = "not models and not audio and not slow"
HEARTBEAT_S = 30
COMMANDS = {
    "run": "set everything up and open the window (the demo where there is no display)",
    "test": "set everything up and run every test",
    "check": "format, lint, types, import contracts and the fast tests, without models",
    "bench": "measure speed and print a table and JSON",
    "bench-voice": "the same for hands-free conversation (two hours; TRIALS, TURNS and MINUTES shorten it)",
    "bench-models": "the same for the model library: memory foretold, bad connections, the page",
    "bench-personalize": "the same for training personal adapters (10 minutes)",
    "study-instant": "show with simulated people that ratings change the next answer (hours)",
    "study-adapters": "how well adapters learn what simulated people like (hours; goes on where it was)",
    "usability": "scripted people try the window; the report is build/usability/report.html",
    "monkey": "random clicks and keys, locked into a folder of their own",
    "screenshots": "draw the pictures of the README",
    "eyes": "train, write and evaluate the test eyes (long)",
    "package": "build the installed application for this system, into build/package (long)",
    "smoke": "install the Debian package into a clean system, use it and remove it (as root on Debian)",
    "setup": "set everything up and stop there (--small: only the small language model)",
    "clean": "remove .venv and build",
    "help": "say this",
}


class Stop(Exception):
    """Cannot go on; the sentence says why and what to do."""


def main(arguments: list[str]) -> int:
    command, options = (arguments[0], arguments[1:]) if arguments else ("help", [])
    grid = command == "study-adapters"
    if command not in COMMANDS or any(option != "--small" and not (grid and "=" in option) for option in options):
        show_help()
        return 2
    try:
        if not OLDEST <= sys.version_info[:2] <= NEWEST:
            return subprocess.run([other_python(), __file__, *arguments]).returncode
        return {
            "help": show_help,
            "clean": clean,
            "check": check,
            "setup": lambda: setup(options),
            "run": lambda: run(options),
            "test": test,
            "bench": lambda: script("bench"),
            "bench-voice": lambda: script("bench", "voice"),
            "bench-models": lambda: script("bench", "models"),
            "bench-personalize": lambda: script("bench", "personalize"),
            "study-instant": lambda: script("study/instant"),
            "study-adapters": lambda: script("study/adapters", *options),
            "usability": lambda: window_tests("run", "--real", "--report", "build/usability"),
            "monkey": lambda: window_tests("monkey"),
            "screenshots": lambda: script("screenshots"),
            "eyes": lambda: script("eyes"),
            "package": package,
            "smoke": lambda: script("smoke_test"),
        }[command]()
    except Stop as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 4
    except KeyboardInterrupt:
        print("\nStopped. What is finished is kept; the same command goes on from here.", file=sys.stderr)
        return 130


def show_help() -> int:
    print("make COMMAND  (or: python packaging/bootstrap.py COMMAND)\n")
    for name, meaning in COMMANDS.items():
        print(f"  {name:<12} {meaning}")
    return 0


def clean() -> int:
    for folder in (VENV, ROOT / "build"):
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def setup(options: list[str], uses: tuple[str, ...] = USES) -> int:
    system_libraries(uses)
    environment()
    say("Looking after the models")
    return in_venv("-m", "desktop_app", "setup", *options)


def run(options: list[str]) -> int:
    if setup(options):
        say("Not all models are here; going on with what works")
    if sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        say("Opening the window")
        return in_venv("-m", "desktop_app")
    say("There is no display here, so this runs the demo instead of the window")
    return in_venv("-m", "desktop_app", "demo")


def test() -> int:
    status = setup([], (*USES, "tests"))
    if status:
        return status
    say("Running every test")
    return in_venv("-m", "pytest", offscreen=True)


def check() -> int:
    system_libraries(USES)
    environment()
    steps = {
        "Format": ("-m", "ruff", "format", "--check", "."),
        "Lint": ("-m", "ruff", "check", "."),
        "Types": ("-m", "mypy"),
        "Import contracts": ("-c", "from importlinter.cli import lint_imports_command as run; run()"),
        "Fast tests": ("-m", "pytest", "-m", FAST),
    }
    failed = []
    for title, step in steps.items():
        say(title)
        if in_venv(*step, offscreen=True):
            failed.append(title)
    say(f"Failed: {', '.join(failed)}" if failed else "All checks passed")
    return 1 if failed else 0


def window_tests(*words: str) -> int:
    """`python -m usability_tests`, everything set up."""
    status = setup([])
    return status or in_venv("-m", "usability_tests", *words, offscreen=True)


def package() -> int:
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    return script("build", system, *(("--with-models", "--with-pack") if system == "linux" else ()))


def script(name: str, *words: str) -> int:
    """Run `packaging/NAME.py` or the folder `packaging/NAME`, everything set up."""
    status = setup([])
    return status or in_venv(str(next((ROOT / "packaging").glob(f"{name}*"))), *words, offscreen=True)


# the environment


def environment() -> None:
    """Make `.venv` hold the locked packages and the project itself. Raises Stop."""
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == stamp():
        return
    STAMP.unlink(missing_ok=True)
    if not venv_python().is_file():
        say("Making .venv")
        make_venv()
    wanted = [line for line in LOCK.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    pip = next(line for line in wanted if line.startswith("pip=="))
    minutes = max(2, round(13 / cores()))
    say("Updating pip")
    install(pip)
    say(f"Installing {len(wanted)} packages; compiling llama.cpp takes about {minutes} minutes the first time")
    install("-r", str(LOCK))
    say("Installing Stonechat")
    install("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    STAMP.write_text(stamp(), encoding="utf-8")


def stamp() -> str:
    """Changes whenever the environment must be looked after again."""
    digest = hashlib.sha256()
    for part in (LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), str(VENV).encode()):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def make_venv() -> None:
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        if "ensurepip" in made.stdout + made.stderr or "No module named venv" in made.stderr:
            raise Stop("Python's venv module is missing; install it with: sudo apt-get install -y python3-venv")
        raise Stop(f"The environment {VENV} could not be made: {(made.stderr or made.stdout).strip()}")


def other_python() -> str:
    """A Python on the path whose version fits. Raises Stop."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    raise Stop(f"Stonechat needs Python 3.{OLDEST[1]} to 3.{NEWEST[1]}; this is {sys.version.split()[0]}.")


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install(*what: str) -> None:
    """Run pip quietly; its words go to `build/setup.log`, and their end is shown when it fails. Raises Stop."""
    LOG.parent.mkdir(exist_ok=True)
    command = [str(venv_python()), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *what]
    settings = {**os.environ, "CMAKE_BUILD_PARALLEL_LEVEL": os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL", str(cores()))}
    with LOG.open("a", encoding="utf-8") as log, heartbeat():
        status = subprocess.run(
            command, cwd=ROOT, env=settings, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        ).returncode
    if status:
        end = LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-25:]
        raise Stop("\n".join([*end, "", f"pip could not install the packages; all it said is in {LOG}."]))


@contextmanager
def heartbeat() -> Iterator[None]:
    """Says every half minute that the work goes on."""
    started, over = time.monotonic(), threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT_S):
            print(f"    still at it, {round(time.monotonic() - started)} s", flush=True)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def in_venv(*command: str, offscreen: bool = False) -> int:
    """Run the environment's Python in the foreground; its exit status."""
    settings = {**os.environ, "QT_QPA_PLATFORM": "offscreen"} if offscreen else dict(os.environ)
    return subprocess.run([str(venv_python()), *command], cwd=ROOT, env=settings).returncode


# the system


def system_libraries(uses: tuple[str, ...]) -> None:
    """Install what is missing where that is ours to do, else say the one command and go on."""
    sys.path.insert(0, str(ROOT))
    from desktop_app import system_libraries as system

    needs = system.missing(uses)
    packages = list(dict.fromkeys(need.package for need in needs))
    if "build" in uses and not can_make_venv():
        packages.append("python3-venv")
    if not packages:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing system packages: {' '.join(packages)}")
        if apt_get("update") == 0 and apt_get("install", "-y", "--no-install-recommends", *packages) == 0:
            return
    lacking = ", ".join(need.what for need in needs) or "python3-venv"
    say(f"Missing on this system: {lacking}. On Debian or Ubuntu this installs them:")
    print(f"    sudo apt-get install -y --no-install-recommends {' '.join(packages)}", flush=True)


def can_make_venv() -> bool:
    """Whether this Python has what Debian keeps in a package of its own."""
    if venv_python().is_file():
        return True
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


def apt_get(*command: str) -> int:
    settings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("a", encoding="utf-8") as log, heartbeat():
        return subprocess.run(
            ["apt-get", "-q", *command], env=settings, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        ).returncode


def cores() -> int:
    return os.cpu_count() or 1


def say(line: str) -> None:
    print(f"==> {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
