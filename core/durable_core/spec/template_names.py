"""Places: every template of a spec, where it stands, and which names it may use there.

One walk over the spec serves the syntax check, the name check and whoever else wants all templates. The names
are those that the pattern provides at a place (the table of patterns in the documentation), beside the
workflow's variables, which only a run knows. Where a name may or may not be there, it is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import (
    AgentNode,
    AgentTask,
    ChainConfig,
    EvaluatorOptimizerConfig,
    GraphConfig,
    HumanStep,
    HumanTask,
    OrchestratorWorkersConfig,
    ParallelConfig,
    RoutingConfig,
    Spec,
    Step,
    WorkflowConfig,
)
from durable_core.spec.problems import pointer_of
from durable_core.spec.units import units

Use = Literal["text", "condition", "prompt"]
"""What a template is for. A ``prompt`` is an agent's: names that it does not know stay as written."""

_PATTERN = "/pattern/config"
_ANSWER = frozenset({"hitl_response"})
_LAST = frozenset({"last_response"})
_NOTHING: frozenset[str] = frozenset()


_RESULT_NAMES = FrozenDict(
    chain=("steps",),
    workflow=("tasks",),
    routing=("router", "chosen_route", "steps"),
    parallel=("branches",),
    orchestrator_workers=(
        "workers", "num_workers", "worker_count", "round_count", "orchestrator_response", "reduce_response",
    ),
    evaluator_optimizer=("iterations", "final_score", "accepted", "draft", "evaluation"),
    graph=("nodes", "terminal_node", "execution_path", "total_steps"),
)  # fmt: skip
"""What artifacts see of each pattern's result, beside the last response."""

_PLANNED = ("orchestrator_response", "round_count", "tasks", "task_count", "workers", "num_workers")
_DRAFTED = ("draft", "iteration", "iteration_index", "evaluation", "current_draft", "current_evaluation")

PROVIDED = frozenset(
    (
        *_PLANNED,
        *_DRAFTED,
        "last_response",
        "hitl_response",
        *(n for ns in _RESULT_NAMES.values() for n in ns),
    )
)
"""Every name that some pattern provides at some place."""


@dataclass(frozen=True, slots=True)
class TemplatePlace:
    """One template: its JSON pointer, its source, what it is for, and the names that the pattern provides."""

    pointer: str
    source: str
    use: Use
    names: frozenset[str]


def templates(spec: Spec) -> Iterator[TemplatePlace]:
    """Every template of the spec, in the order of the document."""
    headers = (
        *(("mcp", index, server.headers) for index, server in enumerate(spec.tools.mcp)),
        *(
            ("http_executors", index, service.headers)
            for index, service in enumerate(spec.tools.http_executors)
        ),
    )
    for kind, index, table in headers:
        for header, value in table.items():
            pointer = pointer_of("tools", kind, index, "headers", header)
            yield TemplatePlace(pointer, value, "text", _NOTHING)
    for name, agent in spec.agents.items():
        yield TemplatePlace(pointer_of("agents", name, "prompt"), agent.prompt, "prompt", _NOTHING)
    yield from _pattern_templates(spec)
    names = _artifact_names(spec)
    for index, artifact in enumerate(spec.outputs.artifacts):
        pointer = pointer_of("outputs", "artifacts", index)
        yield TemplatePlace(f"{pointer}/path", artifact.path, "text", names)
        yield TemplatePlace(f"{pointer}/from", artifact.from_, "text", names)


def _pattern_templates(spec: Spec) -> Iterator[TemplatePlace]:
    config = spec.pattern.config
    match config:
        case ChainConfig():
            yield from _chain(config.steps, f"{_PATTERN}/steps", _NOTHING)
        case WorkflowConfig():
            yield from _workflow(config)
        case RoutingConfig():
            yield from _routing(config)
        case ParallelConfig():
            yield from _parallel(config)
        case OrchestratorWorkersConfig():
            yield from _orchestrator(config)
        case EvaluatorOptimizerConfig():
            yield from _evaluator(config)
        case GraphConfig():
            yield from _graph(config)
        case _:
            assert_never(config)


def _artifact_names(spec: Spec) -> frozenset[str]:
    """What artifacts see: the pattern's whole result."""
    answers = _any_human(unit for _, unit in units(spec))
    return _LAST | answers | frozenset(_RESULT_NAMES[spec.pattern.type])


def _input(pointer: str, source: str | None, names: frozenset[str]) -> Iterator[TemplatePlace]:
    if source is not None:
        yield TemplatePlace(f"{pointer}/input", source, "text", names)


def _gate(pointer: str, gate: HumanStep | None, names: frozenset[str]) -> Iterator[TemplatePlace]:
    if gate is not None:
        yield TemplatePlace(f"{pointer}/prompt", gate.prompt, "text", names)
        if gate.context_display is not None:
            yield TemplatePlace(f"{pointer}/context_display", gate.context_display, "text", names)


