"""The installed application: `python packaging/build.py linux|windows|macos`, or `make package` on Linux.

Each system's way stands in `release/SYSTEM.py` as `OPTIONS` (what may follow the name, with its meaning) and
`build(options)`, which gives the files it made. What goes into every bundle stands in `release/contents.py`, how it
is frozen in `release/bundle.py`. Results lie in build/package.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from release.places import Stop  # noqa: E402  beside this file

SYSTEMS = {"linux": "linux", "windows": "win32", "macos": "darwin"}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in SYSTEMS:
        print("python packaging/build.py linux|windows|macos [OPTION]...", file=sys.stderr)
        return 2
    system, options = arguments[0], arguments[1:]
    way = import_module(f"release.{system}")
    if unknown := [option for option in options if option not in way.OPTIONS]:
        print(f"{system} does not know {' '.join(unknown)}. It knows:", file=sys.stderr)
        for option, meaning in way.OPTIONS.items():
            print(f"  {option:<14} {meaning}", file=sys.stderr)
        return 2
    if sys.platform != SYSTEMS[system]:
        print(f"A package for {system} is built on {system}: PyInstaller freezes what it runs on.", file=sys.stderr)
        return 4
    try:
        for made in way.build(options):
            print(f"{made.stat().st_size / 1e6:8.1f} MB  {made.relative_to(ROOT)}")
    except Stop as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
