"""The last net: an exception that nobody caught is logged and shown once, and the window goes on."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from desktop_app.errors import AppError, Bug
from desktop_app.ui.jobs import unexpected

_log = logging.getLogger(__name__)
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class CrashNet(QObject):
    """Catches for the whole process between `spread` and `fold`. The same trouble is shown only once."""

    _caught = Signal(object)

    def __init__(self, show: Callable[[AppError], None]) -> None:
        super().__init__()
        self._show = show
        self._seen: set[str] = set()
        self._caught.connect(self._on_caught)

    def spread(self) -> None:
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        qInstallMessageHandler(_to_log)

    def fold(self) -> None:
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        qInstallMessageHandler(None)

    def _on_exception(self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, traceback)
            return
        _log.critical("an exception that nobody caught", exc_info=(kind, error, traceback))
        self._caught.emit(error if isinstance(error, AppError) else unexpected(error))

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        error = args.exc_value or args.exc_type()
        self._on_exception(args.exc_type, error, args.exc_traceback)

    def _on_caught(self, error: AppError) -> None:
        trouble = f"{error.code} {error.detail}"
        if isinstance(error, Bug) and trouble in self._seen:
            return
        self._seen.add(trouble)
        self._show(error)


def _to_log(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    logging.getLogger("qt").log(_LEVELS[kind], message)
