"""Where the program starts, in a source tree, a wheel or a frozen application."""

from __future__ import annotations

import multiprocessing
import sys

from desktop_app.frozen import run_part, settle_in


def main() -> int:
    settle_in()
    multiprocessing.freeze_support()
    if run_part(sys.argv[1:]):
        return 0
    from desktop_app.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    raise SystemExit(main())
