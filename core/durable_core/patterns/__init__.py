"""The patterns that run, one module each, by the name that a spec gives in ``pattern.type``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from durable_core.patterns.base import Machine
from durable_core.patterns.chain import machine as chain
from durable_core.patterns.evaluator_optimizer import machine as evaluator_optimizer
from durable_core.patterns.graph import machine as graph
from durable_core.patterns.orchestrator_workers import machine as orchestrator_workers
from durable_core.patterns.orchestrator_workers import state as orchestrator_state
from durable_core.patterns.parallel import machine as parallel
from durable_core.patterns.routing import machine as routing
from durable_core.patterns.workflow import machine as workflow
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
    chain.State
    | workflow.State
    | routing.State
    | parallel.State
    | orchestrator_state.State
    | evaluator_optimizer.State
    | graph.State
)
PatternEvent = (
    chain.Event
    | workflow.Event
    | routing.Event
    | parallel.Event
    | orchestrator_state.Event
    | evaluator_optimizer.Event
    | graph.Event
)


def machine(spec: Spec) -> Machine[Any]:
    """The machine of the spec's pattern. KeyError for a pattern that does not run yet: check first."""
    return MACHINES[spec.pattern.type]
