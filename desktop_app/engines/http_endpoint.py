"""Serves the chat endpoint over HTTP, to programs on this computer that know the token. Opens no connection itself.

Listens on 127.0.0.1 only. A browser page of a stranger cannot use it: it lacks the token, and no answer allows other
origins.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from typing import Any, Protocol

from desktop_app.errors import AppError, EnvironmentProblem
from desktop_app.ports import CancelToken

HOST = "127.0.0.1"
MOST_BYTES = 64 * 1024 * 1024
PASSED_BYTES = 1024 * 1024
SILENCE_S = 30.0


class Chat(Protocol):
    """What is served: `services/endpoint.py`."""

    def models(self) -> dict[str, Any]: ...

    def parse(self, body: Any) -> Any: ...

    def whole(self, ask: Any, cancel: CancelToken) -> dict[str, Any]: ...

    def pieces(self, ask: Any, cancel: CancelToken) -> Iterator[dict[str, Any]]: ...


class HttpEndpoint:
    """`port` 0 takes a free one. Raises EnvironmentProblem("endpoint.port") when the port is taken."""

    def __init__(self, chat: Chat, token: str, port: int = 0) -> None:
        handler = type("Handler", (_Handler,), {"chat": chat, "token": token, "stopping": CancelToken()})
        self._stopping: CancelToken = handler.stopping  # type: ignore[attr-defined]
        try:
            self._server = ThreadingHTTPServer((HOST, port), handler)
        except OSError as error:
            raise EnvironmentProblem(
                "endpoint.port",
                f"Port {port} is in use.",
                remedy="Choose another one with --port, or close the program that uses it.",
                detail=str(error),
            ) from error
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self._server.server_address[1]}/v1"

    def serve(self) -> None:
        """Until `stop`, from another thread."""
        with self._server:
            self._server.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        self._stopping.cancel()
        self._server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    chat: Chat
    token: str
    stopping: CancelToken
    protocol_version = "HTTP/1.1"
    timeout = SILENCE_S

    def do_GET(self) -> None:
        if self._may() and self._is("/v1/models"):
            self._json(HTTPStatus.OK, self.chat.models())

    def do_POST(self) -> None:
        if not self._may() or not self._is("/v1/chat/completions"):
            return
        cancel = CancelToken()
        with self.stopping.calling(cancel.cancel):
            try:
                ask = self.chat.parse(self._body())
                if ask.stream:
                    self._stream(self.chat.pieces(ask, cancel), cancel)
                else:
                    self._json(HTTPStatus.OK, self.chat.whole(ask, cancel))
            except AppError as error:
                self._refuse(HTTPStatus.BAD_REQUEST if error.exit_code == 3 else HTTPStatus.SERVICE_UNAVAILABLE, error)

    def log_message(self, *_words: Any) -> None:
        """Nothing of what is asked enters a log."""

    def _may(self) -> bool:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if hmac.compare_digest(given.encode(), self.token.encode()):
            return True
        self._pass_over()
        self._error(HTTPStatus.UNAUTHORIZED, "The token is missing or wrong.", "endpoint.token")
        return False

    def _is(self, path: str) -> bool:
        if self.path.partition("?")[0] == path:
            return True
        self._pass_over()
        self._error(HTTPStatus.NOT_FOUND, "There is nothing here.", "endpoint.path")
        return False

    def _pass_over(self) -> None:
        """Read away what nobody wants, if it is little: a client that is cut off while it sends hears no reason."""
        self.close_connection = True
        length = self.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) <= PASSED_BYTES:
            self.rfile.read(int(length))

    def _body(self) -> Any:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            self.close_connection = True
            return None
        try:
            return json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            return None

    def _stream(self, pieces: Iterator[dict[str, Any]], cancel: CancelToken) -> None:
        """Server-sent events. Nothing is said before the first piece, so that an early error has its own status."""
        first = next(pieces, None)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for piece in chain((first,) if first else (), pieces):
                self._event(json.dumps(piece))
            self._event("[DONE]")
        except AppError as error:
            self._event(json.dumps({"error": _told(error.message, error.code)}))
        except OSError:
            cancel.cancel()
            for _ in pieces:
                pass  # the model hears of it and ends

    def _event(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def _refuse(self, status: HTTPStatus, error: AppError) -> None:
        self._error(status, f"{error.message} {error.remedy}".strip(), error.code)

    def _error(self, status: HTTPStatus, message: str, code: str) -> None:
        self._json(status, {"error": _told(message, code)})

    def _json(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)


def _told(message: str, code: str) -> dict[str, Any]:
    return {"message": message, "type": "stonechat_error", "code": code, "param": None}
