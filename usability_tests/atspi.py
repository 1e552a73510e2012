"""The window as a screen reader of another process finds it: its tree on the accessibility bus (AT-SPI), and deeds.

Speaks D-Bus itself (jeepney). Without QT_LINUX_ACCESSIBILITY_ALWAYS_ON, or without a display, the tree is empty and
nothing complains: whoever uses this counts the nodes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

ROOT = "/org/a11y/atspi/accessible/root"
ACCESSIBLE = "org.a11y.atspi.Accessible"
ACTION = "org.a11y.atspi.Action"
EDITABLE = "org.a11y.atspi.EditableText"
PROPERTIES = "org.freedesktop.DBus.Properties"
REPLY_S = 20.0
ENABLED, FOCUSABLE, SHOWING = 8, 11, 25
"""Bits of the state set (atspi-constants.h)."""


class Gone(Exception):
    """The bus or the thing on it does not answer as it should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A thing in the tree. `bus` and `path` are where it lives, `states` is its state set."""

    name: str
    role: str
    bus: str
    path: str
    states: int
    interfaces: tuple[str, ...]

    def has(self, bit: int) -> bool:
        return bool(self.states >> bit & 1)


class Desktop:
    """All applications on the accessibility bus of this session."""

    def __init__(self) -> None:
        session = open_dbus_connection()
        where = DBusAddress("/org/a11y/bus", bus_name="org.a11y.Bus", interface="org.a11y.Bus")
        address = session.send_and_get_reply(new_method_call(where, "GetAddress"), timeout=REPLY_S).body[0]
        session.close()
        self._bus: DBusConnection = open_dbus_connection(bus=address)

    def close(self) -> None:
        self._bus.close()

    def application(self, part: str) -> tuple[str, str] | None:
        """(bus, path) of the first application whose name contains `part`."""
        for bus, path in self._call("org.a11y.atspi.Registry", ROOT, ACCESSIBLE, "GetChildren")[0]:
            if part.lower() in self._name(bus, path).lower():
                return bus, path
        return None

    def tree(self, application: tuple[str, str]) -> Iterator[Node]:
        """Every thing of an application, from the top. What goes away meanwhile is left out."""
        waiting = [application]
        while waiting:
            bus, path = waiting.pop(0)
            try:
                yield self._node(bus, path)
                waiting.extend(self._call(bus, path, ACCESSIBLE, "GetChildren")[0])
            except Gone:
                continue

    def press(self, node: Node) -> None:
        """Its first action. Raises Gone."""
        if not self._call(node.bus, node.path, ACTION, "DoAction", "i", 0)[0]:
            raise Gone(f"{node.name} cannot be pressed")

    def write(self, node: Node, words: str) -> None:
        """Replace its text. Raises Gone."""
        if not self._call(node.bus, node.path, EDITABLE, "SetTextContents", "s", words)[0]:
            raise Gone(f"{node.name} cannot be written in")

    def actions(self, node: Node) -> int:
        if ACTION not in node.interfaces:
            return 0
        return int(str(self._property(node.bus, node.path, ACTION, "NActions")))

    def _node(self, bus: str, path: str) -> Node:
        low, high = self._call(bus, path, ACCESSIBLE, "GetState")[0]
        return Node(
            name=self._name(bus, path),
            role=self._call(bus, path, ACCESSIBLE, "GetRoleName")[0],
            bus=bus,
            path=path,
            states=low | high << 32,
            interfaces=tuple(self._call(bus, path, ACCESSIBLE, "GetInterfaces")[0]),
        )

    def _name(self, bus: str, path: str) -> str:
        return str(self._property(bus, path, ACCESSIBLE, "Name"))

    def _property(self, bus: str, path: str, interface: str, name: str) -> object:
        return self._call(bus, path, PROPERTIES, "Get", "ss", interface, name)[0][1]

    def _call(self, bus: str, path: str, interface: str, method: str, signature: str = "", *body: object) -> tuple:  # type: ignore[type-arg]
        """Raises Gone."""
        where = DBusAddress(path, bus_name=bus, interface=interface)
        try:
            reply = self._bus.send_and_get_reply(
                new_method_call(where, method, signature or None, body), timeout=REPLY_S
            )
        except TimeoutError as error:
            raise Gone(f"{method} got no reply") from error
        if reply.header.message_type != MessageType.method_return:
            raise Gone(f"{method}: {reply.body}")
        return reply.body  # type: ignore[no-any-return]


def wait_for(look: Callable[[], Node | None], what: str, patience_s: float = 60.0) -> Node:
    """Raises Gone."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if (found := look()) is not None:
            return found
        time.sleep(0.2)
    raise Gone(f"{what} never came")