def _step(pointer: str, step: Step | HumanStep | None, names: frozenset[str]) -> Iterator[TemplatePlace]:
    if isinstance(step, Step):
        yield from _input(pointer, step.input, names | frozenset(step.vars or ()))
    else:
        yield from _gate(pointer, step, names)


def _chain(
    steps: Sequence[Step | HumanStep], pointer: str, before: frozenset[str]
) -> Iterator[TemplatePlace]:
    """Steps in a row. ``before`` is what is known when the first begins."""
    names = before | {"steps"}
    for index, step in enumerate(steps):
        yield from _step(f"{pointer}/{index}", step, names)
        names |= _ANSWER if isinstance(step, HumanStep) else _LAST


def _any_human(steps: Iterable[object]) -> frozenset[str]:
    return _ANSWER if any(isinstance(step, HumanStep) for step in steps) else _NOTHING


def _workflow(config: WorkflowConfig) -> Iterator[TemplatePlace]:
    answers = _any_human(config.tasks)
    for index, task in enumerate(config.tasks):
        # a task without deps may still start after another one when slots are few
        last = _LAST if task.deps or len(config.tasks) > 1 else _NOTHING
        names = answers | last | {"tasks"}
        match task:
            case AgentTask():
                yield from _input(f"{_PATTERN}/tasks/{index}", task.input, names)
            case HumanTask():
                yield from _gate(f"{_PATTERN}/tasks/{index}", task, names)
            case _:
                assert_never(task)


def _routing(config: RoutingConfig) -> Iterator[TemplatePlace]:
    yield from _input(f"{_PATTERN}/router", config.router.input, _NOTHING)
    review = config.router.review_router
    yield from _gate(f"{_PATTERN}/router/review_router", review, frozenset({"router"}))
    chosen = frozenset({"router"}) | _LAST | (_ANSWER if review else _NOTHING)
    for name, route in config.routes.items():
        yield from _chain(route.then, _PATTERN + pointer_of("routes", name, "then"), chosen)


def _parallel(config: ParallelConfig) -> Iterator[TemplatePlace]:
    for index, branch in enumerate(config.branches):
        yield from _chain(branch.steps, f"{_PATTERN}/branches/{index}/steps", _NOTHING)
    answers = _any_human(step for branch in config.branches for step in branch.steps)
    yield from _step(f"{_PATTERN}/reduce", config.reduce, answers | {"branches"})


def _orchestrator(config: OrchestratorWorkersConfig) -> Iterator[TemplatePlace]:
    planned = frozenset(_PLANNED)
    yield from _gate(f"{_PATTERN}/decomposition_review", config.decomposition_review, planned)
    worked = planned | {"worker_count"} | (_ANSWER if config.decomposition_review else _NOTHING)
    yield from _gate(f"{_PATTERN}/reduce_review", config.reduce_review, worked)
    reviewed = worked | _LAST | (_ANSWER if config.reduce_review else _NOTHING)
    yield from _step(f"{_PATTERN}/reduce", config.reduce, reviewed)
    joined = frozenset({"reduce_response"}) if config.reduce else _NOTHING
    reduced = reviewed | joined | _any_human([config.reduce])
    yield from _step(f"{_PATTERN}/writeup", config.writeup, reduced)


def _evaluator(config: EvaluatorOptimizerConfig) -> Iterator[TemplatePlace]:
    answers = _ANSWER if config.review_gate else _NOTHING
    drafted = frozenset({"draft", "iteration"}) | answers
    yield from _input(f"{_PATTERN}/evaluator", config.evaluator.input, drafted)
    if config.revise_prompt is not None:
        pointer = f"{_PATTERN}/revise_prompt"
        yield TemplatePlace(pointer, config.revise_prompt, "text", drafted | {"evaluation", "iterations"})
    yield from _gate(f"{_PATTERN}/review_gate", config.review_gate, drafted | {*_DRAFTED, "iterations"})


def _graph(config: GraphConfig) -> Iterator[TemplatePlace]:
    names = _any_human(config.nodes.values()) | _LAST | {"nodes"}
    for name, node in config.nodes.items():
        pointer = _PATTERN + pointer_of("nodes", name)
        match node:
            case AgentNode():
                yield from _input(pointer, node.input, names)
            case HumanStep():
                yield from _gate(pointer, node, names)
            case _:
                assert_never(node)
    for index, edge in enumerate(config.edges):
        for choice, option in enumerate(edge.choose or ()):
            pointer = f"{_PATTERN}/edges/{index}/choose/{choice}/when"
            yield TemplatePlace(pointer, option.when, "condition", names)
