"""Parallel: branches of steps that run at the same time, and a step that joins them.

Theory of operation. Each branch is a row of steps with a cursor of its own, its ``Line`` of steps done; it
sees nothing of the others. ``calls`` and ``gates`` hold the branches whose next step is an agent's or a
person's, so finding what may run does not look at all branches. A report on a branch's next step
(``BranchStepCompleted``, ``BranchStepAnswered``) moves that branch on; after its last step the branch joins
``outputs``. When no branch is in ``calls`` or ``gates``, all are done, and exactly then the reduce step is
wanted, if the spec has one.

Branches are done in any order. All that is made of them (what templates loop over, the joined text, which
person spoke last) goes by branch id, so that the order of arrival leaves no trace.
"""

from __future__ import annotations

from typing import Final, assert_never

from returns.result import Result, Success
from rpds import HashTrieMap

from durable_core.patterns.base import (
    SUCCESS,
    AskPerson,
    CallAgent,
    Completed,
    Finished,
    Open,
    PatternCommand,
    PatternVerdict,
    Refusal,
    Request,
    Respecified,
    Respecify,
    Responded,
    Waiting,
)
from durable_core.patterns.changes import conflict_with, respecified
from durable_core.patterns.parallel.names import (
    BRANCH_SCOPE,
    JOINT,
    PARALLEL_RESULT,
    REDUCE_SCOPE,
    heard_in_branches,
    heard_with_reduce,
    joined_text,
)
from durable_core.patterns.parallel.state import (
    BranchRecord,
    BranchStepAnswered,
    BranchStepCompleted,
    Event,
    ReduceAnswered,
    Reduced,
    State,
)
from durable_core.patterns.records import ClosingText
from durable_core.patterns.steps import Line, Spot, asked, called
from durable_core.persistent.bit_set import BitSet
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.persistent.ordered_map import OrderedMap
from durable_core.spec.models import HumanStep, ParallelConfig, Spec, Step

ALL_BRANCHES: Final = (
    "{% for id, branch in branches.items() %}"
    "{% if not loop.first %}" + JOINT + "{% endif %}"
    "Branch {{ id }}:\n{{ branch.response }}"
    "{% endfor %}"
)
"""What a reduce step without an ``input`` is sent: what the result would be without it."""

REDUCE_SPOT: Final = Spot(unit="reduce", title="Reduce", place="pattern.config.reduce")


def initial(spec: Spec) -> State:
    """Branches of which no step is done."""
    return _placed_all(spec, HashTrieMap())


def decide(state: State, command: PatternCommand) -> Result[tuple[Event | Respecified, ...], Refusal]:
    """The events that ``command`` leads to; ``()`` for a report on a step that is not its branch's next."""
    if isinstance(command, Respecify):
        return respecified(command, _conflict(state, command.spec))
    match command, _next_at(state, command.unit):
        case Completed(text=text, tokens=tokens), (branch, index, Step(agent=agent)):
            completed = BranchStepCompleted(
                branch=branch, index=index, agent=agent, response=text, tokens=tokens
            )
            return Success((completed,))
        case Responded(prompt=prompt, text=text), (branch, index, HumanStep()):
            return Success((BranchStepAnswered(branch=branch, index=index, prompt=prompt, response=text),))
        case Completed(text=text, tokens=tokens), Step(agent=agent):
            return Success((Reduced(agent=agent, response=text, tokens=tokens),))
        case Responded(prompt=prompt, text=text), HumanStep():
            return Success((ReduceAnswered(prompt=prompt, response=text),))
        case _:
            return Success(())


def evolve(state: State, event: Event | Respecified) -> State:
    """The state after ``event``."""
    match event:
        case BranchStepCompleted(branch=branch, agent=agent, response=response, tokens=tokens):
            return _moved_on(state, branch, _line(state, branch).completed(agent, response, tokens))
        case BranchStepAnswered(branch=branch, prompt=prompt, response=response):
            spoken = branch if state.spoken is None else max(branch, state.spoken)
            line = _line(state, branch).answered(prompt, response)
            return _moved_on(state._replace(spoken=spoken), branch, line)
        case Reduced(response=response):
            return state._replace(reduced=ClosingText(response, by_person=False))
        case ReduceAnswered(response=response):
            return state._replace(reduced=ClosingText(response, by_person=True))
        case Respecified(spec):
            return _placed_all(spec, state.lines)._replace(spoken=state.spoken, reduced=state.reduced)
        case _ as never:
            assert_never(never)


def wanted(state: State) -> tuple[Request, ...]:
    """The branches' next steps in file order: all gates, and the calls that may run at once. Then reduce."""
    reduce = _reduce_step(state)
    if reduce is not None:
        context = REDUCE_SCOPE.context(state, heard_in_branches(state.config))
        if isinstance(reduce, HumanStep):
            return (asked(reduce, REDUCE_SPOT, context),)
        return (called(reduce, REDUCE_SPOT, context, default_input=ALL_BRANCHES),)
    positions = sorted((*state.calls.first(state.max_parallel), *state.gates))
    return tuple(_request(state, position) for position in positions)


