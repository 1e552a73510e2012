"""One window on one folder, over a real local socket: who is first, what is handed over, who is not believed."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop_app.app import build
from desktop_app.errors import EnvironmentProblem
from desktop_app.paths import Places
from desktop_app.services.model_import import Wanted
from desktop_app.ui.application import open_window
from desktop_app.ui.onboarding.view import Onboarding
from desktop_app.ui.refusal import Refusal
from desktop_app.ui.single_window import SingleWindow
from desktop_app.ui.window_call import Call, call, find_address, is_ours, make_address, read_call

PATIENCE_MS = 30_000
ROOT = Path(__file__).parents[2]
POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="pipes of Windows have no file")
FIRST = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desktop_app.paths import places
from desktop_app.ui.single_window import SingleWindow
app = QCoreApplication([])
first = SingleWindow(places(Path(sys.argv[1])))
assert first.claim()
first.listen()
print("listening", flush=True)
app.exec()
"""


@pytest.fixture
def places() -> Iterator[Places]:
    """In a folder with a short name, as people's are."""
    with tempfile.TemporaryDirectory(prefix="sc-") as home:
        yield Places(data=Path(home), cache=Path(home, "c"), logs=Path(home, "l"), models=Path(home, "m")).create()


@pytest.fixture
def first(places: Places, qapp: QApplication) -> Iterator[SingleWindow]:
    """The first window of these places, listening; what it was told is in `told`."""
    made = SingleWindow(places)
    assert made.claim()
    made.listen()
    made.told = []  # type: ignore[attr-defined]
    made.called.connect(made.told.append)  # type: ignore[attr-defined]
    yield made
    made.release()


@pytest.mark.slow
def test_a_second_start_hands_over_and_ends(first: Any, places: Places, qtbot: QtBot) -> None:
    picture = places.data / "a picture.png"
    script = "import sys; from desktop_app.cli import main; sys.exit(main(sys.argv[1:]))"
    environment = {**os.environ, "XDG_ACTIVATION_TOKEN": "t"}
    words = ["run", str(picture), "--data", str(places.data)]
    second = subprocess.Popen([sys.executable, "-c", script, *words], cwd=ROOT, env=environment)
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=4 * PATIENCE_MS)
    assert second.returncode == 0
    assert first.told == [Call(files=(picture,), token="t")]
    assert not places.database.exists()  # it opened nothing


def test_the_window_is_shown_until_it_is_closed(home: Any, qapp: QApplication) -> None:
    from desktop_app.ui.main_window import MainWindow

    def close() -> None:
        window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow))
        window.actions_registry.run("window.quit")

    home.services.close = lambda: None  # the fixture closes
    QTimer.singleShot(200, close)
    assert open_window(home.places, lambda: home.services, Call()) == 0
    assert sys.excepthook is sys.__excepthook__
    again = SingleWindow(home.places)
    assert again.claim()
    again.release()


def test_what_keeps_it_from_opening_is_said_in_a_window(
    home: Any, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(home.places.database)) as connection:
        connection.execute("pragma user_version = 999")
    said: list[str] = []

    def read(shown: Refusal) -> int:
        said.extend(one.text() for one in shown.findChildren(QLabel))
        shown.show()
        QTest.keyClick(shown, Qt.Key.Key_Escape)
        return shown.result()

    monkeypatch.setattr(Refusal, "exec", read)
    with pytest.raises(EnvironmentProblem) as caught:
        open_window(home.places, lambda: build(home.places), Call())
    assert caught.value.code == "storage.newer"
    assert {caught.value.message, caught.value.remedy} <= set(said)


