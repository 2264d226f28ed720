"""All that the rest of the program knows of routing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, get_args

from durable_core.patterns.pattern import Pattern
from durable_core.patterns.places import CONFIG_AT
from durable_core.patterns.records import records_as_json
from durable_core.patterns.routing.machine import decide, evolve, initial, verdict, wanted
from durable_core.patterns.routing.names import (
    REVIEW_SCOPE,
    ROUTE_SCOPE,
    ROUTER_SCOPE,
    ROUTING_RESULT,
    template_names,
)
from durable_core.patterns.routing.state import Event, State
from durable_core.patterns.topology import Link, Node, Topology, links, node, row
from durable_core.spec.models import RoutingConfig
from durable_core.spec.problems import Problem, path_of, pointer_of
from durable_core.spec.units import SpecUnit, agent_unit, optional_unit, step_units
from durable_core.types import Json, UnitId


def _units(config: RoutingConfig) -> Iterator[SpecUnit]:
    yield agent_unit(f"{CONFIG_AT}/router", config.router.agent)
    yield from optional_unit(f"{CONFIG_AT}/router/review_router", config.router.review_router)
    for name, route in config.routes.items():
        yield from step_units(CONFIG_AT + pointer_of("routes", name, "then"), route.then)


def _topology(config: RoutingConfig) -> Topology:
    head = [Node(unit="router", agent=config.router.agent, template_at=f"{CONFIG_AT}/router/input")]
    if config.router.review_router is not None:
        head.append(node("review_router", f"{CONFIG_AT}/router/review_router", config.router.review_router))
    nodes, between = list(head), list(links(head))
    for name, route in config.routes.items():
        steps = row(f"routes/{name}", CONFIG_AT + pointer_of("routes", name, "then"), route.then)
        nodes.extend(steps)
        between.extend((Link(head[-1].unit, steps[0].unit, name), *links(steps)))
    return Topology(tuple(nodes), tuple(between))


def _problems(config: RoutingConfig) -> Iterator[Problem]:
    if not config.routes:
        hint = "Give each route a name and, under 'then', its steps."
        yield Problem(f"{path_of(CONFIG_AT)}.routes has no route.", f"{CONFIG_AT}/routes", hint=hint)
    for name, route in config.routes.items():
        if not route.then:
            pointer = CONFIG_AT + pointer_of("routes", name)
            yield Problem(f"{path_of(pointer)} has no steps.", pointer, hint="Give it steps under 'then'.")


def _view(state: State, _failed: tuple[UnitId, ...]) -> dict[str, Json]:
    records = state.line.records
    return {
        "router_choice": state.choice.route if state.choice else None,
        "router_response": state.choice.response if state.choice else None,
        "route_state": {"current_step": len(records), "step_history": records_as_json(records)},
    }


PATTERN: Final = Pattern(
    events=get_args(Event),
    initial=initial,
    decide=decide,
    evolve=evolve,
    wanted=wanted,
    verdict=verdict,
    template_names=template_names,
    scopes=(ROUTER_SCOPE, REVIEW_SCOPE, ROUTE_SCOPE, ROUTING_RESULT),
    units=_units,
    topology=_topology,
    view=_view,
    problems=_problems,
)
