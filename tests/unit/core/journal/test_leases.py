"""What a lease file may say, word by word: anything that is no holder names nobody."""

from __future__ import annotations

import json
from typing import Any

import pytest

from durable_core.journal.leases import (
    LEASE_S,
    UNKNOWN_HOLDER,
    Holder,
    Host,
    holder_from_json,
    holder_to_json,
    holds_elsewhere,
    is_at_work,
    is_elsewhere,
)

HOLDER = Holder(
    pid=7, host="ash", boot="b1", process_start=3, token=2, since=10.0, until=70.0, command="strands"
)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"7", b"null", b'{"pid": 1}', b"\xff", b"[" * 100_000])
def test_a_text_that_is_no_lease_names_nobody(text: bytes) -> None:
    assert holder_from_json(text) == UNKNOWN_HOLDER


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pid", "7"),
        ("pid", True),
        ("process_start", 3.0),
        ("token", None),
        ("host", 1),
        ("boot", None),
        ("command", ["strands"]),
        ("since", "10"),
        ("until", True),
        ("until", float("nan")),
        ("until", float("inf")),
    ],
)
def test_a_field_of_another_type_names_nobody(name: str, value: Any) -> None:
    assert holder_from_json(json.dumps({**HOLDER._asdict(), name: value}).encode()) == UNKNOWN_HOLDER


def test_a_holder_comes_back_from_its_file() -> None:
    assert holder_from_json(holder_to_json(HOLDER).encode()) == HOLDER


def test_another_machine_believes_a_holder_until_its_time_is_over() -> None:
    elm = Host("elm", "b2")
    assert is_elsewhere(HOLDER, elm)
    assert [holds_elsewhere(HOLDER, elm, now) for now in (20.0, 69.0, 70.0)] == [True, True, False]
    assert not holds_elsewhere(HOLDER._replace(until=20.0 + 100 * LEASE_S), elm, 20.0)


@pytest.mark.parametrize("here", [Host("ash", "b1"), Host("ash", "b2"), Host("elm", "b1")])
def test_under_the_same_name_or_kernel_the_lock_is_seen(here: Host) -> None:
    assert not is_elsewhere(HOLDER, here)
    assert not is_elsewhere(HOLDER._replace(host=""), here)


def test_a_holder_is_at_work_while_its_process_lives_and_the_lease_is_not_given_back() -> None:
    here = Host("ash", "b1")
    assert is_at_work(HOLDER, here, 3)
    for other in (HOLDER._replace(until=0.0), HOLDER._replace(boot="b2"), HOLDER._replace(process_start=4)):
        assert not is_at_work(other, here, 3)
