"""A small model hub on this machine: redirects, ranges, and every kind of bad behaviour."""

from __future__ import annotations

import hashlib
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, unquote

COMMIT = "0" * 39 + "1"
BLOCK = 64 * 1024


@dataclass
class Hub:
    """`files` maps "repo/path" to bytes. `sent` counts the bytes of all answers.

    `drop_after` cuts each connection after about that many bytes. `damage` changes a byte in the middle of what is
    sent, `shorten` promises the whole and ends early, `wrong_etag` names another sum, `status` is the answer to all.
    """

    files: dict[str, bytes]
    address: str = ""
    drop_after: int = 0
    damage: bool = False
    shorten: bool = False
    wrong_etag: bool = False
    status: int = 0
    ignores_ranges: bool = False
    sent: int = 0
    asked: list[str] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def etag(self, name: str) -> str:
        return "f" * 64 if self.wrong_etag else hashlib.sha256(self.files[name]).hexdigest()


@contextmanager
def hub_with(files: dict[str, bytes]) -> Iterator[Hub]:
    hub = Hub(files)
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="hub", daemon=True)
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, *_words: Any) -> None:
        pass

    def _answer(self, *, body: bool) -> None:
        hub = self.hub
        hub.asked.append(f"{self.command} {self.path}")
        if self.path.startswith("http://"):  # asked as a proxy
            self.path = "/" + self.path.split("/", 3)[3]
        on_cdn = self.path.startswith("/cdn/")
        name = unquote(self.path.removeprefix("/cdn/") if on_cdn else self._name())
        if hub.status or name not in hub.files:
            self._refuse(hub.status or 404)
        elif not on_cdn:
            self._redirect(name)
        elif body:
            self._send(hub.files[name])

    def _name(self) -> str:
        repo, _, rest = self.path.lstrip("/").partition("/resolve/")
        return f"{repo}/{rest.partition('/')[2]}"

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", {404: "EntryNotFound", 403: "GatedRepo"}.get(status, ""))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _redirect(self, name: str) -> None:
        self.send_response(302)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("X-Linked-Etag", f'"{self.hub.etag(name)}"')
        self.send_header("X-Linked-Size", str(len(self.hub.files[name])))
        self.send_header("ETag", f'"{self.hub.etag(name)}"')
        elsewhere = self.hub.address.replace("127.0.0.1", "localhost")
        self.send_header("Location", f"{elsewhere}/cdn/{quote(name)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, whole: bytes) -> None:
        hub = self.hub
        start = 0
        asked = self.headers.get("Range", "")
        if asked.startswith("bytes=") and not hub.ignores_ranges:
            start = int(asked.removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        self.send_header("Content-Length", str(len(whole) - start))
        self.end_headers()
        data = bytearray(whole[start:])
        if hub.damage and data:
            data[len(data) // 2] ^= 1
        if hub.shorten:
            del data[len(data) // 2 :]
        limit = hub.chance.randint(hub.drop_after // 2, hub.drop_after) if hub.drop_after else len(data)
        for at in range(0, min(limit, len(data)), BLOCK):
            block = bytes(data[at : min(at + BLOCK, limit)])
            try:
                self.wfile.write(block)
            except OSError:
                return
            hub.sent += len(block)
        if limit < len(data) or hub.shorten:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
