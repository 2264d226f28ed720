"""The kits of all patterns. A pattern that is listed here is held to every law."""

from __future__ import annotations

from property_tests.kits.chain import CHAIN
from property_tests.kits.evaluator_optimizer import EVALUATOR_OPTIMIZER
from property_tests.kits.graph import GRAPH
from property_tests.kits.kit import Kit
from property_tests.kits.orchestrator_workers import ORCHESTRATOR_WORKERS
from property_tests.kits.parallel import PARALLEL
from property_tests.kits.routing import ROUTING
from property_tests.kits.workflow import WORKFLOW

KITS: tuple[Kit, ...] = (
    CHAIN,
    WORKFLOW,
    PARALLEL,
    ROUTING,
    ORCHESTRATOR_WORKERS,
    EVALUATOR_OPTIMIZER,
    GRAPH,
)
