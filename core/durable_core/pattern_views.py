"""What pattern_state.json says of each pattern, under the names that people know.

Everything is JSON as it comes back from a file (lists and mappings), in the spec's order or in id order and
never in the order of arrival.
"""

from __future__ import annotations

from typing import assert_never

from durable_core.patterns import chain, parallel, routing, workflow
from durable_core.patterns.steps import Line
from durable_core.session.state import Session
from durable_core.words import Json


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
            "status": parallel.DONE if name in state.outputs else "running",
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
