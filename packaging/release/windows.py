"""The installer for Windows: the frozen folder in an Inno Setup installer. Written for, and not run on, Windows."""

from __future__ import annotations

import os
from pathlib import Path

from release.bundle import frozen
from release.places import BUILD, FROZEN, ROOT, VERSION, Stop, run

OPTIONS: dict[str, str] = {"--frozen": "take the program that is frozen already"}
SCRIPT = ROOT / "packaging" / "windows" / "stonechat.iss"


def build(options: list[str]) -> list[Path]:
    """Raises Stop."""
    from release import sbom

    folder = FROZEN if "--frozen" in options else frozen()
    run(command(folder))
    made = BUILD / f"stonechat-{VERSION}-windows-x86_64.exe"
    if not made.is_file():
        raise Stop(f"Inno Setup made no {made.name}.")
    return [made, sbom.write()]


def command(folder: Path) -> list[str | Path]:
    """Inno Setup's compiler, told where everything is."""
    told = {"Version": VERSION, "Root": ROOT, "Frozen": folder, "Output": BUILD}
    words: list[str | Path] = ["ISCC", *(f"/D{name}={value}" for name, value in told.items())]
    if sign := os.environ.get("STONECHAT_SIGN"):
        words += ["/DSign", f"/Sstonechat={sign}"]
    return [*words, SCRIPT]
