"""How long a driver that nobody can ask is believed to live."""

from __future__ import annotations

import json
from typing import Any, Final, get_type_hints

from hypothesis import example, given
from hypothesis import strategies as st

from durable_core.journal.leases import (
    CLOCKS_S,
    LEASE_S,
    RENEW_S,
    UNKNOWN_HOLDER,
    Holder,
    Host,
    holder_from_json,
    holder_to_json,
    holds_elsewhere,
    is_at_work,
    is_elsewhere,
)

PLACES: Final = st.builds(Host, st.sampled_from(["", "ash", "elm"]), st.sampled_from(["", "b1", "b2"]))
TIMES: Final = st.floats(0, 4e9)
HOLDERS: Final = st.builds(
    Holder,
    pid=st.integers(0, 2**22),
    host=st.text(max_size=5) | st.sampled_from(["ash", "elm"]),
    boot=st.sampled_from(["", "b1", "b2"]),
    process_start=st.integers(0, 2**62),
    token=st.integers(0, 2**62),
    since=TIMES,
    until=TIMES,
    command=st.text(max_size=20),
)
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(HOLDERS)
def test_a_holder_comes_back_from_its_file(holder: Holder) -> None:
    assert holder_from_json(holder_to_json(holder).encode() + b"   \n") == holder


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_other_text_names_nobody(text: bytes) -> None:
    assert holder_from_json(text) == UNKNOWN_HOLDER


@given(HOLDERS, st.sampled_from(Holder._fields), JSON | st.integers(-(10**400), 10**400))
@example(UNKNOWN_HOLDER, "until", 10**400)
def test_a_field_of_another_type_names_nobody_or_is_a_holder_of_the_right_types(
    holder: Holder, name: str, value: Any
) -> None:
    found = holder_from_json(json.dumps({**holder._asdict(), name: value}).encode())
    for one, field in zip(found, get_type_hints(Holder).values(), strict=True):
        assert type(one) in ((int, float) if field is float else (field,))
    assert found == UNKNOWN_HOLDER or getattr(found, name) == value


@given(HOLDERS, PLACES, TIMES)
def test_on_the_same_machine_only_the_lock_counts(holder: Holder, here: Host, now: float) -> None:
    if holder.host == here.host or (here.boot and here.boot == holder.boot):
        assert not is_elsewhere(holder, here)
        assert not holds_elsewhere(holder, here, now)


@given(HOLDERS, PLACES, TIMES, TIMES)
def test_a_lease_ends_and_does_not_begin_again(holder: Holder, here: Host, now: float, later: float) -> None:
    first, second = sorted((now, later))
    if holds_elsewhere(holder, here, first):
        assert first < holder.until
    elif first >= holder.until:
        assert not holds_elsewhere(holder, here, second)


@given(PLACES, TIMES, TIMES, st.floats(-CLOCKS_S / 2, CLOCKS_S / 2))
def test_a_driver_that_renews_in_time_is_left_alone_whatever_its_clock_says(
    here: Host, now: float, since: float, ahead: float
) -> None:
    holder = UNKNOWN_HOLDER._replace(
        host="far", boot="b3", until=now + max(ahead, 0.0) + LEASE_S, since=since
    )
    assert holds_elsewhere(holder, here, now + RENEW_S)


@given(PLACES, HOLDERS)
def test_a_lease_that_was_given_back_holds_nobody_up(here: Host, holder: Holder) -> None:
    assert not holds_elsewhere(holder._replace(until=0.0), here, 0.0)


@given(PLACES, HOLDERS, TIMES)
def test_no_lease_file_however_wrong_holds_a_session_for_long(here: Host, holder: Holder, now: float) -> None:
    waiting = 0.0
    while holds_elsewhere(holder, here, now + waiting):
        waiting += LEASE_S
        assert waiting <= 2 * LEASE_S + CLOCKS_S


@given(PLACES, HOLDERS, st.integers(0, 3))
def test_only_a_process_that_lives_here_and_gave_nothing_back_is_at_work(
    here: Host, holder: Holder, started: int
) -> None:
    assert not is_at_work(holder._replace(process_start=0), here, 0)  # neither is known
    if is_at_work(holder, here, started):
        assert not is_elsewhere(holder, here)
        assert not is_at_work(holder._replace(until=0.0), here, started)
        assert not is_at_work(holder, here, 0)
        assert not is_at_work(holder, here, started + 1)
        assert not is_at_work(holder, here._replace(boot="since the power cut"), started)


@given(PLACES, HOLDERS.filter(lambda holder: holder.process_start > 0))
def test_a_driver_of_this_machine_is_at_work_until_it_gives_the_lease_back(
    here: Host, holder: Holder
) -> None:
    ours = holder._replace(host=here.host, boot=here.boot, until=holder.until + LEASE_S)
    assert is_at_work(ours, here, ours.process_start)
