"""Rows of steps under a changed spec: what is refused is said of each step by its number."""

from __future__ import annotations

from typing import Any

from durable_core.patterns.changes import Row, row_conflict
from tests.support.patterns_kit import QUESTION, spec_of


def row(*steps: Any) -> Row:
    """Steps in a row; a text is what ann is sent."""
    docs = [{"agent": "ann", "input": step} if isinstance(step, str) else step for step in steps]
    config: Any = spec_of("chain", {"steps": docs}).pattern.config
    return tuple(config.steps)


def conflict(before: Row, after: Row, done: int) -> str | None:
    found = row_conflict(before, after, done=done)
    return None if found is None else found.replace("is completed, but the changed spec ", "")


def test_a_step_put_in_front_moves_the_completed_ones() -> None:
    assert (
        conflict(row("a", "b", "c"), row("new", "a", "b", "c"), 2)
        == "step 0 has it as step 1; step 1 has it as step 2"
    )


def test_a_step_taken_out_has_the_next_one_in_its_place() -> None:
    assert conflict(row("a", "b"), row("b"), 1) == "step 0 has step 1 in its place"


def test_completed_steps_that_changed_places_are_both_named() -> None:
    assert conflict(row("a", "b"), row("b", "a"), 2) == "step 0 has it as step 1; step 1 has it as step 0"


def test_a_row_that_is_too_short_says_how_long_it_is() -> None:
    assert conflict(row("a", "b"), row("a"), 2) == "step 1 has only 1 steps"


def test_a_step_keeps_its_kind_and_its_agent() -> None:
    bob = {"agent": "bob", "input": "b"}
    assert conflict(row("a"), row(QUESTION), 1) == "step 0 makes another kind of it"
    assert conflict(row(QUESTION), row("a"), 1) == "step 0 makes another kind of it"
    assert conflict(row("a"), row(bob), 1) == "step 0 has it done by bob, not by ann"


def test_an_edited_text_is_the_same_step_unless_a_copy_of_it_stands_elsewhere() -> None:
    assert conflict(row("a", "b"), row("A", "b"), 2) is None
    assert conflict(row(QUESTION, "b"), row({**QUESTION, "prompt": "Well?"}, "b"), 1) is None
    assert conflict(row("a", "b"), row("A", "b", "a"), 2) == "step 0 has it as step 2"


def test_what_is_still_to_come_may_change_freely() -> None:
    assert conflict(row("a", "b", "c"), row("a", "c", "new", "b"), 1) is None
    assert conflict(row("a", "b"), row("new", "b", "a"), 0) is None


def test_of_many_steps_in_conflict_three_are_named() -> None:
    texts = ["a", "b", "c", "d", "e"]
    said = conflict(row(*texts), row("new", *texts), 5)
    assert said is not None
    assert said.endswith("step 2 has it as step 3; and so on for 2 more")
