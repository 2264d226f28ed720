"""The cost of one transition does not grow with the session: ten thousand units within 3x of a hundred."""

from __future__ import annotations

from typing import Final

import pytest

from tests.benchmarks.scale import CONFIGS, SIZES, cost
from tests.support.night import NIGHTLY

LARGE: Final = SIZES[-1] if NIGHTLY else 3_000
"""Units of the large session; ten thousand take a minute, so they wait for the night."""

MOST: Final = 3.0

ATTEMPTS: Final = 3
"""Times that both are measured: what a busy machine does to one of them, it hardly does three times."""


@pytest.mark.parametrize("pattern", CONFIGS)
def test_a_transition_costs_as_much_in_a_long_session_as_in_a_short_one(pattern: str) -> None:
    for _ in range(ATTEMPTS):
        small, large = cost(pattern, SIZES[0]), cost(pattern, LARGE)
        # rare transitions that cost much are in the mean
        if large.median < MOST * small.median and large.mean < MOST * small.mean:
            return
    raise AssertionError((small, large))
