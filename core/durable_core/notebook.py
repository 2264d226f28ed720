"""What a notebook reaches as ``durable_core.<name>``, beside modules: the patterns, and the way to a spec."""

from __future__ import annotations

from durable_core.patterns import MACHINES, chain, evaluator_optimizer, graph, parallel, routing, workflow
from durable_core.patterns.orchestrator_workers import machine as orchestrator_workers
from durable_core.spec.models import Spec
from durable_core.spec.parse import parse_spec

__all__ = [
    "MACHINES",
    "Spec",
    "chain",
    "evaluator_optimizer",
    "graph",
    "orchestrator_workers",
    "parallel",
    "parse_spec",
    "routing",
    "workflow",
]
