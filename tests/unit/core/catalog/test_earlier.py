"""Which earlier session is the same run."""

from __future__ import annotations

from dataclasses import dataclass

from durable_core.catalog.earlier import begun_before


@dataclass(frozen=True)
class Row:
    session_id: str
    updated_at: str
    status: str = "failed"
    spec_path: str = "tale.yaml"
    spec_hash: str = "f00d"
    name: str = ""
    folder: str = ""


OLD, NEW, NEWEST = Row("a", "2026-01-01"), Row("b", "2026-01-02"), Row("c", "2026-01-03")
KEPT = {"a": {"topic": ["dams"]}, "b": {"topic": ["dams"]}, "c": {"topic": ["roads"]}, "d": None}


def found(*sessions: Row, topic: str = "dams") -> tuple[Row | None, str]:
    """The session, and those whose variables were asked for."""
    asked: list[str] = []

    def variables_of(session: Row) -> object:
        asked.append(session.session_id)
        return KEPT[session.session_id]

    wanted = {"topic": (topic,)}
    same = begun_before(
        sessions,
        spec_path="tale.yaml",
        spec_hash="beef",
        is_gone=lambda path: path.startswith("gone/"),
        variables=wanted,
        variables_of=variables_of,
    )
    return same, "".join(asked)


def test_the_newest_with_the_same_variables_is_the_one_and_no_older_one_is_read() -> None:
    assert found(OLD, NEW, NEWEST) == (NEW, "cb")


def test_a_list_of_a_file_and_a_frozen_one_are_the_same_and_other_values_are_not() -> None:
    assert found(OLD) == (OLD, "a")
    assert found(OLD, topic="roads") == (None, "a")


def test_a_session_whose_variables_are_unknown_is_not_the_same() -> None:
    assert found(Row("d", "2026-01-04"), OLD) == (OLD, "da")


def test_what_is_over_or_driven_or_of_another_file_is_not_even_read() -> None:
    completed, running = Row("a", "2026-01-05", "completed"), Row("a", "2026-01-05", "running")
    assert found(completed, running, Row("a", "2026-01-05", spec_path="other.yaml")) == (None, "")
    assert found() == (None, "")


def test_the_same_spec_at_a_path_that_is_gone_was_moved_here_and_a_copy_or_another_spec_was_not() -> None:
    moved = Row("a", "2026-01-05", spec_path="gone/tale.yaml", spec_hash="beef")
    assert found(moved) == (moved, "a")
    assert found(Row("a", "2026-01-05", spec_path="there/tale.yaml", spec_hash="beef")) == (None, "")
    assert found(Row("a", "2026-01-05", spec_path="gone/tale.yaml")) == (None, "")
    assert found(Row("a", "2026-01-05", spec_path="", spec_hash="beef")) == (None, "")
