"""The talk key as this system has it: a portal under Wayland, a grab under X11, pynput on Windows and macOS."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from desktop_app.domain.key_chords import KeyChord
from desktop_app.errors import EnvironmentProblem
from desktop_app.ports import TalkKey

DESCRIPTION = "Talk to Stonechat"


class SystemTalkKey:
    """Chooses when it is first needed, so that nothing is loaded before."""

    def listen(
        self, chord: KeyChord, pressed: Callable[[str], None], released: Callable[[], None]
    ) -> Callable[[], None]:
        return _chosen().listen(chord, pressed, released)


def _chosen() -> TalkKey:
    if sys.platform != "linux":
        from desktop_app.engines.pynput_keys import PynputTalkKey

        return PynputTalkKey()
    if os.environ.get("WAYLAND_DISPLAY"):
        from desktop_app.engines.portal_keys import PortalTalkKey

        return PortalTalkKey(DESCRIPTION)
    if os.environ.get("DISPLAY"):
        from desktop_app.engines.x11_keys import X11TalkKey

        return X11TalkKey()
    raise EnvironmentProblem(
        "key.no_session",
        "There is no desktop here that could tell of a shortcut.",
        remedy="Start Stonechat from a desktop session.",
    )
