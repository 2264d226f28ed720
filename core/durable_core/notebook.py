"""What a notebook reaches as ``durable_core.<name>``, beside modules: the patterns, and the way to a spec."""

from __future__ import annotations

from durable_core.patterns import MACHINES
from durable_core.patterns.chain import machine as chain
from durable_core.patterns.evaluator_optimizer import machine as evaluator_optimizer
from durable_core.patterns.graph import machine as graph
from durable_core.patterns.orchestrator_workers import machine as orchestrator_workers
from durable_core.patterns.parallel import machine as parallel
from durable_core.patterns.routing import machine as routing
from durable_core.patterns.workflow import machine as workflow
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
