"""`stonechat serve`: other programs on this computer may ask the person's model, until Ctrl+C."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.services.services import Services


def serve(services: Services, arguments: argparse.Namespace) -> int:
    """With the token that the window shows too."""
    endpoint, token = services.other_programs.open(arguments.port), services.other_programs.token()
    if arguments.json:
        print(json.dumps({"event": "serving", "address": endpoint.address, "token": token}), flush=True)
    else:
        print(f"Serving {endpoint.address} to programs on this computer.\nToken: {token}\nCtrl+C ends it.", flush=True)
    try:
        endpoint.serve()
    except KeyboardInterrupt:
        return 0
    return 0
