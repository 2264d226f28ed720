"""Which names are in use, and what a session is called that gives its name away."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from durable_core.catalog.names import in_use, last_name, meant, put_aside


@dataclass(frozen=True)
class Row:
    session_id: str
    status: str
    name: str = "digest"
    updated_at: str = "2026-01-01"
    folder: str = ""
    spec_path: str = ""
    spec_hash: str = ""


@pytest.mark.parametrize("status", ["running", "paused", "failed", "interrupted", "damaged"])
def test_a_name_is_in_use_until_its_session_is_completed(status: str) -> None:
    one = Row("a", status)
    assert in_use([one, Row("b", "completed"), Row("c", status, "other")], "digest") == (one,)


def test_the_names_of_completed_sessions_and_parts_of_names_are_free() -> None:
    assert in_use([Row("a", "completed"), Row("b", "failed", "digest.old")], "digest") == ()
    assert in_use([Row("a", "failed", "Digest"), Row("b", "failed", "dig")], "digest") == ()


def test_of_several_the_newest_comes_first() -> None:
    old, new = Row("a", "failed", updated_at="2026-01-01"), Row("b", "paused", updated_at="2026-01-02")
    assert in_use([old, new], "digest") == (new, old)


def test_a_name_of_several_means_what_is_not_completed_and_a_name_of_completed_ones_any_of_them() -> None:
    done, over, open_ = Row("a", "completed"), Row("b", "completed"), Row("c", "failed")
    assert meant([done, open_, over], "digest") == (open_,)
    assert meant([done, over], "digest") == (done, over)
    assert meant([Row("abcd1", "failed"), Row("abcd2", "completed")], "abcd") != (Row("abcd1", "failed"),)


def test_a_session_that_gives_its_name_away_gets_one_that_none_has() -> None:
    assert put_aside([Row("a", "failed")], "digest") == "digest.old"
    taken = [Row("a", "failed", name) for name in ("digest.old", "digest.old-2", "digest.old-4")]
    assert put_aside(taken, "digest") == "digest.old-3"
    assert put_aside([Row("a", "completed", "digest.old")], "digest") == "digest.old-2"


def test_a_journal_gives_the_name_that_it_gave_last_whatever_else_is_in_it() -> None:
    started = {"type": "session_started/2", "name": "digest"}
    assert last_name([started, {"type": "unit_completed/1", "name": "other"}, None]) == "digest"
    assert last_name([started, {"type": "session_renamed/1", "name": "digest.old"}]) == "digest.old"
    assert last_name([{**started, "name": None}]) == last_name([]) == ""
