"""Where the program starts, in a source tree, a wheel or a frozen application."""

from __future__ import annotations

import multiprocessing


def main() -> int:
    multiprocessing.freeze_support()
    from desktop_app.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    raise SystemExit(main())
