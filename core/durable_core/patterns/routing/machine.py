"""Routing: an agent names one of several routes, and that route's steps run one after another.

Theory of operation. The state goes through three stages and never back: the router is asked (``choice`` is
None); a person reviews the choice, if the spec wants that (``review`` is None); the steps of the chosen route
are done one by one, like a chain. At most one unit is wanted at any time, and only the chosen route's steps
ever are.

The router answers in JSON. An answer that names no route is refused (``Malformed``) and the session asks
again. ``RouteChosen`` holds what was chosen, so no answer is ever read twice; ``RouteReviewed`` holds the
route that the person approved or named instead.
"""

from __future__ import annotations

from typing import Final, assert_never

from returns.result import Failure, Result, Success

from durable_core.answers.reading import read_route, route_shape
from durable_core.answers.shapes import route_answer
from durable_core.patterns.base import (
    APPROVED,
    CallAgent,
    Completed,
    Finished,
    Malformed,
    Open,
    PatternCommand,
    PatternVerdict,
    Refusal,
    Request,
    Respecified,
    Respecify,
    Responded,
    Unusable,
    Waiting,
)
from durable_core.patterns.changes import respecified
from durable_core.patterns.routing.names import (
    REVIEW_SCOPE,
    ROUTE_SCOPE,
    ROUTER_SCOPE,
    ROUTING_RESULT,
    heard_before_routes,
    heard_in_any_route,
)
from durable_core.patterns.routing.state import (
    ChosenRoute,
    Event,
    RouteChosen,
    RouteReviewed,
    RouteStepAnswered,
    RouteStepCompleted,
    State,
)
from durable_core.patterns.scopes import Heard
from durable_core.patterns.steps import Spot, asked, called, literally
from durable_core.spec.models import HumanStep, Router, RoutingConfig, Spec, Step

ROUTER: Final = Spot(unit="router", title="Router", place="pattern.config.router")
REVIEW: Final = Spot(unit="review_router", title="Router review", place="pattern.config.router.review_router")

REROUTED: Final = "route:"
"""What a reviewer puts before the name of another route."""

QUESTION: Final = (
    "Choose the one route that fits best. Answer with JSON and nothing else, in this shape:\n"
    '{"route": "name"}\n\n'
    "The routes:\n"
)
"""How the input of a router without one begins; the names follow, one a line.

What is to be routed is in the agent's own prompt then. The names are given here because an agent's prompt
alone need not list them.
"""


def initial(spec: Spec) -> State:
    """A router that was not asked yet."""
    return State(_config(spec))


def decide(state: State, command: PatternCommand) -> Result[tuple[Event | Respecified, ...], Refusal]:
    """The events that ``command`` leads to; ``()`` for a report on a unit that is not the next one."""
    if isinstance(command, Respecify):
        return respecified(command, _conflict(state, command.spec))
    due = _due(state)
    if due is None or due[0].unit != command.unit:
        return Success(())
    index = len(state.line.records)
    match command, due[1]:
        case Completed(text=text, tokens=tokens), Router() as router:
            return _chosen(state.config, router, text, tokens)
        case Completed(text=text, tokens=tokens), Step(agent=agent):
            return Success((RouteStepCompleted(index=index, agent=agent, response=text, tokens=tokens),))
        case Responded(prompt=prompt, text=text), HumanStep():
            if due[0] == REVIEW:
                return _reviewed(state, prompt, text)
            return Success((RouteStepAnswered(index=index, prompt=prompt, response=text),))
        case _:
            return Success(())


def evolve(state: State, event: Event | Respecified) -> State:
    """The state after ``event``."""
    match event:
        case RouteChosen(route=route, response=response):
            return state._replace(choice=ChosenRoute(route, response))
        case RouteReviewed(route=route, response=response):
            routers = state.choice.response if state.choice else ""
            return state._replace(choice=ChosenRoute(route, routers), review=response)
        case RouteStepCompleted(agent=agent, response=response, tokens=tokens):
            return state._replace(line=state.line.completed(agent, response, tokens))
        case RouteStepAnswered(prompt=prompt, response=response):
            return state._replace(line=state.line.answered(prompt, response))
        case Respecified(spec):
            return state._replace(config=_config(spec))
        case _ as never:
            assert_never(never)


