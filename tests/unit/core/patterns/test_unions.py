"""What a session's state and its journal may hold of patterns: of each pattern all, and nothing else."""

from __future__ import annotations

from itertools import chain
from typing import get_args

import pytest

from docs.generator.samples import SAMPLES
from docs.generator.samples import spec_of as sample_spec
from durable_core.patterns import PATTERNS, unions


def test_the_events_that_a_journal_may_hold_are_those_of_the_patterns() -> None:
    events = list(chain.from_iterable(pattern.events for pattern in PATTERNS.values()))
    assert set(get_args(unions.PatternEvent)) == set(events)
    assert len(set(events)) == len(events)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_session_may_hold_the_state_of_each_pattern(pattern: str) -> None:
    assert type(PATTERNS[pattern].initial(sample_spec(pattern, SAMPLES[pattern].config))) in get_args(
        unions.PatternState
    )
    assert len(get_args(unions.PatternState)) == len(PATTERNS)
