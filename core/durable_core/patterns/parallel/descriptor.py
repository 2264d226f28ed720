"""All that the rest of the program knows of parallel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, get_args

from durable_core.patterns.base import SUCCESS
from durable_core.patterns.parallel.machine import decide, evolve, initial, verdict, wanted
from durable_core.patterns.parallel.names import (
    BRANCH_SCOPE,
    PARALLEL_RESULT,
    REDUCE_SCOPE,
    template_names,
)
from durable_core.patterns.parallel.state import Event, State
from durable_core.patterns.pattern import Pattern
from durable_core.patterns.places import CONFIG_AT
from durable_core.patterns.records import records_as_json
from durable_core.patterns.topology import Link, Topology, links, node, row
from durable_core.spec.cross_references import pointed, second_ones
from durable_core.spec.models import ParallelConfig
from durable_core.spec.problems import Problem
from durable_core.spec.units import SpecUnit, optional_unit, step_units
from durable_core.types import Json, UnitId


def _units(config: ParallelConfig) -> Iterator[SpecUnit]:
    for index, branch in enumerate(config.branches):
        yield from step_units(f"{CONFIG_AT}/branches/{index}/steps", branch.steps)
    yield from optional_unit(f"{CONFIG_AT}/reduce", config.reduce)


def _topology(config: ParallelConfig) -> Topology:
    rows = [
        row(f"branches/{branch.id}", f"{CONFIG_AT}/branches/{index}/steps", branch.steps)
        for index, branch in enumerate(config.branches)
    ]
    nodes = [node for row in rows for node in row]
    between = [link for row in rows for link in links(row)]
    if config.reduce is not None:
        nodes.append(node("reduce", f"{CONFIG_AT}/reduce", config.reduce))
        between.extend(Link(row[-1].unit, "reduce") for row in rows)
    return Topology(tuple(nodes), tuple(between))


def _problems(config: ParallelConfig) -> Iterator[Problem]:
    names = (branch.id for branch in config.branches)
    return second_ones("branch", pointed(CONFIG_AT + "/branches/{}/id", names))


def _view(state: State, failed_units: tuple[UnitId, ...]) -> dict[str, Json]:
    """A branch that is not done shows the steps that are, with the status ``running``."""
    failed = {unit.split("/")[1] for unit in failed_units if unit.startswith("branches/")}
    outputs = {
        name: {
            "response": state.lines[name].response,
            "status": SUCCESS if name in state.outputs else "running",
            "tokens": state.lines[name].tokens,
            "steps": records_as_json(state.lines[name].records),
        }
        for name in sorted(branch.id for branch in state.config.branches)
        if state.lines[name].records
    }
    return {
        "completed_branches": list(state.outputs),
        "failed_branches": sorted(failed),
        "branch_outputs": outputs,
        "reduce_completed": state.reduced is not None,
        "reduce_output": state.reduced and state.reduced.response,
    }


PATTERN: Final = Pattern(
    events=get_args(Event),
    initial=initial,
    decide=decide,
    evolve=evolve,
    wanted=wanted,
    verdict=verdict,
    template_names=template_names,
    scopes=(BRANCH_SCOPE, REDUCE_SCOPE, PARALLEL_RESULT),
    units=_units,
    topology=_topology,
    view=_view,
    problems=_problems,
)
