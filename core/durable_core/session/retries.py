"""How long to wait before a faulted attempt is tried again (semantics, section 5)."""

from __future__ import annotations

from typing import Final, assert_never

from durable_core.spec.base_types import LONGEST_WAIT_S
from durable_core.spec.models import FailurePolicy
from durable_core.types import Fault

LONGEST_WISH_S: Final = 3600.0
"""A provider's Retry-After is honoured up to an hour; beyond that a person had better look."""


def wait_before_retry(policy: FailurePolicy, fault: Fault, faults: int, chance: float) -> float | None:
    """Seconds until the next attempt after the unit's ``faults``-th fault (from 1), or None to give up.

    constant waits ``wait_min``; exponential doubles it with each fault, up to ``wait_max``; jittered
    takes a point between ``wait_min`` and the exponential wait, by ``chance`` in [0, 1). The provider's
    own ``retry_after`` is a lower bound.
    """
    if not fault.transient or faults > policy.retries:
        return None
    # earlier versions took longer waits, and a workflow made in Python may have one that no float holds
    shortest, longest = min(policy.wait_min, LONGEST_WAIT_S), min(policy.wait_max, LONGEST_WAIT_S)
    # 2**60 s is past any wait_max, and a float still holds it
    exponential = min(longest, shortest * 2.0 ** min(faults - 1, 60))
    match policy.backoff:
        case "constant":
            wait = float(shortest)
        case "exponential":
            wait = exponential
        case "jittered":
            wait = shortest + max(0.0, exponential - shortest) * chance
        case _ as never:
            assert_never(never)
    return max(wait, min(fault.retry_after or 0.0, LONGEST_WISH_S))


def attempts(policy: FailurePolicy, fault: Fault, faults: int) -> tuple[int, int] | None:
    """That it was attempt k of n that ended with ``fault``, the ``faults``-th since the last resume.

    None where more than one was never meant: the first fault is one that is not tried again.
    """
    if policy.retries == 0 or (faults == 1 and not fault.transient):
        return None
    return faults, policy.retries + 1
