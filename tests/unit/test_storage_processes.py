"""Several threads, several processes, and processes that are killed: no message is lost, an answer only its end."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from desktop_app.storage import writers
from tests.unit.storage_kit import NOTHING, answer, ask, opened, say, start_child, texts

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")

STREAM = """
with opened(folder) as (history, _):
    conversation = history.create().id
    begun = history.begin_answer(ask(history, conversation, "tell me everything").id, provenance=NOTHING)
    print(conversation, begun.id, flush=True)
    text = ""
    for number in range(1_000_000):
        text += f"word{number} "
        history.save_answer(begun.id, text)
        print(len(text), flush=True)
"""


@pytest.mark.parametrize("saves", [1, 40, 200])
def test_kill_9_loses_at_most_what_was_not_saved(tmp_path: Path, saves: int) -> None:
    child = start_child(STREAM, tmp_path)
    assert child.stdout is not None
    conversation, answer_id = child.stdout.readline().split()
    saved = [int(child.stdout.readline()) for _ in range(saves)][-1]
    child.kill()
    child.communicate()
    with opened(tmp_path) as (history, database):
        assert database.warnings == ()
        question, found = history.path(conversation)
        assert question.text == "tell me everything"
        assert question.status == "done"
        assert (found.id, found.status) == (answer_id, "interrupted")
        assert len(found.text) >= saved
        assert [hit.message_id for hit in history.search("word0")] == [answer_id]


STREAM_AND_WAIT = """
with opened(folder) as (history, _):
    conversation = history.create().id
    begun = history.begin_answer(ask(history, conversation, "tell me everything").id, provenance=NOTHING)
    history.save_answer(begun.id, "word0")
    print(conversation, begun.id, flush=True)
    sys.stdin.readline()
"""


def test_a_living_writer_is_left_alone_and_a_dead_one_is_noticed(tmp_path: Path) -> None:
    """The child is killed while this process has the database open: it need not be opened again to see that."""
    child = start_child(STREAM_AND_WAIT, tmp_path)
    assert child.stdout is not None
    conversation, answer_id = child.stdout.readline().split()
    with opened(tmp_path) as (history, _):
        assert history.message(answer_id).status == "streaming"
        own = history.begin_answer(ask(history, conversation, "and you?").id, provenance=NOTHING)
        assert history.message(answer_id).status == "streaming"
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and still in the table of processes
        assert history.message(answer_id).status == "interrupted"
        assert history.message(own.id).status == "streaming"
        assert not history.search("word0")
        answer(history, ask(history, conversation, "next").id, "fine")
        assert history.search("word0")
        child.communicate()


def test_a_pid_that_was_given_out_again_is_another_writer() -> None:
    me = writers.this_writer()
    pid, start = me.split(":")
    assert writers.runs(me)
    assert not writers.runs(f"{pid}:{start}9")
    assert not writers.runs(f"999999999:{start}")
    assert not writers.runs("")
    assert not writers.runs("nonsense:1")


def test_the_portable_way_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "_boot", lambda: "")
    assert writers.runs(writers.this_writer())
    assert not writers.runs("999999999:1.0")


def test_three_threads_write_at_once(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, _):
        conversation = history.create("many").id
        failed: list[BaseException] = []

        def write(name: str) -> None:
            try:
                for number in range(300):
                    history.add_question(conversation, None, (f"{name} {number}",))
                    history.search(name)
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=write, args=(name,)) for name in ("ant", "bee", "cat")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed
        (first, *_) = history.page(conversation).messages
        assert len(history.siblings(first.id)) == 900


WRITE = """
with opened(folder) as (history, _):
    for number in range(100):
        say(history, (f"{sys.argv[2]} question {number}", "answer"))
"""


def test_processes_share_one_folder_from_the_very_first_start(tmp_path: Path) -> None:
    children = [start_child(WRITE, tmp_path, name) for name in ("ant", "bee", "cat")]
    for child in children:
        child.communicate()
    assert [child.returncode for child in children] == [0, 0, 0]
    with opened(tmp_path) as (history, database):
        assert database.warnings == ()
        assert len(history.conversations()) == 300
        assert len(history.search("bee ques", limit=200)) == 200


def test_what_one_process_writes_the_other_sees(tmp_path: Path) -> None:
    with opened(tmp_path) as (history, _):
        conversation = say(history, ("q", "a"))
        child = start_child(
            "with opened(folder) as (history, _):\n"
            "    (conversation,) = history.conversations()\n"
            "    history.rename(conversation.id, 'renamed')\n"
            "    ask(history, conversation.id, 'from the other')\n",
            tmp_path,
        )
        child.communicate()
        assert history.conversation(conversation).title == "renamed"
        assert texts(history, conversation) == ["q", "a", "from the other"]
