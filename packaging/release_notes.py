"""Makes a release's section of CHANGELOG.md out of the fragments: `python packaging/release_notes.py 0.2.0 2027-01-31`.

The fragments go, and `desktop_app/__init__.py`, the only place where the version stands, gets the new one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ORDER = ("Added", "Changed", "Fixed", "Removed", "Security")
_MARK = "What came since stands in the fragments."
_VERSION = re.compile(r'__version__ = "([^"]+)"')


def main(arguments: list[str], root: Path = ROOT) -> int:
    if len(arguments) != 2 or not re.fullmatch(r"\d+\.\d+\.\d+", arguments[0]):
        print("python packaging/release_notes.py MAJOR.MINOR.PATCH YYYY-MM-DD", file=sys.stderr)
        return 2
    version, day = arguments[0], date.fromisoformat(arguments[1])
    fragments = sorted((root / "packaging" / "changelog").glob("*.md"))
    section = compiled(version, day, (file.read_text(encoding="utf-8") for file in fragments))
    changelog = root / "CHANGELOG.md"
    changelog.write_text(inserted(changelog.read_text(encoding="utf-8"), section), encoding="utf-8")
    code = root / "desktop_app" / "__init__.py"
    code.write_text(_VERSION.sub(f'__version__ = "{version}"', code.read_text(encoding="utf-8")), encoding="utf-8")
    for file in fragments:
        file.unlink()
    print(f"{len(fragments)} fragments are in CHANGELOG.md now; look at it, commit, and tag v{version}.")
    return 0


def compiled(version: str, day: date, fragments: Iterable[str]) -> str:
    """One section. Raises ValueError for a fragment with another heading, or a word outside of one."""
    found: dict[str, list[str]] = {}
    for fragment in fragments:
        heading = ""
        for line in fragment.rstrip().splitlines():
            if line.startswith("### "):
                heading = line.removeprefix("### ").strip()
                if heading not in ORDER:
                    raise ValueError(f"no heading of a changelog: {heading}")
            elif line.strip():
                if not heading:
                    raise ValueError(f"outside of a heading: {line}")
                found.setdefault(heading, []).append(line)
    parts = [f"### {heading}\n\n" + "\n".join(found[heading]) for heading in ORDER if heading in found]
    return "\n\n".join((f"## {version}, {day.isoformat()}", *parts)) + "\n"


def inserted(changelog: str, section: str) -> str:
    """The newest section stands first, under the preface."""
    preface, mark, rest = changelog.partition("\n## ")
    return f"{preface}\n{section}{mark}{rest}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
