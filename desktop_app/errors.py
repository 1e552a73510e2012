"""What can go wrong, written for the person who meets it.

Every expected failure is an `AppError` with a stable code, one sentence, and a remedy. The three kinds say
whose move it is; the command line turns them into exit codes and `ui/notices.py` into pixels.
"""

from __future__ import annotations


class AppError(Exception):
    """A failure with a sentence and a remedy.

    `code` is stable and dotted (`picture.too_large`), `message` and `remedy` are one sentence each, and
    `detail` is for the log and the "details" fold only.
    """

    exit_code = 5

    def __init__(self, code: str, message: str, *, remedy: str, detail: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.detail = detail

    def as_dict(self) -> dict[str, str]:
        """The object that `--json` prints: `code`, `message`, `remedy`."""
        return {"code": self.code, "message": self.message, "remedy": self.remedy}


class UserCanFix(AppError):
    """The person can put it right: another file, a shorter text, a free disk."""

    exit_code = 3


class EnvironmentProblem(AppError):
    """The machine lacks something: a library, a device, a permission, a running child."""

    exit_code = 4


class Bug(AppError):
    """Our fault."""

    exit_code = 5


class EngineCrashed(EnvironmentProblem):
    """A child process died; the conversation is intact and the engine can be started again."""


class Cancelled(Exception):
    """The person stopped it. Not an error: nothing to show, nothing to log."""
