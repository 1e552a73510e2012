"""The sound of spoken turns, kept only while the person has that switched on: listed, played, deleted.

One WAV file a turn, named after the conversation and the question it belongs to, and gone with the conversation.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

from desktop_app.domain.audio import Audio
from desktop_app.errors import AppError, UserCanFix
from desktop_app.files import disk_errors, sync_file, sync_folder
from desktop_app.paths import Places
from desktop_app.services.history import History
from desktop_app.services.preferences import Preferences
from desktop_app.services.wav import read_wav, write_wav

GONE = "history.not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecording:
    """`id` is that of the question; `words` are what was understood. `made_at` in seconds since the epoch."""

    id: str
    conversation_id: str
    title: str
    words: str
    made_at: float
    seconds: float
    bytes: int


class Recordings:
    def __init__(self, places: Places, history: History, preferences: Preferences) -> None:
        self.folder = places.data / "recordings"
        self._history, self._preferences = history, preferences

    def keep(self, question_id: str, conversation_id: str, sound: Audio) -> None:
        """What was said in one turn, if the person wants that kept. Raises AppError."""
        if not self._preferences.current.keep_recordings or not sound.samples:
            return
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self.folder / f"{conversation_id}_{question_id}.wav"
            write_wav(path, sound)
            sync_file(path)
            sync_folder(self.folder)

    def all(self) -> tuple[KeptRecording, ...]:
        """Newest first, without those of deleted conversations."""
        found = (self._described(path) for path in self._files())
        return tuple(sorted((one for one in found if one), key=lambda one: one.made_at, reverse=True))

    def sound(self, recording_id: str) -> Audio:
        """Raises UserCanFix."""
        return read_wav(self._file(recording_id))

    def delete(self, recording_id: str) -> None:
        """Raises UserCanFix("recordings.not_found"), EnvironmentProblem."""
        self._remove((self._file(recording_id),))

    def delete_all(self) -> int:
        """How many there were, those of deleted conversations too."""
        files = self._files()
        self._remove(files)
        return len(files)

    def forget_erased(self) -> None:
        """Delete those whose question is erased: the conversation was deleted for good."""
        self._remove(tuple(path for path in self._files() if self._is_erased(path)))

    def _files(self) -> tuple[Path, ...]:
        return tuple(sorted(self.folder.glob("*_*.wav"))) if self.folder.is_dir() else ()

    def _file(self, recording_id: str) -> Path:
        for path in self._files():
            if _ids(path)[1] == recording_id:
                return path
        raise UserCanFix(
            "recordings.not_found",
            "This recording is not there any more.",
            remedy="See what is kept on the page Recordings, or with: stonechat recordings list",
        )

    def _described(self, path: Path) -> KeptRecording | None:
        conversation_id, question_id = _ids(path)
        try:
            conversation = self._history.conversation(conversation_id)
            words = self._history.message(question_id).text
            status = path.stat()
        except (AppError, OSError):
            return None
        if conversation.deleted_at is not None:
            return None
        return KeptRecording(
            id=question_id,
            conversation_id=conversation_id,
            title=conversation.title,
            words=words,
            made_at=status.st_mtime,
            seconds=_seconds(path),
            bytes=status.st_size,
        )

    def _is_erased(self, path: Path) -> bool:
        try:
            self._history.message(_ids(path)[1])
        except AppError as error:
            return error.code == GONE
        return False

    def _remove(self, files: tuple[Path, ...]) -> None:
        if files:
            with disk_errors(self.folder):
                for path in files:
                    path.unlink(missing_ok=True)
                sync_folder(self.folder)


def _ids(path: Path) -> tuple[str, str]:
    """Of the conversation and of the question."""
    conversation_id, _, question_id = path.stem.partition("_")
    return conversation_id, question_id


def _seconds(path: Path) -> float:
    try:
        with wave.open(str(path), "rb") as file:
            return file.getnframes() / file.getframerate()
    except (OSError, EOFError, wave.Error):
        return 0.0
