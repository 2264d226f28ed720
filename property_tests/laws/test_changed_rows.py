"""Rows of steps under a changed spec: in chains, branches and routes a completed step is known by its place,
so whatever shifts the row is refused, and whatever mends a text goes on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_core.patterns import pattern_of
from durable_core.patterns.base import AskPerson
from durable_core.spec.models import Spec
from property_tests.kits.rows_of_steps import FEW_STEPS, AnyStep, rows, same_steps
from property_tests.kits.strategies import Doc
from tests.support.patterns_kit import heard, respecified, spec_of, wanted

ROWS = ["chain", "parallel", "routing"]
"""The patterns that hold rows of steps."""

FRESH: Doc = {"agent": "ann", "input": "Something new."}


def of(pattern: str, row: list[Doc]) -> Spec:
    """A spec in which ``row`` is the chain, or a branch, or a route."""
    match pattern:
        case "chain":
            return spec_of("chain", {"steps": row})
        case "parallel":
            other = {"id": "other", "steps": [{"agent": "bob"}]}
            return spec_of("parallel", {"branches": [{"id": "row", "steps": row}, other]})
        case _:
            routes = {"row": {"then": row}, "other": {"then": [{"agent": "bob"}]}}
            return spec_of("routing", {"router": {"agent": "bob"}, "routes": routes})


def row_of(pattern: str, spec: Spec) -> tuple[AnyStep, ...]:
    config: Any = spec.pattern.config
    match pattern:
        case "chain":
            return tuple(config.steps)
        case "parallel":
            return tuple(config.branches[0].steps)
        case _:
            return tuple(config.routes["row"].then)


def after(pattern: str, spec: Spec, done: int) -> Any:
    """The state in which ``done`` steps of the row are completed."""
    state: Any = pattern_of(spec).initial(spec)
    if pattern == "routing":
        state = heard(spec, state, wanted(spec, state)["router"], '{"route": "row"}')
    root = {"chain": "steps", "parallel": "branches/row", "routing": "routes/row"}[pattern]
    for number in range(done):
        request = wanted(spec, state)[f"{root}/{number}"]
        state = heard(spec, state, request, "yes" if isinstance(request, AskPerson) else "text")
    return state


def refused(pattern: str, old: list[Doc], new: list[Doc], done: int) -> bool:
    """Whether the pattern refuses ``new`` after ``done`` steps of ``old``."""
    answer = respecified(after(pattern, of(pattern, old), done), of(pattern, new))
    if isinstance(answer, str):
        assert "step " in answer
        return True
    return False


def at_most(row: list[Doc], place: int) -> int:
    return min(place, len(row))


@pytest.mark.parametrize("pattern", ROWS)
@given(rows, rows, st.integers(0, 5))
def test_a_changed_row_is_taken_exactly_when_each_completed_step_is_the_same(
    pattern: str, old: list[Doc], new: list[Doc], done: int
) -> None:
    done = at_most(old, done)
    before, now = row_of(pattern, of(pattern, old)), row_of(pattern, of(pattern, new))
    assert refused(pattern, old, new, done) == (not same_steps(before, now, done))


@pytest.mark.parametrize("pattern", ROWS)
@given(rows, st.integers(1, 5), st.integers(0, 4))
def test_a_new_step_before_a_completed_one_is_refused(
    pattern: str, row: list[Doc], done: int, place: int
) -> None:
    done = at_most(row, done)
    place %= done
    assert refused(pattern, row, [*row[:place], FRESH, *row[place:]], done)


@pytest.mark.parametrize("pattern", ROWS)
@given(rows, st.integers(1, 5), st.integers(0, 4))
def test_a_completed_step_that_is_taken_out_is_refused(
    pattern: str, row: list[Doc], done: int, place: int
) -> None:
    done = at_most(row, done)
    place %= done
    whole = [*row, FRESH]
    shorter = [*whole[:place], *whole[place + 1 :]]
    assert refused(pattern, whole, shorter, done) == (shorter[:done] != whole[:done])


@pytest.mark.parametrize("pattern", ROWS)
@given(rows, st.integers(1, 5), st.permutations(range(5)))
def test_completed_steps_in_another_order_are_refused(
    pattern: str, row: list[Doc], done: int, order: list[int]
) -> None:
    done = at_most(row, done)
    moved = [row[place] for place in order if place < done] + row[done:]
    assert refused(pattern, row, moved, done) == (moved != row)


@pytest.mark.parametrize("pattern", ROWS)
@given(rows, st.integers(1, 5), st.integers(0, 4), rows)
def test_an_edited_text_and_any_change_of_what_is_to_come_go_on(
    pattern: str, row: list[Doc], done: int, place: int, to_come: list[Doc]
) -> None:
    done = at_most(row, done)
    place %= done
    old = row[place]
    edited = {**old, ("prompt" if "type" in old else "input"): "Mended."}
    rest = [step for step in to_come if step != old]
    changed = [*row[:place], edited, *row[place + 1 : done], *rest]
    assert refused(pattern, row, changed, done) == (old in changed)


@pytest.mark.parametrize("pattern", ROWS)
@given(st.sampled_from(FEW_STEPS), st.sampled_from(FEW_STEPS))
def test_a_completed_step_stays_with_its_agent(pattern: str, one: Doc, other: Doc) -> None:
    same = one.get("agent") == other.get("agent")
    assert refused(pattern, [one], [other], 1) == (not same)
