"""The states and the events of all patterns: what a session's state and its journal may hold."""

from __future__ import annotations

from durable_core.patterns.chain import state as chain
from durable_core.patterns.evaluator_optimizer import state as evaluator_optimizer
from durable_core.patterns.graph import state as graph
from durable_core.patterns.orchestrator_workers import state as orchestrator_workers
from durable_core.patterns.parallel import state as parallel
from durable_core.patterns.routing import state as routing
from durable_core.patterns.workflow import state as workflow

PatternState = (
    chain.State
    | workflow.State
    | routing.State
    | parallel.State
    | orchestrator_workers.State
    | evaluator_optimizer.State
    | graph.State
)
PatternEvent = (
    chain.Event
    | workflow.Event
    | routing.Event
    | parallel.Event
    | orchestrator_workers.Event
    | evaluator_optimizer.Event
    | graph.Event
)
