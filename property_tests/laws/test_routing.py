"""Routing's own laws: one thing at a time, and never a step of a route that was not chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure

from durable_core.patterns.base import CallAgent, Completed, Finished, Malformed, Responded
from durable_core.patterns.routing import machine as routing
from property_tests.kits.strategies import Doc
from property_tests.worlds.walking import plain_answer, sent, spec_of, walk

CALL: Doc = {"agent": "ann", "input": "Go on."}
QUESTION: Doc = {"type": "hitl", "prompt": "Go on?"}


def shapes() -> Iterator[Doc]:
    """One or two routes of one or two steps of either kind, with and without a review."""
    rows = [list(row) for size in (1, 2) for row in product((CALL, QUESTION), repeat=size)]
    for count in (1, 2):
        for chosen in product(rows, repeat=count):
            routes = {name: {"then": row} for name, row in zip(("left", "right"), chosen, strict=False)}
            for review in ({}, {"review_router": QUESTION}):
                yield {"router": {"agent": "bob", "input": "Where?", **review}, "routes": routes}


@pytest.mark.parametrize("review", ["approved", "route:left", "route:right", "Approved"])
def test_at_most_one_unit_is_wanted_and_only_the_chosen_routes_steps_ever_are(review: str) -> None:
    for config in shapes():
        names = list(config["routes"])
        named = review.removeprefix("route:")
        reviewed = "review_router" in config["router"]
        if reviewed and named == "right" and "right" not in names:
            continue
        chosen = named if reviewed and named in names else names[-1]

        def answer(unit: str, last: str = names[-1]) -> str:
            special = {"router": json.dumps({"route": last}), "review_router": review}
            return special.get(unit, plain_answer(unit))

        expected = ["router", *(["review_router"] if reviewed else [])]
        expected += [f"routes/{chosen}/{n}" for n in range(len(config["routes"][chosen]["then"]))]
        for done, state in walk(spec_of("routing", config), answer):
            assert sorted(done) == sorted(expected[: len(done)])
            wanted = [request.unit for request in routing.wanted(state)]
            assert wanted == expected[len(done) : len(done) + 1]
            assert isinstance(routing.verdict(state), Finished) == (not wanted)


@given(text=st.text(max_size=30) | st.sampled_from(['{"route": "RIGHT"}', '{"route": 1}', "[]", "right"]))
def test_an_answer_that_names_no_route_is_never_a_choice(text: str) -> None:
    config = {
        "router": {"agent": "bob", "max_retries": 1},
        "routes": {"left": {"then": [CALL]}, "right": {"then": [CALL]}},
    }
    state = routing.initial(spec_of("routing", config))
    match routing.decide(state, Completed("router", text, 3)):
        case Failure(Malformed(problem, reasks)):
            assert problem
            assert reasks == 1
        case other:
            raise AssertionError(other)


@given(text=st.text(max_size=20) | st.sampled_from(["route:", "route:up", "left", "yes", "route: LEFT"]))
def test_a_review_that_says_neither_yes_nor_a_route_is_refused(text: str) -> None:
    config = {"router": {"agent": "bob", "review_router": QUESTION}, "routes": {"left": {"then": [CALL]}}}
    spec = spec_of("routing", config)
    state = routing.initial(spec)
    for event in routing.decide(state, Completed("router", '{"route": "left"}', 3)).unwrap():
        state = routing.evolve(state, event)
    decided = routing.decide(state, Responded("review_router", "Go on?", text))
    assert isinstance(decided, Failure)
    assert "approved" in decided.failure().problem
    assert "route:left" in decided.failure().problem


@given(
    names=st.lists(
        st.sampled_from(["billing", "{{ topic }}", "a {% b %}", '"q"', "ü — 😀"]), min_size=1, unique=True
    )
)
def test_a_router_without_an_input_is_told_every_route_as_it_is_written(names: list[str]) -> None:
    config = {"router": {"agent": "bob"}, "routes": {name: {"then": [CALL]} for name in names}}
    (request,) = routing.wanted(routing.initial(spec_of("routing", config)))
    assert isinstance(request, CallAgent)
    assert sent(request).endswith("".join(f"\n- {name}" for name in names))
