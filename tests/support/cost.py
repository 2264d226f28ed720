"""What work costs, beside other work: a bound in seconds would say how fast the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable


def times_as_much(work: Callable[[], object], yardstick: Callable[[], object], rounds: int = 5) -> float:
    """How often the processor time of ``yardstick`` goes into that of ``work``, at the least of each.

    The least, since whatever else the machine does can only add to a time.
    """
    spent = [(_spent(work), _spent(yardstick)) for _ in range(rounds)]
    ours, theirs = map(min, zip(*spent, strict=True))
    return ours / theirs


def _spent(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
