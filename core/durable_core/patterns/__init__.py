"""The patterns that run, one module each, by the name that a spec gives in ``pattern.type``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from durable_core.patterns.base import Machine
from durable_core.patterns.chain import machine as chain
from durable_core.patterns.chain import state as chain_state
from durable_core.patterns.evaluator_optimizer import machine as evaluator_optimizer
from durable_core.patterns.evaluator_optimizer import state as evaluator_optimizer_state
from durable_core.patterns.graph import machine as graph
from durable_core.patterns.graph import state as graph_state
from durable_core.patterns.orchestrator_workers import machine as orchestrator_workers
from durable_core.patterns.orchestrator_workers import state as orchestrator_workers_state
from durable_core.patterns.parallel import machine as parallel
from durable_core.patterns.parallel import state as parallel_state
from durable_core.patterns.routing import machine as routing
from durable_core.patterns.routing import state as routing_state
from durable_core.patterns.workflow import machine as workflow
from durable_core.patterns.workflow import state as workflow_state
from durable_core.spec.models import Spec

MACHINES: Final[Mapping[str, Machine[Any]]] = MappingProxyType(
    {
        "chain": chain,
        "workflow": workflow,
        "routing": routing,
        "parallel": parallel,
        "orchestrator_workers": orchestrator_workers,
        "evaluator_optimizer": evaluator_optimizer,
        "graph": graph,
    }
)
"""Every pattern that runs. A spec with another pattern is valid but not supported yet (exit 18)."""

PatternState = (
    chain_state.State
    | workflow_state.State
    | routing_state.State
    | parallel_state.State
    | orchestrator_workers_state.State
    | evaluator_optimizer_state.State
    | graph_state.State
)
PatternEvent = (
    chain_state.Event
    | workflow_state.Event
    | routing_state.Event
    | parallel_state.Event
    | orchestrator_workers_state.Event
    | evaluator_optimizer_state.Event
    | graph_state.Event
)


def machine(spec: Spec) -> Machine[Any]:
    """The machine of the spec's pattern. KeyError for a pattern that does not run yet: check first."""
    return MACHINES[spec.pattern.type]
