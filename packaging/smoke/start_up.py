"""How long the frozen program takes to show its window, and what its process holds then:
`python packaging/smoke/start_up.py [PROGRAM]`. The first start of each run fills the disk cache and is told apart.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]

from release.places import FROZEN  # noqa: E402  two folders up
from smoke.screen import Screen, screen  # noqa: E402

STARTS = 6
SETTLED_S = 8


def main(arguments: list[str]) -> int:
    program = arguments[0] if arguments else str(FROZEN / "stonechat")
    with screen() as shown, tempfile.TemporaryDirectory() as home:
        for number in range(STARTS):
            seconds, memory = _start(shown, program, home)
            print(f"{'first' if number == 0 else 'again'}: window after {seconds:.2f} s, {memory:.0f} MB (PSS)")
    return 0


def _start(shown: Screen, program: str, home: str) -> tuple[float, float]:
    settings = {**shown.settings, "LC_ALL": "C.UTF-8"}
    command = [program, "--data", home, "run"]
    with subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            seconds = shown.wait_for_window("Stonechat", 120)
            time.sleep(SETTLED_S)
            return seconds, memory_mb(process.pid)
        finally:
            process.kill()


def memory_mb(process_id: int) -> float:
    """What a process holds, shared pages counted by share."""
    lines = Path(f"/proc/{process_id}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
