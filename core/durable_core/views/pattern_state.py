"""What pattern_state.json says of each pattern, under the names that people know.

Everything is JSON as it comes back from a file (lists and mappings), in the spec's order or in id order and
never in the order of arrival.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never, cast

from durable_core.patterns.base import SUCCESS
from durable_core.patterns.chain import state as chain
from durable_core.patterns.evaluator_optimizer import state as evaluator_optimizer
from durable_core.patterns.graph import state as graph
from durable_core.patterns.orchestrator_workers import state as orchestrator_state
from durable_core.patterns.parallel import state as parallel
from durable_core.patterns.routing import state as routing
from durable_core.patterns.steps import Line
from durable_core.patterns.workflow import state as workflow
from durable_core.persistent.persistent_list import PersistentList
from durable_core.session.state import Session
from durable_core.types import Json


def pattern_fields(session: Session) -> dict[str, Json]:
    """The fields of the session's pattern."""
    match session.pattern:
        case chain.State(records=records):
            return {"current_step": len(records), "step_history": list(records)}
        case workflow.State() as state:
            return _workflow(state)
        case parallel.State() as state:
            return _parallel(state, tuple(failure.unit for failure in session.failures))
        case routing.State() as state:
            return _routing(state)
        case orchestrator_state.State() as state:
            return _orchestrator_workers(state)
        case evaluator_optimizer.State() as state:
            return _evaluator_optimizer(state)
        case graph.State() as state:
            return _graph(state)
        case _ as never:
            assert_never(never)


def _workflow(state: workflow.State) -> dict[str, Json]:
    tasks = [task.id for task in state.config.tasks]
    ready = [tasks[position] for position in sorted((*state.calls, *state.gates))]
    return {
        "completed_tasks": list(state.records),
        "pending_tasks": ready,
        "blocked_tasks": [tasks[position] for position in sorted(state.missing)],
        "task_outputs": dict(state.records),
    }


def _parallel(state: parallel.State, failed_units: tuple[str, ...]) -> dict[str, Json]:
    """A branch that is not done shows the steps that are, with the status ``running``."""
    failed = {unit.split("/")[1] for unit in failed_units if unit.startswith("branches/")}
    ids = sorted(branch.id for branch in state.config.branches)
    lines = {name: state.lines.get(name) or Line() for name in ids}
    outputs = {
        name: {
            "response": line.response,
            "status": SUCCESS if name in state.outputs else "running",
            "tokens": line.tokens,
            "steps": list(line.records),
        }
        for name, line in lines.items()
        if line.records
    }
    return {
        "completed_branches": list(state.outputs),
        "failed_branches": sorted(failed),
        "branch_outputs": outputs,
        "reduce_completed": state.reduced is not None,
        "reduce_output": None if state.reduced is None else state.reduced["response"],
    }


def _routing(state: routing.State) -> dict[str, Json]:
    records = state.line.records
    return {
        "router_choice": state.choice.route if state.choice else None,
        "router_response": state.choice.response if state.choice else None,
        "route_state": {"current_step": len(records), "step_history": list(records)},
    }


def _orchestrator_workers(state: orchestrator_state.State) -> dict[str, Json]:
    return {
        "current_round": state.round,
        "rounds": [_round(state, number) for number in range(1, state.round + 1)],
        "reduce_completed": state.reduced is not None,
        "reduce_output": state.reduced.response if state.reduced else None,
        "writeup_completed": state.written is not None,
        "writeup_output": state.written.response if state.written else None,
    }


def _round(state: orchestrator_state.State, number: int) -> dict[str, Json]:
    """A round's plan, and those of its workers that are done, in plan order."""
    plan: Json = state.rounds[number - 1]
    first, is_latest = plan["first"], number == state.round
    done = dict(enumerate(state.workers[first : first + len(plan["tasks"])]))
    done |= {index: state.ahead[index] for index in sorted(state.ahead) if is_latest}
    return {
        "round": number,
        "orchestrator_response": plan["response"],
        "tokens": plan["tokens"],
        "tasks": [task["task"] for task in plan["tasks"]],
        "workers": [{"index": index, **record} for index, record in done.items()],
    }


def _evaluator_optimizer(state: evaluator_optimizer.State) -> dict[str, Json]:
    """A draft that has no evaluation yet stands last, without a score."""
    iterations: list[Json] = [
        {**record, "issues": list(record["issues"]), "fixes": list(record["fixes"])}
        for record in cast("PersistentList[Mapping[str, Json]]", state.records)
    ]
    if state.drafts > len(state.records):
        iterations.append({"iteration": state.drafts, "score": None, "draft": state.draft})
    return {
        "current_iteration": state.drafts,
        "iterations": iterations,
        "accepted": state.accepted,
        "final_score": state.records[-1]["score"] if state.records else None,
    }


def _graph(state: graph.State) -> dict[str, Json]:
    visited = {name: record for name, record in state.nodes.items() if record["iteration"]}
    return {
        "current_node": state.at,
        "node_history": list(state.history),
        "node_outputs": visited,
        "iteration_counts": {name: record["iteration"] for name, record in visited.items()},
        "total_steps": len(state.history),
    }