@POSIX_ONLY
@pytest.mark.slow
def test_after_kill_9_the_next_start_is_first_and_can_be_called(places: Places, qtbot: QtBot) -> None:
    command = [sys.executable, "-c", FIRST, str(places.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as killed:
        assert killed.stdout is not None and killed.stdout.readline() == "listening\n"
        second = SingleWindow(places)
        assert not second.claim_or_call(Call(files=(places.data / "a.png",)))
        killed.send_signal(signal.SIGKILL)
    address = find_address(places)
    assert address is not None  # it is still there, and nobody behind it
    assert not call(address, Call())
    assert second.claim_or_call(Call())
    second.listen()
    with qtbot.waitSignal(second.called, timeout=PATIENCE_MS) as told:
        _say(places, Call(token="x").as_line()).close()
    assert told.args == [Call(token="x")]
    second.release()


def test_a_window_that_does_not_answer_is_a_sentence(places: Places, qapp: QApplication) -> None:
    silent = SingleWindow(places)
    assert silent.claim()  # and never listens
    with pytest.raises(EnvironmentProblem) as caught:
        SingleWindow(places).claim_or_call(Call(), patience_s=0.0)
    assert caught.value.code == "window.no_answer"
    silent.release()


@POSIX_ONLY
def test_what_is_no_call_is_dropped(first: Any, places: Places, qtbot: QtBot) -> None:
    for line in (b"", b"raise", b"[]", b'{"files": ["relative.png"], "talk": false, "token": ""}'):
        assert read_call(line) is None
    for bytes_ in (b"{}\n", b"\0" * 200, b"x" * 70_000):
        with closing(_say(places, bytes_)):
            qtbot.wait(50)
    with closing(_say(places, Call(token="good").as_line())):
        qtbot.waitUntil(lambda: bool(first.told), timeout=PATIENCE_MS)
    assert first.told == [Call(token="good")]


@POSIX_ONLY
def test_a_socket_that_others_could_have_put_there_is_not_believed(
    first: Any, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(make_address(places))
    assert path.stat().st_mode & 0o077 == 0
    assert is_ours(path)
    path.parent.chmod(0o777)
    assert not is_ours(path)
    path.parent.chmod(0o700)
    ours = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: ours + 1)
    assert find_address(places) is None
    monkeypatch.undo()
    (places.data / "file").write_text("no socket")
    assert not is_ours(places.data / "file")


@POSIX_ONLY
def test_a_long_folder_has_its_socket_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = tmp_path / "run"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    deep = tmp_path / ("a" * 90)
    address = make_address(Places(data=deep, cache=deep, logs=deep, models=deep))
    assert Path(address).parent == runtime


def _say(places: Places, bytes_: bytes) -> socket.socket:
    """By hand, as any other program could."""
    made = socket.socket(socket.AF_UNIX)
    made.connect(make_address(places))
    made.sendall(bytes_)
    return made


def test_files_that_are_handed_over_go_where_they_belong(desk: Any, places: Places) -> None:
    samples = ROOT / "resources" / "samples"
    desk.home.voice.says = "what is the capital of France"
    model = places.data / "mine.gguf"
    files = (samples / "pictures" / "pair.png", samples / "capital_of_france.wav", model)
    desk.window.answer_call(Call(files=files, token="t"))
    assert os.environ.pop("XDG_ACTIVATION_TOKEN") == "t"
    chat = desk.window.workspace.chat
    desk.wait(lambda: len(chat.composer.draft.pictures) == 1 and chat.composer.draft.text)
    assert chat.composer.draft.text == "what is the capital of France"
    desk.wait(lambda: getattr(desk.home.library, "added", None) == Wanted(path=model))
    assert desk.window.workspace.sidebar.isVisible()


def test_sound_that_cannot_be_read_says_why(desk: Any, places: Places) -> None:
    song = places.data / "song.mp3"
    song.write_bytes(b"ID3")
    desk.window.take_files((song,))
    notices = desk.window.workspace.notices
    desk.wait(lambda: notices.shown)
    assert "WAV" in notices.shown[0].remedy


def test_during_the_first_steps_files_wait(desk: Any, places: Places) -> None:
    desk.run("window.welcome")
    desk.window.take_files((ROOT / "resources" / "samples" / "pictures" / "pair.png",))
    chat = desk.window.workspace.chat
    assert not chat.composer.draft.pictures
    page = desk.window.findChild(Onboarding)
    page.done.emit()
    desk.wait(lambda: len(chat.composer.draft.pictures) == 1)
