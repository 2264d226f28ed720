"""Units: the parts of a pattern that call an agent or ask a person, and what they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from durable_core.spec.models import (
    AgentNode,
    AgentTask,
    ChainConfig,
    EvaluatorOptimizerConfig,
    GraphConfig,
    HumanStep,
    OrchestratorWorkersConfig,
    ParallelConfig,
    RoutingConfig,
    Spec,
    Step,
    WorkflowConfig,
)
from durable_core.spec.problems import pointer_of

_PATTERN = "/pattern/config"

Unit = Step | HumanStep | AgentTask | AgentNode
"""A part of a pattern that calls an agent or asks a person."""


def units(spec: Spec) -> Iterator[tuple[str, Unit]]:
    """The steps, tasks, nodes and gates of the pattern, each with its JSON pointer."""
    config = spec.pattern.config
    match config:
        case ChainConfig():
            yield from _each(f"{_PATTERN}/steps", config.steps)
        case WorkflowConfig():
            yield from _each(f"{_PATTERN}/tasks", config.tasks)
        case RoutingConfig():
            yield from _optional(f"{_PATTERN}/router/review_router", config.router.review_router)
            for name, route in config.routes.items():
                yield from _each(_PATTERN + pointer_of("routes", name, "then"), route.then)
        case ParallelConfig():
            for index, branch in enumerate(config.branches):
                yield from _each(f"{_PATTERN}/branches/{index}/steps", branch.steps)
            yield from _optional(f"{_PATTERN}/reduce", config.reduce)
        case OrchestratorWorkersConfig():
            yield from _optional(f"{_PATTERN}/decomposition_review", config.decomposition_review)
            yield from _optional(f"{_PATTERN}/reduce_review", config.reduce_review)
            yield from _optional(f"{_PATTERN}/reduce", config.reduce)
            yield from _optional(f"{_PATTERN}/writeup", config.writeup)
        case EvaluatorOptimizerConfig():
            yield from _optional(f"{_PATTERN}/review_gate", config.review_gate)
        case GraphConfig():
            for name, node in config.nodes.items():
                yield _PATTERN + pointer_of("nodes", name), node
        case _:
            assert_never(config)


def agent_uses(spec: Spec) -> Iterator[tuple[str, str]]:
    """Every name of an agent in the pattern, with its JSON pointer."""
    config = spec.pattern.config
    match config:
        case RoutingConfig():
            yield f"{_PATTERN}/router/agent", config.router.agent
        case OrchestratorWorkersConfig():
            yield f"{_PATTERN}/orchestrator/agent", config.orchestrator.agent
            yield f"{_PATTERN}/worker_template/agent", config.worker_template.agent
        case EvaluatorOptimizerConfig():
            yield f"{_PATTERN}/producer", config.producer
            yield f"{_PATTERN}/evaluator/agent", config.evaluator.agent
        case _:
            pass
    for pointer, unit in units(spec):
        if not isinstance(unit, HumanStep):
            yield f"{pointer}/agent", unit.agent


def tool_uses(spec: Spec) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every list of tools that an agent, step or worker may use, with its JSON pointer."""
    for name, agent in spec.agents.items():
        if agent.tools is not None:
            yield pointer_of("agents", name, "tools"), agent.tools
    for pointer, unit in units(spec):
        if isinstance(unit, Step) and unit.tool_overrides is not None:
            yield f"{pointer}/tool_overrides", unit.tool_overrides
    config = spec.pattern.config
    if isinstance(config, OrchestratorWorkersConfig) and config.worker_template.tools is not None:
        yield f"{_PATTERN}/worker_template/tools", config.worker_template.tools


def _each(pointer: str, items: Iterable[Unit]) -> Iterator[tuple[str, Unit]]:
    for index, item in enumerate(items):
        yield f"{pointer}/{index}", item


def _optional(pointer: str, item: Unit | None) -> Iterator[tuple[str, Unit]]:
    if item is not None:
        yield pointer, item
