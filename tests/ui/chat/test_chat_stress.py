"""A hundred tokens a second, with a heartbeat beside them: nothing is lost, nothing is drawn twice.

The largest gap between two heartbeats is recorded, not judged: time belongs to `make bench`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QTimer

from tests.ui.chat.conftest import Scene

TEXT = """## Part {n}

A **paragraph** with `code`, a [link](https://example.org/{n}) and enough words to wrap over more than one line of it.

- one
- two

```python
def part_{n}(x: int) -> int:
    return x + {n}
```

| a | b |
|---|---|
| {n} | 2 |

"""


@pytest.mark.slow
@pytest.mark.parametrize("tokens_per_second", [100])
def test_streaming_beside_a_heartbeat(
    scene: Scene, tokens_per_second: int, record_property: Callable[[str, object], None]
) -> None:
    words = "".join(TEXT.format(n=n) for n in range(8)).split(" ")
    scene.open(scene.store(*[(f"Q{i}", "An answer. " * 30) for i in range(30)]))
    scene.chat.enqueue(*[f"{word} " for word in words], every_ms=1000 / tokens_per_second)
    beats = [time.perf_counter()]
    heart = QTimer(interval=0)
    heart.timeout.connect(lambda: beats.append(time.perf_counter()))
    heart.start()
    answer_text = scene.ask("Go").text
    heart.stop()
    gap_ms = 1000 * max(after - before for before, after in pairwise(beats))
    record_property("largest_gap_ms", round(gap_ms, 1))
    assert answer_text == "".join(f"{word} " for word in words)
    assert len(scene.answers[-1].blocks.code_blocks()) == 8
