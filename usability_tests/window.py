"""The staged window on a real display, until it is ended: what a screen reader's session looks at."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from desktop_app.ui.application import application
from usability_tests.scenario import Start, Talk
from usability_tests.stage import stage

START = Start(
    talks=(Talk(title="Tides", turns=(("Why are there tides?", "Because the moon pulls at the sea."),)),),
    answers=(("By somebody", " else."),),
)


def main(folder: Path) -> int:
    app = application()
    signal.signal(signal.SIGTERM, lambda *_: app.quit())
    ears = QTimer(interval=100)  # lets Python notice the signal
    ears.timeout.connect(lambda: None)
    ears.start()
    with stage(START, folder):
        return app.exec()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
