"""A short visit of the monkey; `make monkey` lets it stay longer. It is locked into its own folder, or not let in."""

from __future__ import annotations

import pytest

from usability_tests import jail
from usability_tests.monkey import run_one


@pytest.mark.slow
@pytest.mark.flaky(reruns=3)
@pytest.mark.skipif(jail.version() < jail.NEEDED_VERSION, reason="no Landlock here, and so no monkey either")
def test_sixty_random_inputs_do_no_harm() -> None:
    told: list[str] = []
    assert run_one(3, 60, told.append), "\n".join(told)
