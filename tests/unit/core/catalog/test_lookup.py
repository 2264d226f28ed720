"""Which session a word means."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from durable_core.catalog.lookup import find, resumable


@dataclass(frozen=True)
class Row:
    session_id: str
    name: str
    updated_at: str


ONE = Row("a1b2c3d4-0000", "first", "2026-01-01T00:00:00Z")
TWO = Row("a1b2ffff-0000", "a1b2c", "2026-01-03T00:00:00Z")
THREE = Row("cccc0000-0000", "twin", "2026-01-02T00:00:00Z")
FOUR = Row("dddd0000-0000", "twin", "2026-01-03T00:00:00Z")
FIVE = Row("abcdabcd-0000", "", "2026-01-01T00:00:00Z")
ALL = (ONE, TWO, THREE, FOUR, FIVE)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("", ()),
        ("a", ()),
        ("ccc", ()),  # shorter than a prefix may be
        ("eeee", ()),
        ("../../x", ()),
        ("a1b2c3d4-0000", (ONE,)),
        ("A1B2C3D4-0000", (ONE,)),
        ("first", (ONE,)),
        ("a1b2c", (TWO,)),  # a name comes before a prefix
        ("a1b2c3", (ONE,)),
        ("a1b2", (ONE, TWO)),
        ("twin", (THREE, FOUR)),
        ("CCCC", (THREE,)),
        ("@latest", (FOUR,)),  # of two that are equally new, the greater id
    ],
)
def test_a_word_means_an_id_or_a_name_or_a_prefix_in_this_order(word: str, meant: tuple[Row, ...]) -> None:
    assert find(ALL, word) == meant


def test_the_latest_of_no_sessions_is_none() -> None:
    assert find((), "@latest") == ()


@dataclass(frozen=True)
class Placed(Row):
    status: str
    folder: str
    spec_path: str


def placed(
    session_id: str, status: str, day: int, folder: str = "/a", spec_path: str = "/a/x.yaml"
) -> Placed:
    return Placed(session_id, "", f"2026-01-{day:02}T00:00:00Z", status, folder, spec_path)


@pytest.mark.parametrize(
    ("status", "may"),
    [
        ("failed", True),
        ("paused", True),
        ("interrupted", True),
        ("completed", False),
        ("running", False),
        ("damaged", False),
    ],
)
def test_only_what_stopped_early_and_is_not_driven_can_go_on(status: str, may: bool) -> None:
    assert bool(resumable([placed("a", status, 1)])) is may


def test_the_newest_that_can_go_on_comes_first() -> None:
    old, new, over = placed("a", "failed", 1), placed("b", "paused", 2), placed("c", "completed", 3)
    assert resumable([old, over, new]) == (new, old)


def test_an_id_that_was_cut_is_found_with_the_dots_that_stand_behind_it() -> None:
    one = placed("a1b2c3d4-e5f6", "failed", 1)
    assert find([one], "a1b2c3d4...") == (one,)
    assert find([one], "A1B2C3D4...") == (one,)
    assert find([one], "a1b...") == ()
    assert find([one], "...") == ()
