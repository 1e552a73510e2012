"""Everything around the composer: pictures coming in, speech coming in, drafts, and sending."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage

from desktop_app.domain.audio import Audio, joined
from desktop_app.domain.brought_files import kind_of_file
from desktop_app.domain.messages import Picture
from desktop_app.errors import AppError, UserCanFix
from desktop_app.settings import Settings
from desktop_app.ui import file_dialogs
from desktop_app.ui.chat.announcer import ChatAnnouncer
from desktop_app.ui.chat.composer import Composer, Draft
from desktop_app.ui.chat.composer_text import pictures_in
from desktop_app.ui.chat.picture_intake import PictureIntake
from desktop_app.ui.chat.presenter import ChatPresenter
from desktop_app.ui.chat.screenshot import take_screenshot
from desktop_app.ui.notices import Notices
from desktop_app.ui.voice.narration import Narration
from desktop_app.ui.voice.presenter import TalkButtonLogic, VoicePresenter

PICTURE_FILES = "*.png *.jpg *.jpeg *.webp *.gif *.bmp"


class Composing(QObject):
    """Wires the composer to the presenters. One draft per conversation is kept while the application runs.

    `heard_sent(what was heard, what was sent of it)`.
    """

    heard_sent = Signal(str, str)
    model_brought = Signal(object)  # Path

    def __init__(
        self,
        composer: Composer,
        presenter: ChatPresenter,
        intake: PictureIntake,
        voice: VoicePresenter,
        narration: Narration,
        notices: Notices,
        settings: Callable[[], Settings],
        learn: Callable[[str, str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._composer = composer
        self._presenter = presenter
        self._intake = intake
        self._voice = voice
        self._narration = narration
        self._notices = notices
        self._settings = settings
        self._learn = learn
        self._heard: list[str] = []
        self._sounds: list[Audio] = []
        self._sent: list[Audio] = []
        self._announcer = ChatAnnouncer(composer)
        self._talk = TalkButtonLogic(voice, lambda: settings().hold_to_talk, self)
        self._talk_key = TalkButtonLogic(voice, lambda: True, self)
        self._drafts: dict[str | None, Draft] = {}
        self._connect()

    # -- drafts --------------------------------------------------------------------------------------------------

    def turn_to(self, conversation_id: str | None) -> None:
        """Put the draft away and take out the one of the conversation that comes."""
        self._drafts[self._presenter.current_id] = self._composer.draft
        self._heard.clear()
        self._sounds.clear()
        self._show_draft(self._drafts.pop(conversation_id, Draft()))

    def _show_draft(self, draft: Draft) -> None:
        self._composer.clear()
        self._composer.set_words(draft.text)
        for picture in draft.pictures:
            self._intake.take_stored(picture)

    # -- sending -------------------------------------------------------------------------------------------------

    def _send(self, text: str, pictures: tuple[Picture, ...]) -> None:
        self._composer.clear()
        if self._heard:
            heard = " ".join(self._heard)
            self._learn(heard, text)
            self.heard_sent.emit(heard, text)
            self._heard.clear()
        self._sent, self._sounds = self._sounds, []
        self._narration.stop()
        self._presenter.send(text, pictures)

    def _take_back(self, conversation_id: str, text: str, pictures: tuple[Picture, ...]) -> None:
        """The question was not stored: it stands before what has been written since."""
        self._sent = []
        owner = conversation_id or None
        shown = owner == self._presenter.current_id
        newer = self._composer.draft if shown else self._drafts.get(owner, Draft())
        both = Draft(text="\n\n".join(filter(None, (text, newer.text))), pictures=(*pictures, *newer.pictures))
        if shown:
            self._show_draft(both)
        else:
            self._drafts[owner] = both

    # -- what is dropped, pasted, chosen or handed over ------------------------------------------------------------

    def bring(self, brought: tuple[Path, ...] | QImage) -> None:
        """Pictures to look at, sound to hear, a model to add. What is none of these is refused as a picture."""
        if isinstance(brought, QImage):
            self._intake.take_image(brought, self.tr("Pasted picture"))
        else:
            sounds = [file for file in brought if kind_of_file(file.name) == "sound"]
            models = [file for file in brought if kind_of_file(file.name) == "model"]
            self._intake.take_files(file for file in brought if file not in sounds and file not in models)
            self._voice.hear_files(sounds)
            for file in models[:1]:
                self.model_brought.emit(file)
                return
        self._composer.text.setFocus()

    def choose_files(self) -> None:
        pattern = self.tr("Pictures ({patterns})").format(patterns=PICTURE_FILES)
        if chosen := file_dialogs.open_files(self._composer.window(), self.tr("Add pictures"), pattern):
            self.bring(chosen)

    def paste_picture(self) -> None:
        brought = pictures_in(QGuiApplication.clipboard().mimeData())
        if brought is None:
            self._notices.info(self.tr("There is no picture in the clipboard."))
        else:
            self.bring(brought)

    def take_screenshot(self) -> None:
        take_screenshot(self._composer.window(), self._on_screenshot)

    def _on_screenshot(self, image: QImage) -> None:
        if image.isNull():
            error = UserCanFix(
                "picture.no_screenshot",
                "The system did not allow a screenshot.",
                remedy="Take one with the system's own key and paste it here.",
            )
            self._notices.error(error)
        else:
            self._intake.take_image(image, self.tr("Screenshot"))

    def _refuse(self, key: int, error: AppError) -> None:
        self._composer.tray.remove(key)
        self._notices.error(error)

    # -- voice ---------------------------------------------------------------------------------------------------

    def toggle_talk(self) -> None:
        self._narration.stop()
        self._voice.toggle()

    def cancel_talk(self) -> None:
        if self._voice.state != "idle":
            self._voice.discard()
            self._announcer.say(self.tr("Recording discarded"))
            self._composer.text.setFocus()

    @property
    def is_talking(self) -> bool:
        return self._voice.state != "idle"

    def press_talk_key(self) -> None:
        """From anywhere on the desktop: holding it records, a tap starts and the next one stops."""
        self._narration.stop()
        self._talk_key.press()

    def release_talk_key(self) -> None:
        self._talk_key.release()

    def _press_talk(self) -> None:
        self._narration.stop()
        self._talk.press()

    def _on_voice_state(self, state: str) -> None:
        self._composer.show_voice(state)
        self._announcer.voice_state(state)

    def sound_of_question(self) -> Audio | None:
        """What was said for the question that was sent last, once, where recordings are kept."""
        sent, self._sent = self._sent, []
        return joined(sent) if sent else None

    def _on_heard(self, text: str) -> None:
        draft, sound = self._composer.draft, self._voice.take_sound()
        if self._settings().keep_recordings:
            self._sounds.append(sound)
        if self._settings().send_transcript and not draft.text.strip() and not self._composer.tray.waits:
            self._composer.clear()
            self._sent, self._sounds = self._sounds, []
            self._presenter.send(text, draft.pictures, spoken=True)
        else:
            self._heard.append(text)
            self._composer.add_words(text)
            self._composer.text.setFocus()
            self._announcer.say(self.tr("Heard: {text}").format(text=text))

    def _on_nothing_heard(self) -> None:
        self._notices.info(self.tr("Nothing was understood. Try again, a little closer to the microphone."))
        self._composer.text.setFocus()

    # -- wires ---------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        composer, intake, voice = self._composer, self._intake, self._voice
        composer.send_wanted.connect(self._send)
        composer.typed.connect(self._presenter.warm_up)
        composer.text.brought.connect(self.bring)
        composer.talk_pressed.connect(self._press_talk)
        composer.talk_released.connect(self._talk.release)
        composer.recording.done.connect(voice.finish)
        composer.recording.cancelled.connect(self.cancel_talk)
        self._presenter.question_refused.connect(self._take_back)
        intake.began.connect(composer.tray.begin)
        intake.taken.connect(composer.tray.show_taken)
        intake.refused.connect(self._refuse)
        voice.state_changed.connect(self._on_voice_state)
        voice.level_changed.connect(composer.recording.show_level)
        voice.heard.connect(self._on_heard)
        voice.nothing_heard.connect(self._on_nothing_heard)
        voice.failed.connect(self._notices.error)
