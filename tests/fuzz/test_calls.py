"""What a template may call ends soon, whatever it is given."""

from __future__ import annotations

import time

from tests.fuzz.calls import every_call, known, longest_s, try_call, values
from tests.fuzz.child import in_child
from tests.support.night import NIGHTLY, spread

NIGHTS = 8
"""Nights in which every call is tried once."""


def test_no_call_of_a_template_runs_for_long_or_fills_the_memory() -> None:
    everything = every_call()
    found, others = everything[: known()], everything[known() :]
    tonight = int(time.time()) // 86_400 % NIGHTS
    calls = [*found, *(others[tonight::NIGHTS] if NIGHTLY else spread(others, 150))]
    values()  # made once, for all children
    longest_s()

    def enter(number: int) -> None:
        try_call(calls[number], often=number < len(found))

    findings, first = [], 0
    while first < len(calls):
        number, why = in_child(enter, first, len(calls), longest_s=longest_s())
        if why is not None:
            # Alone, as the machine may have been slow just then.
            _, why = in_child(enter, number, number + 1, longest_s=longest_s())
        if why is not None:
            findings.append(f"{calls[number]}: {why}")
        first = number + 1
    assert findings == []
