"""The kits of all patterns. A pattern that is listed here is held to every law."""

from __future__ import annotations

from property_tests.chain_kit import CHAIN
from property_tests.evaluator_optimizer_kit import EVALUATOR_OPTIMIZER
from property_tests.graph_kit import GRAPH
from property_tests.harness import Kit
from property_tests.orchestrator_workers_kit import ORCHESTRATOR_WORKERS
from property_tests.parallel_kit import PARALLEL
from property_tests.routing_kit import ROUTING
from property_tests.workflow_kit import WORKFLOW

KITS: tuple[Kit, ...] = (
    CHAIN,
    WORKFLOW,
    PARALLEL,
    ROUTING,
    ORCHESTRATOR_WORKERS,
    EVALUATOR_OPTIMIZER,
    GRAPH,
)
