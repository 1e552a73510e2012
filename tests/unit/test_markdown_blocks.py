"""Blocks of a growing markdown text."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.domain.markdown_blocks import PROSE_CHARACTERS, Block, MarkdownBlocks, settled, split

ANSWER = """# Title

Some *prose* with `code`.

```python
print("a | b")

x = 1
```

| a | b |
|---|---|
| 1 | 2 |

The end.
"""


def kinds(text: str) -> list[str]:
    return [block.kind for block in split(text) if block.text]


def test_prose_code_and_table_are_told_apart() -> None:
    assert kinds(ANSWER) == ["prose", "code", "table", "prose"]


def test_code_is_shown_without_its_fences() -> None:
    code = split(ANSWER)[1]
    assert (code.language, code.text) == ("python", 'print("a | b")\n\nx = 1')


def test_a_fence_inside_a_list_loses_its_indentation() -> None:
    text = "1. Do this:\n\n    ```sh\n    ls\n      -l\n    ```\n2. Then that."
    assert kinds(text) == ["prose", "code", "prose"]
    assert split(text)[1].text == "ls\n  -l"


@pytest.mark.parametrize("text", ["```inline``` code", "a | b\nno rule", "| a |\n|---|---|\n", "~~gone~~"])
def test_what_only_looks_like_a_block_stays_prose(text: str) -> None:
    assert kinds(text) == ["prose"]


def test_an_unclosed_fence_runs_to_the_end() -> None:
    assert split("```\na\n\nb")[0].text == "a\n\nb"


def test_a_longer_fence_may_hold_a_shorter_one() -> None:
    assert split("````md\n```\nx\n```\n````\n")[0].text == "```\nx\n```"


def test_long_prose_is_cut_at_paragraphs_but_not_inside_a_list() -> None:
    paragraph = "word " * 200
    blocks = split("\n\n".join([paragraph] * 6))
    assert len(blocks) > 2
    assert max(len(block.raw) for block in blocks) < PROSE_CHARACTERS + 2 * len(paragraph)
    items = "\n\n".join(f"{i}. item {'x' * 100}" for i in range(1, 25))
    assert len(split(items)) == 1


def test_a_paragraph_without_end_is_cut_too() -> None:
    for text in ("word " * 40_000, "x" * 200_000, "line\n" * 40_000):
        blocks = split(text)
        growing = MarkdownBlocks()
        for start in range(0, len(text), 3_000):
            growing.add(text[start : start + 3_000])
        growing.finish()
        assert growing.blocks == blocks
        assert "".join(block.raw for block in blocks) == text
        assert max(len(block.raw) for block in blocks) <= 10_000


def test_closed_blocks_are_never_touched_again() -> None:
    growing = MarkdownBlocks()
    seen: list[Block] = []
    for character in ANSWER:
        first = growing.add(character)
        assert list(growing.blocks[:first]) == seen[:first]
        seen = [block for block in growing.blocks if block.closed]
    growing.finish()
    assert growing.blocks == split(ANSWER)
    assert all(block.closed for block in growing.blocks)


MARKS = [
    "```",
    "~~~",
    "py\n",
    "\n",
    "\n\n",
    "| a | b |\n",
    "|---|---|\n",
    "- x\n",
    "word ",
    "**",
    "`",
    "    ",
    "y" * 900,
]
PIECES = st.lists(st.sampled_from(MARKS), max_size=60).map("".join)


@settings(max_examples=150, deadline=None)
@given(PIECES | st.text(max_size=200), st.integers(0, 2**32))
def test_however_it_arrives_the_blocks_are_the_same(text: str, seed: int) -> None:
    text, chance = text.replace("\r", ""), random.Random(seed)
    growing = MarkdownBlocks()
    rest = text
    while rest:
        size = chance.randint(1, 40)
        growing.add(rest[:size])
        rest = rest[size:]
    growing.finish()
    assert growing.blocks == split(text)
    assert "".join(block.raw for block in growing.blocks) == text


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("This is **bo", "This is **bo**"),
        ("This is **", "This is "),
        ("Call `pri", "Call `pri`"),
        ("Title\n-", "Title"),
        ("Look:\n\n```py", "Look:\n"),
        ("Look:\n\n| a | b |\n|--", "Look:\n"),
        ("1. one\n2", "1. one"),
        ("done **bold** and `code`", "done **bold** and `code`"),
    ],
)
def test_open_prose_is_drawn_without_flicker(written: str, drawn: str) -> None:
    (block,) = MarkdownBlocks(written).blocks
    assert settled(block).text == drawn


def test_only_whole_rows_of_an_open_table_are_drawn() -> None:
    (block,) = MarkdownBlocks("| a | b |\n|---|---|\n| 1 | 2 |\n| 3").blocks
    assert block.text.splitlines() == ["| a | b |", "|---|---|", "| 1 | 2 |"]
