"""What commands say when they are done or cannot be understood."""

from __future__ import annotations

import argparse
import json
from typing import Any

from desktop_app.errors import UserCanFix


def say(arguments: argparse.Namespace, sentence: str, **facts: Any) -> int:
    """The sentence, or the facts as JSON; exit code 0."""
    print(json.dumps(facts) if arguments.json else sentence)
    return 0


def usage(how: str) -> UserCanFix:
    """For a command that lacks something; exit code 2."""
    error = UserCanFix("cli.usage", "This command is not complete.", remedy=f"Write: {how}")
    error.exit_code = 2
    return error
