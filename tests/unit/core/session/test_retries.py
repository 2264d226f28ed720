"""How long to wait before an attempt is made again, by number."""

from __future__ import annotations

from typing import Any

import pytest

from durable_core.session.retries import LONGEST_WISH_S, attempts, wait_before_retry
from durable_core.spec.base_types import LONGEST_WAIT_S
from durable_core.spec.models import FailurePolicy
from durable_core.types import TRANSIENT, Fault, FaultKind


def policy(**fields: Any) -> FailurePolicy:
    return FailurePolicy.model_validate({"retries": 8, "wait_min": 2, "wait_max": 20, **fields})


@pytest.mark.parametrize("kind", ["refused", "empty", "limit", "malformed", "template", "unexplained"])
def test_a_fault_that_will_not_pass_is_not_retried(kind: FaultKind) -> None:
    assert kind not in TRANSIENT
    assert wait_before_retry(policy(), Fault(kind, "no"), 1, 0.0) is None


@pytest.mark.parametrize("kind", sorted(TRANSIENT))
def test_a_fault_that_may_pass_is_retried_as_often_as_the_policy_says(kind: FaultKind) -> None:
    waits = [wait_before_retry(policy(retries=2), Fault(kind, "later"), n, 0.0) for n in (1, 2, 3)]
    assert [wait is None for wait in waits] == [False, False, True]


@pytest.mark.parametrize(
    ("backoff", "chance", "waits"),
    [
        ("constant", 0.9, [2, 2, 2, 2, 2]),
        ("exponential", 0.9, [2, 4, 8, 16, 20]),
        ("jittered", 0.0, [2, 2, 2, 2, 2]),
        ("jittered", 0.5, [2, 3, 5, 9, 11]),
    ],
)
def test_waits_grow_as_the_backoff_says(backoff: str, chance: float, waits: list[float]) -> None:
    fault = Fault("server", "500")
    assert [wait_before_retry(policy(backoff=backoff), fault, n, chance) for n in range(1, 6)] == waits


def test_the_provider_is_not_asked_before_it_wishes_but_an_hour_is_the_most() -> None:
    def wait(seconds: float) -> float | None:
        return wait_before_retry(policy(backoff="constant"), Fault("throttled", "429", seconds), 1, 0.0)

    assert (wait(1.0), wait(7.0), wait(1e9)) == (2.0, 7.0, LONGEST_WISH_S)


def test_the_thousandth_retry_is_still_a_number() -> None:
    assert wait_before_retry(policy(retries=5000), Fault("timeout", "slow"), 4000, 0.0) == 20.0


def test_a_longest_wait_below_the_shortest_gives_the_shortest_when_jittered() -> None:
    short = FailurePolicy.model_validate({"wait_min": 90, "backoff": "jittered"})
    assert wait_before_retry(short, Fault("server", "500"), 1, 0.99) == 90.0


@pytest.mark.parametrize("seconds", [LONGEST_WAIT_S + 1, 10**350])
@pytest.mark.parametrize("backoff", ["constant", "exponential", "jittered"])
def test_a_wait_that_an_earlier_version_took_ends_after_a_day(backoff: str, seconds: int) -> None:
    old = policy(backoff=backoff, wait_min=seconds, wait_max=seconds)
    assert wait_before_retry(old, Fault("server", "500"), 1, 0.5) == LONGEST_WAIT_S


def test_attempts_are_numbered_where_more_than_one_is_meant() -> None:
    passing, lasting = Fault("server", "no"), Fault("refused", "no")
    three = policy(retries=2)
    assert [attempts(three, passing, faults) for faults in (1, 2, 3)] == [(1, 3), (2, 3), (3, 3)]
    assert [attempts(three, lasting, faults) for faults in (1, 2)] == [None, (2, 3)]
    assert attempts(policy(retries=0), passing, 1) is None
