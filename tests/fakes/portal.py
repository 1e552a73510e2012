"""A desktop's portal for shortcuts, on a bus of its own: agrees or refuses, and presses the key by hand."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from desktop_app.engines.portal_keys import BUS, OBJECT, SHORTCUTS

_REQUEST = "org.freedesktop.portal.Request"


@contextmanager
def session_bus() -> Iterator[str]:
    """A bus without services. Gives its address."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert daemon.stdout is not None
    try:
        yield daemon.stdout.readline().strip()
    finally:
        daemon.terminate()
        daemon.wait(20)
        daemon.stdout.close()


class FakePortal:
    """`bound`: what was asked for. `status` 1 is the person's no; `knows` False, a portal without shortcuts."""

    def __init__(self, address: str) -> None:
        self._bus: DBusConnection = open_dbus_connection(bus=address)
        self._bus.send_and_get_reply(message_bus.RequestName(BUS), timeout=20)
        self.bound: list[Any] = []
        self.status = 0
        self.knows = True
        self._session = ""
        self._thread = threading.Thread(target=self._serve, name="fake-portal", daemon=True)
        self._thread.start()

    def press(self, shortcut: str = "talk") -> None:
        self._tell("Activated", shortcut, {"activation_token": ("s", "token-1")})

    def release(self, shortcut: str = "talk") -> None:
        self._tell("Deactivated", shortcut, {})

    def close(self) -> None:
        with suppress(OSError):
            self._bus.sock.shutdown(2)
        self._thread.join(20)
        self._bus.close()

    def _tell(self, member: str, shortcut: str, options: dict[str, Any]) -> None:
        emitter = DBusAddress(OBJECT, interface=SHORTCUTS)
        self._bus.send(new_signal(emitter, member, "osta{sv}", (self._session, shortcut, 7, options)))

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                message = self._bus.receive()
                if message.header.message_type == MessageType.method_call:
                    self._answer(message)

    def _answer(self, message: Any) -> None:
        if not self.knows:
            self._bus.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "s", ("no such method",)))
            return
        fields = message.header.fields
        options, sender = message.body[-1], fields[HeaderFields.sender][1:].replace(".", "_")
        request = f"{OBJECT}/request/{sender}/{options['handle_token'][1]}"
        self._bus.send(new_method_return(message, "o", (request,)))
        results: dict[str, Any] = {}
        if fields[HeaderFields.member] == "CreateSession":
            self._session = f"{OBJECT}/session/{sender}/{options['session_handle_token'][1]}"
            results = {"session_handle": ("s", self._session)}
        else:
            self.bound = message.body[1]
        answer = DBusAddress(request, interface=_REQUEST)
        self._bus.send(new_signal(answer, "Response", "ua{sv}", (self.status, results)))
