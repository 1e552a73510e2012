"""The window as a screen reader finds it: on a real display, in another process, over the accessibility bus."""

from __future__ import annotations

from pathlib import Path

import pytest

from usability_tests import atspi_session

LEAST_NODES = 40
"""Qt gives one node where its bridge sleeps, and no warning."""


@pytest.mark.slow
@pytest.mark.flaky(reruns=3)
@pytest.mark.skipif(not atspi_session.available(), reason="needs Xvfb, dbus-run-session and at-spi2-core")
def test_a_screen_reader_can_read_everything_and_ask(tmp_path: Path) -> None:
    found = atspi_session.run(tmp_path)
    assert found["nodes"] >= LEAST_NODES
    assert {"Message", "New conversation", "Settings", "Conversations", "Tides"} <= set(found["names"])
    assert {"frame", "list", "list item", "push button", "text"} <= set(found["roles"])
    assert not found["nameless"]
    assert not found["cannot"]
    assert found["answer"] == "Stonechat, AI: By somebody else."
