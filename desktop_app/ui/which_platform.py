"""Says which platform Qt can open a window on. The doctor runs it as a process: Qt ends the one in which it cannot."""

from __future__ import annotations

import sys

from PySide6.QtGui import QGuiApplication

if __name__ == "__main__":
    sys.stdout.write(QGuiApplication([]).platformName())
