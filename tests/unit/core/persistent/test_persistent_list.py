"""PersistentList: a list that grows without being copied, and is a list to all who read it."""

from __future__ import annotations

import pytest

from durable_core.persistent.persistent_list import PersistentList


@pytest.mark.parametrize("index", [3, -4, 99])
def test_a_row_that_is_not_there_is_an_index_error(index: int) -> None:
    with pytest.raises(IndexError, match=f"item {index} of 3"):
        PersistentList("abc")[index]


def test_rows_read_like_a_list() -> None:
    rows = PersistentList("abcd")
    assert (rows[0], rows[-1], rows[1:3], rows[::-1]) == ("a", "d", ("b", "c"), ("d", "c", "b", "a"))
    assert (list(rows), len(rows), "c" in rows, rows.index("c")) == (["a", "b", "c", "d"], 4, True, 2)
    assert repr(PersistentList([1])) == "PersistentList([1])"


def test_appending_leaves_the_older_rows_as_they_were() -> None:
    old = PersistentList([1])
    left, right = old.append(2), old.append(3)
    assert (list(old), list(left), list(right)) == ([1], [1, 2], [1, 3])


@pytest.mark.parametrize(("length", "kept"), [(-1, []), (0, []), (2, [0, 1]), (3, [0, 1, 2]), (9, [0, 1, 2])])
def test_rows_until_a_length_are_the_first_ones(length: int, kept: list[int]) -> None:
    assert list(PersistentList(range(3)).until(length)) == kept


def test_rows_are_equal_when_their_items_are_and_never_to_something_else() -> None:
    assert PersistentList([1, 2]) == PersistentList([1]).append(2)
    assert hash(PersistentList([1, 2])) == hash(PersistentList([1]).append(2))
    assert PersistentList([1, 2]).until(1) == PersistentList([1])
    assert PersistentList([1, 2]) != PersistentList([2, 1])
    assert PersistentList([1]) != [1]


def test_what_was_cut_off_does_not_come_back_with_the_next_row() -> None:
    assert list(PersistentList([1, 2, 3]).until(1).append(9)) == [1, 9]
