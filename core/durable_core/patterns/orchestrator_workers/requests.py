"""What orchestrator-workers asks for: its units, and the inputs that the format leaves to us."""

from __future__ import annotations

from typing import Final

from durable_core.answers.reading import TASKS_SHAPE
from durable_core.answers.shapes import TasksAnswer
from durable_core.patterns.base import APPROVED, AskPerson, CallAgent, Request
from durable_core.patterns.orchestrator_workers.names import (
    PLAN_REVIEW_SCOPE,
    PLAN_SCOPE,
    WORK_REVIEW_SCOPE,
    WORK_SCOPE,
    WORKER_SCOPE,
    WRITEUP_SCOPE,
    WorkerView,
    heard_before_part,
    unjoined,
)
from durable_core.patterns.orchestrator_workers.state import ClosingPart, ReviewGate, State
from durable_core.patterns.steps import Spot, asked, called
from durable_core.spec.models import HumanStep, OrchestratorWorkersConfig, Step

_ALL_WORK: Final = (
    "{% for worker in workers %}\n\nTask {{ loop.index }}: {{ worker.task }}\n"
    "{{ worker.response }}{% endfor %}"
)
_PLAN_SHAPE: Final = f"Answer with JSON and nothing else: {TASKS_SHAPE}."

PLAN: Final = f"Divide your work into tasks that can be done independently of each other. {_PLAN_SHAPE}"
"""What the orchestrator is sent first: the format gives it no input, its own prompt describes the work."""

PLAN_AGAIN: Final = (
    f"These tasks are done:{_ALL_WORK}\n\nDivide what is left to do into tasks in the same way. {_PLAN_SHAPE}"
)
"""What it is sent in later rounds: a plan without the earlier rounds' work would repeat it."""

DEFAULT_REDUCE: Final = f"Bring these workers' answers together in one answer.{_ALL_WORK}"
"""What a reduce step without an ``input`` is sent: its work is there and nowhere else."""

WRITEUP: Final = f"Write the final answer from these workers' answers.{_ALL_WORK}"
"""What a writeup without an ``input`` is sent when there is no reduce step."""

WRITEUP_REDUCED: Final = "Write the final answer from this:\n\n{{ reduce_response }}"
"""The same after a reduce step."""

REMARK: Final = "\n\nA person adds: {{ hitl_response }}"
"""Follows our own inputs once a person has answered more than that they approve."""

REJECTED: Final = "rejected"
REVIEW_CHOICES: Final = (APPROVED, REJECTED)
"""Shown at both reviews. Any other text accepts too, and is visible as ``hitl_response``."""


def step_of(config: OrchestratorWorkersConfig, part: ClosingPart) -> Step | HumanStep:
    """The step of a part that the spec has."""
    step = config.reduce if part == "reduce" else config.writeup
    assert step is not None, "a part without a step is never next"
    return step


def plan_unit(number: int) -> str:
    """The unit of a round's plan."""
    return f"rounds/{number}/orchestrator"


def worker_unit(number: int, index: int) -> str:
    """The unit of the worker on task ``index`` (from 0) of a round."""
    return f"rounds/{number}/workers/{index}"


def gate_unit(gate: ReviewGate, number: int) -> str:
    """The unit of a review; plans are reviewed once a round."""
    return f"rounds/{number}/{gate}" if gate == "decomposition_review" else gate


def plan_request(state: State) -> CallAgent:
    """The plan of the next round."""
    agent, number = state.config.orchestrator.agent, state.round + 1
    most = state.config.orchestrator.limits.max_workers
    bound = "" if most is None else f" No more than {most} tasks."
    return CallAgent(
        unit=plan_unit(number),
        title=f"Round {number}, orchestrator: {agent}",
        agent=agent,
        conversation=agent,
        input=PLAN + bound if number == 1 else PLAN_AGAIN + bound + _remark(state),
        place="pattern.config.orchestrator",
        context={}
        if number == 1
        else PLAN_SCOPE.context(state, heard_before_part(state.config, "reduce_review")),
        shape=TASKS_SHAPE,
        answer_type=TasksAnswer,
    )


def worker_request(state: State, index: int) -> CallAgent:
    """The worker on task ``index`` of the latest plan."""
    template, number = state.config.worker_template, state.round
    return CallAgent(
        unit=worker_unit(number, index),
        title=f"Round {number}, worker {index + 1}: {template.agent}",
        agent=template.agent,
        conversation=f"{template.agent}@{worker_unit(number, index)}",
        # the task is a model's words: it is shown by a template, and never taken for one
        input="{{ task }}",
        place="pattern.config.worker_template",
        context=WORKER_SCOPE.context(
            WorkerView(state, index), heard_before_part(state.config, "reduce_review")
        ),
        tools=template.tools,
    )


def review_request(state: State, gate: ReviewGate) -> AskPerson:
    """The question of a review."""
    number = state.round
    is_plan = gate == "decomposition_review"
    step = state.config.decomposition_review if is_plan else state.config.reduce_review
    assert step is not None, "a review is asked for only where the spec has it"
    spot = Spot(
        unit=gate_unit(gate, number),
        title=f"Round {number}, plan" if is_plan else "Workers' answers",
        place=f"pattern.config.{gate}",
    )
    scope = PLAN_REVIEW_SCOPE if is_plan else WORK_REVIEW_SCOPE
    context = scope.context(state, heard_before_part(state.config, gate))
    return asked(step, spot, context, REVIEW_CHOICES)


def part_request(state: State, part: ClosingPart) -> Request:
    """The reduce step or the writeup, an agent's or a person's."""
    step = step_of(state.config, part)
    spot = Spot(unit=part, title=part.capitalize(), place=f"pattern.config.{part}")
    scope = WORK_SCOPE if part == "reduce" else WRITEUP_SCOPE
    context = scope.context(state, heard_before_part(state.config, part), unjoined(state.config))
    if isinstance(step, HumanStep):
        return asked(step, spot, context)
    own_input = DEFAULT_REDUCE if part == "reduce" else WRITEUP if state.reduced is None else WRITEUP_REDUCED
    return called(step, spot, context, default_input=own_input + _remark(state))


def _remark(state: State) -> str:
    """Our own inputs pass on a person's answer, unless it was mere approval or is the reduced text."""
    answer = state.hitl_response
    if answer is None or answer.strip().lower() == APPROVED:
        return ""
    return "" if state.reduced is not None and state.reduced.by_person else REMARK
