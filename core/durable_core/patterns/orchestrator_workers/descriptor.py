"""All that the rest of the program knows of orchestrator-workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, get_args

from durable_core.patterns.orchestrator_workers.machine import decide, evolve, initial, verdict, wanted
from durable_core.patterns.orchestrator_workers.names import (
    PLAN_REVIEW_SCOPE,
    PLAN_SCOPE,
    WORK_REVIEW_SCOPE,
    WORK_SCOPE,
    WORKER_SCOPE,
    WORKERS_RESULT,
    WRITEUP_SCOPE,
    template_names,
)
from durable_core.patterns.orchestrator_workers.state import Event, State
from durable_core.patterns.pattern import Pattern
from durable_core.patterns.places import CONFIG_AT
from durable_core.patterns.topology import Link, Node, Topology, links, node
from durable_core.spec.models import OrchestratorWorkersConfig
from durable_core.spec.units import SpecUnit, agent_unit, optional_unit
from durable_core.types import Json, UnitId


def _units(config: OrchestratorWorkersConfig) -> Iterator[SpecUnit]:
    workers = f"{CONFIG_AT}/worker_template"
    yield agent_unit(f"{CONFIG_AT}/orchestrator", config.orchestrator.agent)
    yield from optional_unit(f"{CONFIG_AT}/decomposition_review", config.decomposition_review)
    yield agent_unit(workers, config.worker_template.agent)._replace(
        tools=config.worker_template.tools, tools_at=f"{workers}/tools"
    )
    yield from optional_unit(f"{CONFIG_AT}/reduce_review", config.reduce_review)
    yield from optional_unit(f"{CONFIG_AT}/reduce", config.reduce)
    yield from optional_unit(f"{CONFIG_AT}/writeup", config.writeup)


def _topology(config: OrchestratorWorkersConfig) -> Topology:
    limits = config.orchestrator.limits
    a_round = f"up to {limits.rounds} rounds" if limits.rounds > 1 else ""
    count = "one for each task" if limits.max_workers is None else f"up to {limits.max_workers} a round"
    plan = Node(unit="rounds/*/orchestrator", agent=config.orchestrator.agent, repeats=a_round)
    workers = Node(unit="rounds/*/workers/*", agent=config.worker_template.agent, repeats=count)
    review = config.decomposition_review
    review_at = f"{CONFIG_AT}/decomposition_review"
    gates = () if review is None else (node("rounds/*/decomposition_review", review_at, review, a_round),)
    tail = (("reduce_review", config.reduce_review), ("reduce", config.reduce), ("writeup", config.writeup))
    after = tuple(node(unit, f"{CONFIG_AT}/{unit}", step) for unit, step in tail if step is not None)
    row = (plan, *gates, workers, *after)
    again = (Link(workers.unit, plan.unit, "another round"),) if limits.rounds > 1 else ()
    return Topology(row, (*links(row), *again))


def _view(state: State, _failed: tuple[UnitId, ...]) -> dict[str, Json]:
    return {
        "current_round": state.round,
        "rounds": [_round(state, number) for number in range(1, state.round + 1)],
        "reduce_completed": state.reduced is not None,
        "reduce_output": state.reduced and state.reduced.response,
        "writeup_completed": state.written is not None,
        "writeup_output": state.written and state.written.response,
    }


def _round(state: State, number: int) -> dict[str, Json]:
    """A round's plan, and those of its workers that are done, in plan order."""
    plan, is_latest = state.rounds[number - 1], number == state.round
    done = dict(enumerate(state.workers[plan.first : plan.first + len(plan.tasks)]))
    done |= {index: state.ahead[index] for index in sorted(state.ahead) if is_latest}
    return {
        "round": number,
        "orchestrator_response": plan.response,
        "tokens": plan.tokens,
        "tasks": [task.task for task in plan.tasks],
        "workers": [{"index": index, **record} for index, record in done.items()],
    }


PATTERN: Final = Pattern(
    events=get_args(Event),
    initial=initial,
    decide=decide,
    evolve=evolve,
    wanted=wanted,
    verdict=verdict,
    template_names=template_names,
    scopes=(
        PLAN_SCOPE,
        PLAN_REVIEW_SCOPE,
        WORKER_SCOPE,
        WORK_REVIEW_SCOPE,
        WORK_SCOPE,
        WRITEUP_SCOPE,
        WORKERS_RESULT,
    ),
    units=_units,
    topology=_topology,
    view=_view,
)
