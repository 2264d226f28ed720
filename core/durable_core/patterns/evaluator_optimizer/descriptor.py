"""All that the rest of the program knows of evaluator-optimizer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, get_args

from durable_core.patterns.evaluator_optimizer.machine import decide, evolve, initial, verdict, wanted
from durable_core.patterns.evaluator_optimizer.names import (
    EVALUATOR_RESULT,
    EVALUATOR_SCOPE,
    GATE_SCOPE,
    REVISION_SCOPE,
    template_names,
)
from durable_core.patterns.evaluator_optimizer.state import Event, State
from durable_core.patterns.pattern import Pattern
from durable_core.patterns.places import CONFIG_AT
from durable_core.patterns.topology import Link, Node, Topology, links, node
from durable_core.spec.models import EvaluatorOptimizerConfig
from durable_core.spec.units import SpecUnit, agent_unit, optional_unit
from durable_core.types import Json, UnitId


def _units(config: EvaluatorOptimizerConfig) -> Iterator[SpecUnit]:
    producer = f"{CONFIG_AT}/producer"
    yield SpecUnit(producer, agent=config.producer, agent_at=producer)
    yield agent_unit(f"{CONFIG_AT}/evaluator", config.evaluator.agent)
    yield from optional_unit(f"{CONFIG_AT}/review_gate", config.review_gate)


def _topology(config: EvaluatorOptimizerConfig) -> Topology:
    most = f"up to {config.accept.max_iters} times"
    producer = Node(unit="iterations/*/producer", agent=config.producer, repeats=most)
    evaluator = Node(
        unit="iterations/*/evaluator",
        agent=config.evaluator.agent,
        template_at=f"{CONFIG_AT}/evaluator/input",
        repeats=most,
    )
    row, below = (producer, evaluator), f"score below {config.accept.min_score}"
    if config.review_gate is None:
        return Topology(row, (*links(row), Link(evaluator.unit, producer.unit, below)))
    gate = node("iterations/*/gate", f"{CONFIG_AT}/review_gate", config.review_gate, most)
    back = (Link(evaluator.unit, gate.unit, below), Link(gate.unit, producer.unit, "go on"))
    return Topology((*row, gate), (*links(row), *back))


def _view(state: State, _failed: tuple[UnitId, ...]) -> dict[str, Json]:
    """A draft that has no evaluation yet comes last, without a score."""
    iterations: list[Json] = [
        {**record, "issues": list(record.issues), "fixes": list(record.fixes)} for record in state.records
    ]
    if state.drafts > len(state.records):
        iterations.append({"iteration": state.drafts, "score": None, "draft": state.draft})
    return {
        "current_iteration": state.drafts,
        "iterations": iterations,
        "accepted": state.accepted,
        "final_score": state.records[-1].score if state.records else None,
    }


PATTERN: Final = Pattern(
    events=get_args(Event),
    initial=initial,
    decide=decide,
    evolve=evolve,
    wanted=wanted,
    verdict=verdict,
    template_names=template_names,
    scopes=(EVALUATOR_SCOPE, REVISION_SCOPE, GATE_SCOPE, EVALUATOR_RESULT),
    units=_units,
    topology=_topology,
    view=_view,
)
