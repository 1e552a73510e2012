"""Microphone and loudspeaker of a hands-free conversation: closed while muted, waited for when they go away.

One thread opens and closes them. While there is no sound from the microphone it tells the conversation that time
passes, so that what was said before is still sent, and an answer still ends.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from desktop_app.domain.audio import BLOCK_MS, level
from desktop_app.domain.events import DevicesChanged
from desktop_app.errors import AppError
from desktop_app.ports import LiveSpeaker, Microphone
from desktop_app.services.mouth import MOUTH_RATE
from desktop_app.settings import Settings

log = logging.getLogger(__name__)
RETRY_S = 1.0
BLOCK_S = BLOCK_MS / 1000
MOST_BLOCKS = 25
"""Time that passes at once at most, after the machine was asleep or very busy."""
Device = Literal["microphone", "speaker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """What the devices serve. `hear`, `next_block` come from their threads, the others from that of `TalkDevices`.

    `pass_time` stands for a block without a microphone; `hear_anew` says that a device is another one;
    `on_level` gets the loudness of each block, 0..1.
    """

    hear: Callable[[bytes], None]
    next_block: Callable[[], bytes]
    pass_time: Callable[[], None]
    hear_anew: Callable[[], None]
    on_level: Callable[[float], None]
    on_change: Callable[[DevicesChanged], None]


class TalkDevices:
    """Of one conversation: `open`, `mute` as often as wanted, `close` at the end, from another thread than its own."""

    def __init__(
        self, microphone: Microphone, speaker: LiveSpeaker, settings: Callable[[], Settings], listener: Listener
    ) -> None:
        self._microphone, self._speaker, self._settings, self._listener = microphone, speaker, settings, listener
        self._changed = threading.Condition()
        self._wish: bool | None = None  # to be muted, or not any more
        self._muted = self._closing = False
        self._hears = self._speaks = self._replaced = False
        self._lost: set[tuple[Device, int]] = set()
        self._opened = {"microphone": 0, "speaker": 0}  # how often: what an older one reports is stale
        self._trouble: AppError | None = None
        self._told: DevicesChanged | None = None
        self._thread = threading.Thread(target=self._keep, name="talk-devices", daemon=True)

    def open(self) -> None:
        """Both, and look after them from here on. Raises AppError; nothing is open then."""
        self._open_speaker()
        try:
            self._open_microphone()
        except AppError:
            self._speaker.stop()
            raise
        self._tell()
        self._thread.start()

    def mute(self, muted: bool) -> None:
        """The microphone closes, or opens again, a moment later."""
        with self._changed:
            self._wish = muted
            self._changed.notify_all()

    def close(self) -> None:
        """Both, for good. Safe to call twice."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join()
        self._microphone.stop()
        self._speaker.stop()

    # -- the thread ----------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        due = retry_at = 0.0
        while self._wait(due):
            now = time.monotonic()
            if self._take_changes():
                retry_at = now
            if now >= retry_at:
                retry_at = now + (0.0 if self._try_to_open() else RETRY_S)
            self._tell()
            due = 0.0 if self._hears else self._pass_time(due or now)

    def _wait(self, due: float) -> bool:
        """Until something changes or time is to pass; False when it is over."""
        with self._changed:
            patience = max(0.0, due - time.monotonic()) if due else None
            self._changed.wait_for(lambda: self._closing or self._lost or self._wish is not None, patience)
            return not self._closing

    def _pass_time(self, due: float) -> float:
        """Tell what has passed since; when it is to be told again."""
        blocks = int((time.monotonic() - due) / BLOCK_S) + 1
        for _ in range(min(blocks, MOST_BLOCKS)):
            self._listener.pass_time()
        return due + blocks * BLOCK_S

    def _take_changes(self) -> bool:
        """Close what is muted or gone. Without a loudspeaker nobody is listened to: no answer could be heard.

        Whether the person wished for something.
        """
        with self._changed:
            lost, self._lost = self._lost, set()
            wish, self._wish = self._wish, None
        gone = {device for device, number in lost if number == self._opened[device]}
        self._muted = self._muted if wish is None else wish
        self._replaced = self._replaced or bool(gone)
        if "speaker" in gone and self._speaks:
            self._speaks = False
            self._speaker.stop()
        if self._hears and (gone or self._muted):
            self._hears = False
            self._microphone.stop()
        return wish is not None

    def _try_to_open(self) -> bool:
        """What is missing and wanted; False when some of it is not to be had yet."""
        try:
            if not self._speaks:
                self._open_speaker()
            if not self._hears and not self._muted:
                self._open_microphone()
        except AppError as error:
            log.info("a device cannot be opened yet: %s", error.code)
            self._trouble = error
            return False
        except Exception:  # the boundary of this thread, which must live on
            log.exception("a device cannot be opened")
            return False
        self._trouble = None
        return True

    def _open_speaker(self) -> None:
        self._speaker.start(
            self._listener.next_block,
            self._watched("speaker"),
            rate=MOUTH_RATE,
            device_id=self._settings().speaker,
        )
        self._speaks = True

    def _open_microphone(self) -> None:
        self._microphone.start(self._hear, self._watched("microphone"), self._settings().microphone)
        self._hears = True
        if self._replaced:
            self._replaced = False
            self._listener.hear_anew()

    def _hear(self, block: bytes) -> None:
        self._listener.on_level(level(block))
        self._listener.hear(block)

    def _watched(self, device: Device) -> Callable[[], None]:
        """What the device is to call when it goes away."""
        self._opened[device] += 1
        number = self._opened[device]

        def lost() -> None:
            with self._changed:
                self._lost.add((device, number))
                self._changed.notify_all()

        return lost

    def _tell(self) -> None:
        microphone: Literal["open", "muted", "gone"] = "open" if self._hears else "muted" if self._muted else "gone"
        trouble = self._trouble if microphone == "gone" or not self._speaks else None
        state = DevicesChanged(
            turn_id="",
            microphone=microphone,
            speaker="open" if self._speaks else "gone",
            message=trouble.message if trouble else "",
            remedy=trouble.remedy if trouble else "",
        )
        if state != self._told:
            self._told = state
            if microphone != "open":
                self._listener.on_level(0.0)
            self._listener.on_change(state)
