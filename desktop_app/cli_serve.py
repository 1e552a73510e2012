"""`stonechat serve`: other programs on this computer may ask the person's model, until Ctrl+C."""

from __future__ import annotations

import argparse
import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.services.services import Services

TOKEN = "STONECHAT_TOKEN"
FILE = "endpoint-token"


def serve(services: Services, arguments: argparse.Namespace) -> int:
    """The token is that of the environment, else one that is made once and kept for the owner only."""
    token = os.environ.get(TOKEN) or kept_token(services.places.data / FILE)
    endpoint = services.endpoint(token, arguments.port)
    if arguments.json:
        print(json.dumps({"event": "serving", "address": endpoint.address, "token": token}), flush=True)
    else:
        print(f"Serving {endpoint.address} to programs on this computer.\nToken: {token}\nCtrl+C ends it.", flush=True)
    try:
        endpoint.serve()
    except KeyboardInterrupt:
        return 0
    return 0


def kept_token(path: Path) -> str:
    """Raises OSError."""
    try:
        found = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        found = ""
    if len(found) < 32:
        found = secrets.token_urlsafe(32)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(found)
    return found
