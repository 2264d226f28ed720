"""Named values in a settled order, and sets of positions."""

from __future__ import annotations

import pytest

from durable_core.persistent.bit_set import BitSet
from durable_core.persistent.ordered_map import OrderedMap


def test_values_stand_in_the_settled_order_whatever_came_first() -> None:
    one = OrderedMap[int]("abc").put("c", 3).put("a", 1)
    other = OrderedMap[int]("abc").put("a", 1).put("c", 3)
    assert list(one.items()) == list(other.items()) == [("a", 1), ("c", 3)]
    assert one == other == {"a": 1, "c": 3}
    assert hash(one) == hash(other)
    assert repr(one) == "OrderedMap({'a': 1, 'c': 3})"


def test_an_older_value_stays_what_it_was() -> None:
    before = OrderedMap("ab", {"a": 1})
    assert dict(before.put("b", 2)) == {"a": 1, "b": 2}
    assert dict(before.put("a", 9)) == {"a": 9}
    assert dict(before) == {"a": 1}
    assert len(before) == 1
    with pytest.raises(KeyError):
        before["b"]


def test_positions_come_out_in_order_and_no_more_than_asked_for() -> None:
    some = BitSet().including(70).including(3).including(3).including(12)
    assert list(some) == [3, 12, 70]
    assert some.first(2) == (3, 12)
    assert some.first(9) == (3, 12, 70)
    assert 12 in some
    assert 13 not in some
    assert list(some.without(3).without(5)) == [12, 70]
    assert not BitSet().including(1).without(1)
