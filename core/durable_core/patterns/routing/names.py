"""What the templates of routing see."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from durable_core.frozen import frozen
from durable_core.patterns.places import CONFIG_AT, part_places, row_places, text_place, whole_row
from durable_core.patterns.records import AgentStepRecord, HumanStepRecord, Record
from durable_core.patterns.routing.state import State
from durable_core.patterns.scopes import Heard, Scope, ScopedName
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import RoutingConfig
from durable_core.spec.problems import pointer_of
from durable_core.spec.template_names import TemplateNames, TemplatePlace
from durable_core.templates.shapes import one_of


@frozen(kw_only=True, eq=False)
class RouterRecord(Record):
    """The route that is taken, and the router's answer in its own words."""

    chosen_route: str
    response: str


def _router(state: State) -> RouterRecord | None:
    choice = state.choice
    return None if choice is None else RouterRecord(chosen_route=choice.route, response=choice.response)


def _last_response(state: State) -> str | None:
    """The router's answer, until an agent of the route has answered."""
    own, choice = state.line.last_response, state.choice
    return own if own is not None or choice is None else choice.response


def _hitl_response(state: State) -> str | None:
    """The reviewer's answer, until a person in the route has answered."""
    own = state.line.hitl_response
    return own if own is not None else state.review


_REVIEWED: Final = FrozenDict(
    router=ScopedName[State](_router, "the router's choice", "record", (RouterRecord,)),
    last_response=ScopedName[State](
        _last_response, "what an agent of the route answered last; at first, the router's answer", "answer"
    ),
)
_IN_ROUTE: Final = FrozenDict(
    **_REVIEWED,
    steps=ScopedName[State](
        lambda state: state.line.records,
        "the steps of the route before it, from 0",
        "records",
        (AgentStepRecord, HumanStepRecord),
    ),
    hitl_response=ScopedName[State](
        _hitl_response,
        "what a person in the route answered last; at first, the reviewer's answer",
        "answer",
    ),
)
ROUTER_SCOPE: Final[Scope[State]] = Scope("`router`", FrozenDict())
REVIEW_SCOPE: Final[Scope[State]] = Scope("`review_router`", _REVIEWED)
ROUTE_SCOPE: Final[Scope[State]] = Scope("a step of a route", _IN_ROUTE)
ROUTING_RESULT: Final[Scope[State]] = Scope(
    "an artifact",
    FrozenDict(
        _IN_ROUTE,
        chosen_route=ScopedName[State](
            lambda state: None if state.choice is None else state.choice.route,
            "the name of the route that was taken",
        ),
    ),
)


def heard_before_routes(config: RoutingConfig) -> Heard:
    """Who has answered before a route begins."""
    return Heard(agent=True, person=config.router.review_router is not None)


def heard_in_any_route(config: RoutingConfig) -> Heard:
    """Who may have answered, whatever the route."""
    before = heard_before_routes(config)
    in_routes = Heard.of(chain.from_iterable(route.then for route in config.routes.values()))
    return before._replace(person=before.person or in_routes.person)


def template_names(config: RoutingConfig) -> TemplateNames:
    """The templates of routing, and what its artifacts see."""
    steps = one_of(whole_row(route.then) for route in config.routes.values())
    result = ROUTING_RESULT.offered(heard_in_any_route(config), known=FrozenDict(steps=steps))
    return TemplateNames(tuple(_places(config)), result)


def _places(config: RoutingConfig) -> Iterator[TemplatePlace]:
    router, before = config.router, heard_before_routes(config)
    yield from text_place(f"{CONFIG_AT}/router/input", router.input, ROUTER_SCOPE.offered(Heard()))
    review = REVIEW_SCOPE.offered(before)
    yield from part_places(f"{CONFIG_AT}/router/review_router", router.review_router, review)
    for name, route in config.routes.items():
        yield from row_places(CONFIG_AT + pointer_of("routes", name, "then"), route.then, ROUTE_SCOPE, before)
