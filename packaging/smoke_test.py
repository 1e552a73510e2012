"""Proves the installed application: a clean Debian without Python gets the package, uses it, and is rid of it again.

`make smoke`, or `python packaging/smoke_test.py [FILE.deb]`, as root on Debian, after `make package`. Each step prints
a sentence and its exit code; the pictures and build/smoke/report.json show what was seen. The clean system is made once
by debootstrap and kept in build/smoke/root.tar. The screen and the mouse are this machine's (Xvfb, xdotool); the clean
system gets nothing but the package and what that asks for. Engines run without network.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from release.places import BUILD, Stop  # noqa: E402  beside this file
from smoke import journey  # noqa: E402
from smoke.clean_system import CleanSystem  # noqa: E402
from smoke.steps import Steps  # noqa: E402

OUT = ROOT / "build" / "smoke"


def main(arguments: list[str]) -> int:
    started = time.monotonic()
    try:
        package = Path(arguments[0]) if arguments else newest_package()
        lacking = [tool for tool in ("debootstrap", "Xvfb", "xdotool", "convert") if not shutil.which(tool)]
        if os.geteuid() or lacking:
            raise Stop(f"Run it as root on Debian; missing here: {', '.join(lacking) or 'nothing'}.")
        OUT.mkdir(parents=True, exist_ok=True)
        steps = Steps(OUT)
        with CleanSystem(OUT) as system:
            journey.run(system, steps, package)
    except Stop as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 4
    report = {"package": package.name, "seconds": round(time.monotonic() - started), "steps": steps.done}
    (OUT / "report.json").write_text(json.dumps(report, indent=2), encoding="utf-8")
    failed = [step["name"] for step in steps.done if not step["ok"]]
    print(f"\n{len(steps.done) - len(failed)} of {len(steps.done)} steps passed", *failed, sep="\n  failed: ")
    return 1 if failed else 0


def newest_package() -> Path:
    """The package with models, else the one without. Raises Stop."""
    found = sorted(BUILD.glob("stonechat_*_amd64.deb"), key=lambda file: ("+models" in file.name, file.stat().st_mtime))
    if not found:
        raise Stop("There is no package in build/package: run make package.")
    return found[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
