"""Routing, as the laws see it: its specs, and its oracle."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from durable_core.spec.models import RoutingConfig, Spec
from property_tests.kits.chain import fill
from property_tests.kits.kit import Answers, Expectation, Kit, Want
from property_tests.kits.rows_of_steps import next_of, outcome_of
from property_tests.kits.strategies import (
    PERSON,
    VARIABLES,
    Doc,
    agent_names,
    document,
    gates,
    specs,
    step_lists,
)

REROUTED = "beta"
"""The route that a reviewer names, whatever the router chose; every spec has it."""


def oracle(spec: Spec, answers: Answers) -> Expectation:
    """The router, its review, then the steps of the route that one of them named."""
    config = config_of(spec)
    known = dict(VARIABLES)
    if "router" not in answers:
        text = None if config.router.input is None else fill(config.router.input, known)
        return Expectation((Want("router", config.router.agent, text),))
    route = json.loads(answers["router"])["route"]
    known |= {"router.chosen_route": route, "last_response": answers["router"]}
    if config.router.review_router is not None:
        if "review_router" not in answers:
            prompt = fill(config.router.review_router.prompt, known)
            return Expectation((Want("review_router", None, prompt),))
        route = REROUTED
        known |= {"router.chosen_route": route, "hitl_response": answers["review_router"]}
    steps = config.routes[route].then
    want = next_of(steps, f"routes/{route}", answers, known)
    return Expectation((want,)) if want else Expectation(result=outcome_of(steps, f"routes/{route}", answers))


def config_of(spec: Spec) -> RoutingConfig:
    """The pattern's config."""
    config = spec.pattern.config
    assert isinstance(config, RoutingConfig)
    return config


def answer(spec: Spec, unit: str, attempt: int) -> str:
    """The router names the first route, after a useless answer for each of the others."""
    if unit != "router":
        return f"answer of {unit}"
    useless = ("I would say billing.", '{"route": "nowhere"}')
    if attempt <= len(config_of(spec).routes) - 1:
        return useless[attempt % 2]
    return json.dumps({"route": next(iter(config_of(spec).routes))})


def person(unit: str) -> str:
    """Reviewers name a route of their own."""
    return f"route:{REROUTED}" if unit == "review_router" else PERSON


@st.composite
def configs(draw: st.DrawFn) -> Doc:
    """One to three short routes, and a router with or without an input and a review."""
    names = draw(st.permutations(["alpha", REROUTED, "gamma ray"]))
    names = [name for name in names if name == REROUTED or draw(st.booleans())]
    router: Doc = {"agent": draw(agent_names), "max_retries": draw(st.integers(0, 2))}
    if draw(st.booleans()):
        router["input"] = "Where does {{ topic }} belong?"
    if draw(st.booleans()):
        review = draw(gates(prompt="Is {{ router.chosen_route }} right?"))
        review.pop("validation", None)
        if "default" in review:
            review["default"] = f"route:{REROUTED}"
        router["review_router"] = review
    routes = {}
    for name in names:
        steps = draw(step_lists(max_size=3))
        first = steps[0]
        if "agent" in first and draw(st.booleans()):
            first["input"] = "On {{ router.chosen_route }}: {{ last_response }}"
        routes[name] = {"then": steps}
    return {"router": router, "routes": routes}


def _with_more(spec: Spec) -> Spec:
    longer = document(spec)
    routes = longer["pattern"]["config"]["routes"]
    for route in routes.values():
        route["then"].append({"agent": "eve", "input": "One more on {{ topic }}."})
    routes["late"] = {"then": [{"agent": "eve"}]}
    return Spec.model_validate(longer)


ROUTING = Kit(
    pattern="routing",
    specs=specs("routing", configs(), artifact_texts=("{{ chosen_route }}", "{{ router.response }}")),
    oracle=oracle,
    bound=lambda spec: 2 + max(len(route.then) for route in config_of(spec).routes.values()),
    answer=answer,
    person=person,
    own_edits=lambda spec: (_with_more(spec),),
)