def wanted(state: State) -> tuple[Request, ...]:
    """The router, then the review of its choice, then the next step of the chosen route."""
    due = _due(state)
    if due is None:
        return ()
    spot, step = due
    match step:
        case Router() as router:
            return (_router_call(state, router, spot),)
        case HumanStep():
            if spot == REVIEW:
                choices = (APPROVED, *(f"{REROUTED}{name}" for name in state.config.routes))
                return (asked(step, spot, REVIEW_SCOPE.context(state, _heard(state)), choices),)
            return (asked(step, spot, ROUTE_SCOPE.context(state, _heard(state))),)
        case Step():
            context = ROUTE_SCOPE.context(state, _heard(state))
            return (called(step, spot, context, default_input=state.line.default_input()),)
        case _ as never:
            assert_never(never)


def verdict(state: State) -> PatternVerdict:
    """Finished after the chosen route's last step; waiting while a person is asked."""
    due = _due(state)
    if due is None:
        heard = heard_in_any_route(state.config)
        return Finished(state.line.response, ROUTING_RESULT.context(state, heard))
    spot, step = due
    return Waiting((spot.unit,)) if isinstance(step, HumanStep) else Open()


def _config(spec: Spec) -> RoutingConfig:
    assert spec.pattern.type == "routing", "the session hands each pattern its own spec"
    return spec.pattern.config


def _due(state: State) -> tuple[Spot, Router | HumanStep | Step] | None:
    """The one thing that is next, and its place; None when all is done."""
    if state.choice is None:
        return ROUTER, state.config.router
    index, review = len(state.line.records), state.config.router.review_router
    # a route that has begun is not reviewed any more, also when a changed spec asks for it
    if review is not None and state.review is None and index == 0:
        return REVIEW, review
    route = state.choice.route
    steps = state.config.routes[route].then
    if index == len(steps):
        return None
    spot = Spot(
        unit=f"routes/{route}/{index}",
        title=f"Route {route}, step {index + 1}/{len(steps)}",
        place=f"pattern.config.routes.{route}.then[{index}]",
    )
    return spot, steps[index]


def _router_call(state: State, router: Router, spot: Spot) -> CallAgent:
    config = state.config
    names = "\n".join(f"- {literally(name)}" for name in config.routes)
    return CallAgent(
        unit=spot.unit,
        title=f"{spot.title}: {router.agent}",
        agent=router.agent,
        conversation=router.agent,
        input=QUESTION + names if router.input is None else router.input,
        place=f"{spot.place}.input",
        context=ROUTER_SCOPE.context(state, Heard()),
        shape=route_shape(tuple(config.routes)),
        answer_type=route_answer(tuple(config.routes)),
    )


def _chosen(
    config: RoutingConfig, router: Router, text: str, tokens: int
) -> Result[tuple[Event, ...], Malformed]:
    route = read_route(text, tuple(config.routes))
    if isinstance(route, Failure):
        return Failure(Malformed(route.failure(), router.max_retries))
    chosen = RouteChosen(route=route.unwrap(), agent=router.agent, response=text, tokens=tokens)
    return Success((chosen,))


def _reviewed(state: State, prompt: str, text: str) -> Result[tuple[Event, ...], Unusable]:
    answer, routes = text.strip(), state.config.routes
    named = answer.removeprefix(REROUTED).strip() if answer.startswith(REROUTED) else ""
    if answer.lower() == APPROVED and state.choice is not None:
        named = state.choice.route
    if named not in routes:
        allowed = ", ".join(f"{REROUTED}{name}" for name in routes)
        return Failure(Unusable(f"the answer here is {APPROVED}, or one of {allowed}"))
    return Success((RouteReviewed(route=named, prompt=prompt, response=text),))


def _heard(state: State) -> Heard:
    """Who has answered before the next step of the chosen route."""
    before, in_route = heard_before_routes(state.config), state.line.heard
    return before._replace(person=before.person or in_route.person)


def _conflict(state: State, spec: Spec) -> str | None:
    """Prompts, agents, other routes and steps to come may change; the chosen route must stay."""
    if state.choice is None:
        return None
    name = state.choice.route
    before, route = state.config.routes[name], _config(spec).routes.get(name)
    if route is None:
        return f"route {name} is chosen, but the changed spec has no such route"
    conflict = state.line.conflict(before.then, route.then)
    return None if conflict is None else f"route {name}: {conflict}"
