"""What a notebook reaches as ``durable_core.<name>``: all that it takes to drive a machine by hand."""

from __future__ import annotations

from durable_core import drawing, session
from durable_core.journal import codec
from durable_core.patterns import PATTERNS
from durable_core.patterns.base import Completed, Exhausted, Failed, Finished, Open, Responded, Waiting
from durable_core.patterns.chain import machine as chain
from durable_core.patterns.evaluator_optimizer import machine as evaluator_optimizer
from durable_core.patterns.graph import machine as graph
from durable_core.patterns.orchestrator_workers import machine as orchestrator_workers
from durable_core.patterns.parallel import machine as parallel
from durable_core.patterns.routing import machine as routing
from durable_core.patterns.workflow import machine as workflow
from durable_core.planning import topology
from durable_core.session import (
    Options,
    SessionStarted,
    Source,
    brief,
    commands,
    decide,
    events,
    evolve,
    evolve_all,
    open_gates,
    replay,
    start,
    status,
    verdict,
    wanted,
)
from durable_core.session.conversation import Mark
from durable_core.spec.models import Spec
from durable_core.spec.parse import parse_spec
from durable_core.templates import rendering
from durable_core.types import Fault, Usage
from durable_core.views import documents
from durable_core.views.units import units_of

__all__ = [
    "PATTERNS",
    "Completed",
    "Exhausted",
    "Failed",
    "Fault",
    "Finished",
    "Mark",
    "Open",
    "Options",
    "Responded",
    "SessionStarted",
    "Source",
    "Spec",
    "Usage",
    "Waiting",
    "brief",
    "chain",
    "codec",
    "commands",
    "decide",
    "documents",
    "drawing",
    "evaluator_optimizer",
    "events",
    "evolve",
    "evolve_all",
    "graph",
    "open_gates",
    "orchestrator_workers",
    "parallel",
    "parse_spec",
    "rendering",
    "replay",
    "routing",
    "session",
    "start",
    "status",
    "topology",
    "units_of",
    "verdict",
    "wanted",
    "workflow",
]
