"""What a list shows of a session, and which sessions a query asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from durable_core.catalog.listing import (
    EVERY,
    Listed,
    Query,
    matching,
    seconds_of,
    summarized,
    unlistable,
    unreadable_view,
)

METADATA = {"status": "running", "workflow_name": "tale", "name": "mine", "updated_at": 3}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "session.json holds no status; the journal may still be whole"),
        ({"metadata": []}, "session.json holds no status; the journal may still be whole"),
        ({"metadata": {"status": 1}}, "session.json holds no status; the journal may still be whole"),
    ],
)
def test_a_view_without_a_status_is_of_no_use(document: Mapping[str, Any], reason: str) -> None:
    assert summarized("a", document) == unlistable("a", reason)


def test_a_view_that_has_changed_or_is_no_json_is_of_no_use() -> None:
    changed = summarized("a", {"metadata": METADATA}, intact=False)
    assert (changed.status, changed.workflow) == ("damaged", "")
    assert changed.damaged == "session.json has changed since it was written; the journal may still be whole"
    assert unreadable_view("a").damaged is not None


def test_a_session_without_a_view_has_just_begun_if_somebody_drives_it() -> None:
    assert summarized("a", None, driven=True).status == "running"
    assert (
        summarized("a", None, driven=False).damaged
        == "session.json is missing; the journal may still be whole"
    )


def test_a_session_that_nobody_drives_any_more_is_interrupted() -> None:
    assert summarized("a", {"metadata": METADATA}, driven=False).status == "interrupted"
    running = summarized("a", {"metadata": METADATA}, driven=True)
    assert (running.status, running.workflow, running.name, running.updated_at) == (
        "running",
        "tale",
        "mine",
        "",
    )
    paused = {"metadata": {**METADATA, "status": "paused"}}
    assert summarized("a", paused).status == "paused"


def row(session_id: str, status: str, at: str) -> Listed:
    return unlistable(session_id, "")._replace(status=status, updated_at=at)


A = row("a", "paused", "2026-01-01T00:00:00+00:00")._replace(workflow="tale", name="mine")
B = row("b", "failed", "2026-01-02T00:00:00+00:00")._replace(workflow="tale")
C = row("c", "paused", "2026-01-03T00:00:00")  # no zone: nobody knows when that was
D = row("d", "failed", "yesterday")


@pytest.mark.parametrize(
    ("query", "fitting"),
    [
        (EVERY, (A, B, C, D)),
        (Query(statuses=("paused",)), (A, C)),
        (Query(statuses=("completed",)), ()),
        (Query(workflow="tale"), (A, B)),
        (Query(workflow="tal"), ()),
        (Query(workflow=""), (C, D)),  # not known, as they are damaged
        (Query(name="mine"), (A,)),
        (Query(name="mine", workflow="other"), ()),
        (Query(name="mine", statuses=("failed",)), ()),
        (Query(since=seconds_of(B.updated_at)), (B,)),
        (Query(limit=2), (A, B)),
        (Query(limit=2, after="b"), (C, D)),
        (Query(after="d"), ()),
        (Query(statuses=("failed",), after="a", limit=1), (B,)),
    ],
)
def test_a_query_gives_the_sessions_that_fit_all_of_it_by_id(
    query: Query, fitting: tuple[Listed, ...]
) -> None:
    assert matching((D, B, A, C), query) == fitting
