"""The talk key under Wayland: the desktop's portal asks the person and tells of this key. Speaks D-Bus (jeepney)."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from desktop_app.domain.key_chords import KeyChord
from desktop_app.errors import EnvironmentProblem

BUS = "org.freedesktop.portal.Desktop"
OBJECT = "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
SHORTCUT_ID = "talk"
CALL_S = 20.0
ASKING_S = 300.0
"""How long a person may think about the desktop's question."""
_MODIFIERS = {"ctrl": "CTRL", "alt": "ALT", "shift": "SHIFT", "super": "LOGO"}
_NAMES = {"pause": "Pause", "insert": "Insert", "home": "Home", "end": "End", "menu": "Menu", "tab": "Tab"}
_SHUT_BOTH = 2


class PortalTalkKey:
    """`description`: what the desktop's question says the shortcut is for."""

    def __init__(self, description: str) -> None:
        self._description = description

    def listen(
        self, chord: KeyChord, pressed: Callable[[str], None], released: Callable[[], None]
    ) -> Callable[[], None]:
        session = _Session(pressed, released)
        try:
            session.bind(self._description, trigger(chord))
        except BaseException:
            session.close()
            raise
        session.start()
        return session.stop


def trigger(chord: KeyChord) -> str:
    """As the XDG shortcuts specification writes it."""
    held = [_MODIFIERS[name] for name in ("ctrl", "alt", "shift", "super") if name in chord.modifiers]
    name = _NAMES.get(chord.key, chord.key.upper() if chord.key.startswith("f") and len(chord.key) > 1 else chord.key)
    return "+".join([*held, name])


class _Session:
    """The portal's session for our shortcut, on a connection of its own: it ends when that is closed."""

    def __init__(self, pressed: Callable[[str], None], released: Callable[[], None]) -> None:
        from jeepney.io.blocking import open_dbus_connection

        self._pressed, self._released = pressed, released
        try:
            self._bus: Any = open_dbus_connection()
        except (OSError, KeyError, ValueError) as error:
            raise _no_portal(str(error)) from error
        self._handle = ""
        self._thread = threading.Thread(target=self._run, name="talk-key", daemon=True)

    def bind(self, description: str, wanted: str) -> None:
        """Raises EnvironmentProblem."""
        from jeepney import MatchRule, message_bus

        match = MatchRule(type="signal", sender=BUS, path=OBJECT, interface=SHORTCUTS)
        self._bus.send_and_get_reply(message_bus.AddMatch(match), timeout=CALL_S)
        options = {"session_handle_token": ("s", _token())}
        self._handle = self._ask("CreateSession", "a{sv}", (), options, CALL_S)["session_handle"][1]
        about = {"description": ("s", description), "preferred_trigger": ("s", wanted)}
        shortcuts = [(SHORTCUT_ID, about)]
        self._ask("BindShortcuts", "oa(sa{sv})sa{sv}", (self._handle, shortcuts, ""), {}, ASKING_S)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Safe to call twice."""
        with suppress(OSError):
            self._bus.sock.shutdown(_SHUT_BOTH)
        self._thread.join()
        self.close()

    def close(self) -> None:
        self._bus.close()

    def _ask(
        self, method: str, signature: str, before: tuple[Any, ...], options: dict[str, Any], within_s: float
    ) -> Any:
        """Call a method that answers by a signal on an object of the request's own. Gives its results."""
        from jeepney import DBusAddress, MatchRule, MessageType, message_bus, new_method_call

        token = _token()
        path = f"/org/freedesktop/portal/desktop/request/{self._bus.unique_name[1:].replace('.', '_')}/{token}"
        answered = MatchRule(type="signal", interface="org.freedesktop.portal.Request", member="Response", path=path)
        self._bus.send_and_get_reply(message_bus.AddMatch(answered), timeout=CALL_S)
        address = DBusAddress(OBJECT, bus_name=BUS, interface=SHORTCUTS)
        body = (*before, {**options, "handle_token": ("s", token)})
        heard: deque[Any] = deque()
        try:
            with self._bus.filter(answered, queue=heard):
                reply = self._bus.send_and_get_reply(new_method_call(address, method, signature, body), timeout=CALL_S)
                if reply.header.message_type == MessageType.error:
                    raise _no_portal(str(reply.body[0] if reply.body else method))
                status, results = self._bus.recv_until_filtered(heard, timeout=within_s).body
        except (TimeoutError, OSError) as error:
            raise _no_portal(f"{method}: {error}") from error
        if status:
            raise _refused()
        return results

    def _run(self) -> None:
        down = False
        with suppress(OSError):
            while True:
                down = self._hear(self._bus.receive(), down)
        if down:
            self._released()

    def _hear(self, message: Any, down: bool) -> bool:
        """Whether the key is down after this message."""
        from jeepney import HeaderFields

        member = message.header.fields.get(HeaderFields.member)
        if message.header.fields.get(HeaderFields.interface) != SHORTCUTS or message.body[:2] != (
            self._handle,
            SHORTCUT_ID,
        ):
            return down
        if member == "Activated" and not down:
            self._pressed(str(message.body[3].get("activation_token", ("s", ""))[1]))
            return True
        if member == "Deactivated" and down:
            self._released()
            return False
        return down


def _token() -> str:
    return f"stonechat_{secrets.token_hex(8)}"


def _no_portal(detail: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "key.no_portal",
        "This desktop does not let programs have a shortcut of their own.",
        remedy="Set a shortcut that runs “stonechat run --talk” in the desktop's own keyboard settings.",
        detail=detail,
    )


def _refused() -> EnvironmentProblem:
    return EnvironmentProblem(
        "key.refused",
        "The desktop did not give Stonechat the shortcut.",
        remedy="Switch it on again and agree, or choose another one.",
    )