def verdict(state: State) -> PatternVerdict:
    """Finished when all branches are joined; waiting when all that is next is for people."""
    if state.calls:
        return Open()
    if state.gates:
        return Waiting(tuple(_unit_at(state, position) for position in state.gates))
    match _reduce_step(state):
        case Step():
            return Open()
        case HumanStep():
            return Waiting((REDUCE_SPOT.unit,))
        case None:
            heard = heard_with_reduce(state.config)
            return Finished(joined_text(state), PARALLEL_RESULT.context(state, heard))
        case _ as never:
            assert_never(never)


def _config(spec: Spec) -> ParallelConfig:
    assert spec.pattern.type == "parallel", "the session hands each pattern its own spec"
    return spec.pattern.config


def _unit(branch: str, index: int) -> str:
    return f"branches/{branch}/{index}"


def _unit_at(state: State, position: int) -> str:
    branch = state.config.branches[position].id
    return _unit(branch, len(_line(state, branch).records))


def _line(state: State, branch: str) -> Line:
    return state.lines.get(branch) or Line()


def _placed_all(spec: Spec, lines: HashTrieMap[str, Line]) -> State:
    """The state in which exactly the steps in ``lines`` are done, with its sets worked out from nothing."""
    config = _config(spec)
    state = State(
        config=config,
        max_parallel=spec.runtime.max_parallel,
        positions=FrozenDict({branch.id: index for index, branch in enumerate(config.branches)}),
        lines=HashTrieMap(),
        calls=BitSet(),
        gates=BitSet(),
        outputs=OrderedMap(sorted(branch.id for branch in config.branches)),
    )
    for branch in config.branches:
        state = _moved_on(state, branch.id, lines.get(branch.id) or Line())
    return state


def _moved_on(state: State, branch: str, line: Line) -> State:
    """The state in which the steps of ``branch`` that are done are ``line``."""
    position = state.positions[branch]
    steps = state.config.branches[position].steps
    calls, gates, outputs = state.calls.without(position), state.gates.without(position), state.outputs
    if len(line.records) == len(steps):
        output = BranchRecord(response=line.response, status=SUCCESS, tokens=line.tokens, steps=line.records)
        outputs = outputs.put(branch, output)
    elif isinstance(steps[len(line.records)], HumanStep):
        gates = gates.including(position)
    else:
        calls = calls.including(position)
    return state._replace(lines=state.lines.insert(branch, line), calls=calls, gates=gates, outputs=outputs)


def _next_at(state: State, unit: str) -> tuple[str, int, Step | HumanStep] | Step | HumanStep | None:
    """The step that ``unit`` names, if it is the next of its branch, or the reduce step, if it is due."""
    if unit == REDUCE_SPOT.unit:
        return _reduce_step(state)
    root, _, rest = unit.partition("/")
    branch = rest.rpartition("/")[0]
    position = state.positions.get(branch) if root == "branches" else None
    if position is None:
        return None
    steps, index = state.config.branches[position].steps, len(_line(state, branch).records)
    return (branch, index, steps[index]) if index < len(steps) and unit == _unit(branch, index) else None


def _reduce_step(state: State) -> Step | HumanStep | None:
    """The reduce step, exactly while it is due: all branches are done and it is not."""
    branches_done = not state.calls and not state.gates
    return state.config.reduce if branches_done and state.reduced is None else None


def _request(state: State, position: int) -> CallAgent | AskPerson:
    branch = state.config.branches[position]
    line = _line(state, branch.id)
    index = len(line.records)
    step = branch.steps[index]
    spot = Spot(
        unit=_unit(branch.id, index),
        title=f"Branch {branch.id}, step {index + 1}/{len(branch.steps)}",
        place=f"pattern.config.branches[{position}].steps[{index}]",
    )
    context = BRANCH_SCOPE.context(line, line.heard)
    if isinstance(step, HumanStep):
        return asked(step, spot, context)
    return called(step, spot, context, default_input=line.default_input(), apart=f"@branches/{branch.id}")


def _conflict(state: State, spec: Spec) -> str | None:
    """Prompts, agents, steps and branches to come may change; what is done must stay, of its kind."""
    config = _config(spec)
    branches = {branch.id: branch.steps for branch in config.branches}
    for branch in state.config.branches:
        line = _line(state, branch.id)
        if not line.records:
            continue
        if branch.id not in branches:
            return f"branch {branch.id}: it has completed steps, but the changed spec has no such branch"
        if conflict := line.conflict(branch.steps, branches[branch.id]):
            return f"branch {branch.id}: {conflict}"
    if state.reduced is None:
        return None
    by_person = state.reduced.by_person
    if conflict := conflict_with("reduce", config.reduce, by_person=by_person, missing="has none"):
        return conflict
    for name, steps in branches.items():
        if len(_line(state, name).records) < len(steps):
            return f"reduce is completed, but the changed spec adds steps to branch {name}"
    return None
