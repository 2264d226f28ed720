"""All that the rest of the program knows of a chain."""

from __future__ import annotations

from typing import Final, get_args

from durable_core.patterns.chain.machine import decide, evolve, initial, verdict, wanted
from durable_core.patterns.chain.names import CHAIN_RESULT, STEP_SCOPE, template_names
from durable_core.patterns.chain.state import Event, State
from durable_core.patterns.pattern import Pattern
from durable_core.patterns.places import CONFIG_AT
from durable_core.patterns.records import records_as_json
from durable_core.patterns.topology import Topology, in_a_row, row
from durable_core.spec.models import ChainConfig
from durable_core.spec.units import step_units
from durable_core.types import Json, UnitId


def _topology(config: ChainConfig) -> Topology:
    return in_a_row(row("steps", f"{CONFIG_AT}/steps", config.steps))


def _view(state: State, _failed: tuple[UnitId, ...]) -> dict[str, Json]:
    records = state.records
    return {"current_step": len(records), "step_history": records_as_json(records)}


PATTERN: Final = Pattern(
    events=get_args(Event),
    initial=initial,
    decide=decide,
    evolve=evolve,
    wanted=wanted,
    verdict=verdict,
    template_names=template_names,
    scopes=(STEP_SCOPE, CHAIN_RESULT),
    units=lambda config: step_units(f"{CONFIG_AT}/steps", config.steps),
    topology=_topology,
    view=_view,
)
