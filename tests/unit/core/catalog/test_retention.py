"""Retention: which sessions go, and which never do."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from durable_core.catalog.retention import DEFAULT_AGE_S, RetentionRule, outdated, parse_age

NOW = 1_000_000_000.0  # 2001-09-09T01:46:40Z
DAY = 86400.0


@dataclass(frozen=True)
class Shown:
    """A session as a list shows it."""

    session_id: str
    updated_at: str
    status: str = "completed"


OLD = Shown("old", "2001-07-01T00:00:00Z")
MIDDLE = Shown("middle", "2001-08-20T00:00:00Z")
NEW = Shown("new", "2001-09-08T00:00:00Z")
ALL = (NEW, OLD, MIDDLE)


def gone(
    *sessions: Shown,
    older_than: float | None = None,
    keep: int = 0,
    statuses: tuple[str, ...] = ("completed",),
) -> list[str]:
    rule = RetentionRule(older_than=older_than, keep=keep, statuses=statuses)
    return [one.session_id for one in outdated(sessions, rule, now=NOW)]


def test_without_any_wish_only_what_is_completed_and_a_month_old_goes() -> None:
    failed = Shown("failed", OLD.updated_at, "failed")
    assert [one.session_id for one in outdated((*ALL, failed), RetentionRule(), now=NOW)] == ["old"]
    assert DEFAULT_AGE_S == 30 * DAY


def test_an_age_is_reached_to_the_second() -> None:
    exact = Shown("exact", "2001-09-08T01:46:40Z")
    assert gone(exact, older_than=DAY) == ["exact"]
    assert gone(exact, older_than=DAY + 0.001) == []


def test_the_newest_are_kept_and_the_oldest_go_first() -> None:
    assert gone(*ALL) == ["old", "middle", "new"]
    assert gone(*ALL, keep=1) == ["old", "middle"]
    assert gone(*ALL, keep=3) == []
    assert gone(*ALL, keep=9) == []


def test_an_age_and_a_number_to_keep_must_both_allow_it() -> None:
    assert gone(*ALL, keep=2, older_than=2 * DAY) == ["old"]
    assert gone(*ALL, keep=1, older_than=30 * DAY) == ["old"]


def test_only_what_may_go_counts_among_the_newest() -> None:
    paused = Shown("paused", "2001-09-08T12:00:00Z", "paused")
    assert gone(OLD, paused, keep=1) == []
    assert gone(OLD, paused, keep=1, statuses=("completed", "paused")) == ["old"]


def test_what_is_driven_or_of_unknown_age_never_goes() -> None:
    driven = Shown("driven", OLD.updated_at, "running")
    undated = Shown("undated", "")
    odd = Shown("odd", "yesterday")
    nowhere = Shown("nowhere", "2001-07-01T00:00:00")  # no zone
    assert gone(driven, undated, odd, nowhere, statuses=("completed", "running")) == []


def test_of_two_of_the_same_age_the_id_decides() -> None:
    assert gone(Shown("b", OLD.updated_at), Shown("a", OLD.updated_at), keep=1) == ["a"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30d", 30 * DAY),
        ("12h", 12 * 3600.0),
        ("30m", 1800.0),
        ("90s", 90.0),
        ("2w", 14 * DAY),
        ("0s", 0.0),
        ("", None),
        ("d", None),
        ("30", None),
        ("-1d", None),
        ("1.5d", None),
        ("1d2h", None),
        (" 1d", None),
        ("1d\n", None),
        ("\u0661d", None),  # an Arabic digit
        ("1234567d", None),
        ("1y", None),
    ],
)
def test_an_age_is_a_number_and_a_letter(text: str, seconds: float | None) -> None:
    assert parse_age(text) == seconds
