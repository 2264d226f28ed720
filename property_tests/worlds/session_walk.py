"""A walk over small sessions: every command that may come, in every state that can be told apart.

The sessions are small in every way, and together they hold all that a session machine knows: attempts side by
side, a question with a timeout, answers that do not do, faults that pass and that stay, a budget, an
artifact, a pattern that fails, and a tool whose calls may be in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any, Final

from returns.result import Success

from durable_core.patterns.base import Finished
from durable_core.session import (
    Attempt,
    Event,
    Question,
    Recovered,
    Session,
    Turn,
    brief,
    commands,
    decide,
    evolve,
    open_gates,
    verdict,
    wanted,
)
from durable_core.session.conversation import Mark
from durable_core.session.events import BudgetWarned
from durable_core.session.state import UnitProgress
from durable_core.session.tool_calls import find_call
from durable_core.spec.models import Spec
from durable_core.types import Fault, Json, Usage
from property_tests.kits import KITS
from property_tests.kits.strategies import Doc, document
from property_tests.worlds.calling_world import CALLED, TOOL, result, turn_of, with_tool
from property_tests.worlds.families import CALL, Pair, Reached
from property_tests.worlds.kinds import kind_of_session
from property_tests.worlds.providers import source_of
from property_tests.worlds.walking import spec_of
from property_tests.worlds.world import World

MOST_STATES: Final = 60_000
"""States that the walk over one session tells apart. It needs some thousands."""

CHEAP: Final = Usage(1, 0)
DEAR: Final = Usage(45, 45)
"""Enough for a warning, and twice that is more than there is."""

TOO_DEAR: Final = Usage(60, 60)
"""More than there is."""
PASSING: Final = Fault("throttled", "too many requests")
STAYING: Final = Fault("refused", "no such model")
ANSWERS_DUE: Final = {"router": ['{"route": "left"}'], "iterations/1/evaluator": ['{"score": 1}']}
"""What does where JSON is due, by unit."""

TOKENS: Final[Doc] = {"max_tokens": 100}
TIMED: Final[Doc] = {"type": "hitl", "prompt": "Go on?", "timeout_seconds": 60}


@cache
def reached() -> Reached:
    """All that the walks over the small sessions reach."""
    found = Reached()
    for spec in _sessions():
        found.specs += 1
        _walk(spec, found)
    return found


def followed(session: Session, events: Iterable[Event], pairs: set[Pair]) -> Session:
    """The session after ``events``, each entered into ``pairs``. A warning is entered where its cause is."""
    kind = ""
    for event in events:
        if not isinstance(event, BudgetWarned):
            kind = kind_of_session(session)
        pairs.add((kind, event.type))
        session = evolve(session, event)
    return session


def _sessions() -> Iterator[Spec]:
    branches = [{"id": "a", "steps": [CALL]}, {"id": "b", "steps": [TIMED]}]
    yield _spec("parallel", {"branches": [*branches, {"id": "c", "steps": [CALL]}]})
    questions = [{"id": name, "steps": [TIMED]} for name in "bd"]
    yield _spec("parallel", {"branches": [branches[0], *questions]})
    yield _spec("parallel", {"branches": [*branches, {"id": "c", "steps": [CALL]}]}, budgets={"max_steps": 2})
    yield _spec("chain", {"steps": [CALL]}, budgets={"max_steps": 1})
    yield _spec("chain", {"steps": [CALL]}, artifacts=2)
    yield _spec("chain", {"steps": [TIMED, CALL]})
    router = {"agent": "ann", "max_retries": 1}
    yield _spec("routing", {"router": router, "routes": {"left": {"then": [CALL]}}})
    accept = {"min_score": 50, "max_iters": 1}
    yield _spec("evaluator_optimizer", {"producer": "ann", "evaluator": {"agent": "eve"}, "accept": accept})
    for policy in ("ask", "fail", "retry"):
        yield with_tool(_spec("chain", {"steps": [CALL]}), policy)
    yield with_tool(_spec("parallel", {"branches": branches}), "ask")
    yield with_tool(_spec("parallel", {"branches": branches}, budgets=None), "fail")
    yield with_tool(_spec("parallel", {"branches": [branches[0], *questions]}, budgets=None), "ask")


def _spec(pattern: str, config: Doc, *, artifacts: int = 0, budgets: Doc | None = TOKENS) -> Spec:
    doc = document(spec_of(pattern, config))
    doc["runtime"] |= {"failure_policy": {"retries": 1, "backoff": "constant"}}
    if budgets is not None:
        doc["runtime"] |= {"budgets": budgets}
    if artifacts:
        doc["outputs"] = {"artifacts": [{"path": f"{n}.md", "from": "Done."} for n in range(artifacts)]}
    return Spec.model_validate(doc)


def _walk(spec: Spec, found: Reached) -> None:
    first, reworded = World.of(KITS[0], spec, {}).session, _reworded(spec)
    change = commands.ChangeSpec(at=0.0, spec=reworded, source=source_of(reworded))
    seen, waiting = {_key(first)}, [first]
    while waiting:
        session = waiting.pop()
        found.states += 1
        assert found.states <= MOST_STATES, "the walk tells too many states apart"
        for row in _may_come(session, change):
            after = session
            for command in row:
                match decide(after, command):
                    case Success(decided):
                        after = followed(after, decided, found.pairs)
            if after is not session and (key := _key(after)) not in seen:
                seen.add(key)
                waiting.append(after)


# --- what may come ------------------------------------------------------------------------------------


def _may_come(session: Session, change: commands.ChangeSpec) -> Iterator[tuple[commands.Command, ...]]:
    """All that may be reported and wished for now, in rows that come one right after the other."""
    now = session.updated_at
    for attempt in wanted(session):
        yield tuple(_begun(session, attempt, max(now, attempt.not_before)))
    for unit, progress in session.progress.items():
        if progress.running:
            for report in _reports(session, unit, progress, now):
                yield (report,)
        for call in progress.calls:
            for done in ("done", None):
                yield (commands.SettleTool(at=now, unit=unit, call=call.call, done=done),)
    for gate in open_gates(session):
        yield (commands.AnswerGate(at=now, unit=gate.unit, text="approved"),)
        yield (commands.Tick(at=max(now, gate.deadline or now)),)
    if isinstance(verdict(session), Finished):
        return
    yield (commands.Rename(at=now, name="another"),)
    resume = commands.Resume(at=now)
    yield (resume,)
    # the shell takes a session up before it tells of anything that a person has changed
    if session.budgets.max_tokens is not None:
        yield resume, commands.RaiseBudget(at=now, budget="max_tokens", limit=10_000.0)
    if session.budgets.max_steps is not None:
        yield resume, commands.RaiseBudget(at=now, budget="max_steps", limit=10_000.0)
    yield resume, commands.EditVariables(at=now, variables={"topic": "tides"})
    yield resume, commands.ChangeOptions(at=now, options=replace(session.options, force=True))
    yield resume, replace(change, at=now)


def _begun(session: Session, attempt: Attempt, at: float) -> Iterator[commands.Command]:
    match brief(session, attempt).unwrap():
        case Question(unit=unit, prompt=prompt):
            yield commands.QuestionAsked(at=at, unit=unit, attempt=attempt.number, prompt=prompt)
        case Turn(kept=kept):
            yield commands.UnitsStarted(
                at=at, starts=(commands.UnitStart(attempt.unit, attempt.number, kept),)
            )
        case Recovered(kept=kept, answer=answer):
            yield commands.UnitsStarted(
                at=at, starts=(commands.UnitStart(attempt.unit, attempt.number, kept),)
            )
            yield commands.Answered(
                at=at,
                unit=attempt.unit,
                attempt=attempt.number,
                text=answer.text,
                usage=answer.usage,
                mark=answer.mark,
            )
        case _:
            yield commands.UnitsStarted(at=at, starts=(commands.UnitStart(attempt.unit, attempt.number),))


def _reports(session: Session, unit: str, progress: UnitProgress, at: float) -> Iterator[commands.Command]:
    """What a running attempt may report next."""
    about: dict[str, Any] = {"at": at, "unit": unit, "attempt": progress.attempt}
    for fault, usage in ((PASSING, CHEAP), (PASSING, DEAR), (STAYING, CHEAP)):
        yield commands.Faulted(**about, fault=fault, usage=usage, chance=0.0)
    if not progress.agent:
        yield commands.ArtifactWritten(**about, path="a.md", sha256="0", size=1)
        return
    conversation = session.conversation(progress.conversation)
    turn = _turn(session, progress)
    sent = len(conversation.residue)
    if sent < len(turn):
        call = find_call(progress.calls, CALLED)
        if "toolResult" not in turn[sent]["content"][0] or (call is not None and call.result is not None):
            yield _message(about, progress, len(conversation.messages), turn[sent])
        elif call is None or call.attempt != progress.attempt:
            yield commands.ToolStarted(**about, call=CALLED, name=TOOL, input={}, reads_only=False)
        else:
            yield commands.ToolReturned(**about, call=CALLED, result=result())
        return
    for text in ("done", *ANSWERS_DUE.get(unit, ())):
        for usage in (CHEAP,) if session.budgets.max_tokens is None else (CHEAP, DEAR, TOO_DEAR):
            mark = Mark(count=len(conversation.messages), digest="")
            yield commands.Answered(**about, text=text, usage=usage, mark=mark)


def _turn(session: Session, progress: UnitProgress) -> tuple[Json, ...]:
    """The messages of a turn, with a tool call in it where the agent has tools."""
    prompt, asks, returned, answer = turn_of("Go on.", "done")
    return (prompt, asks, returned, answer) if session.spec.agents[progress.agent].tools else (prompt, answer)


def _message(about: Doc, progress: UnitProgress, index: int, message: Json) -> commands.MessageAdded:
    where = {"conversation": progress.conversation, "index": index}
    return commands.MessageAdded(**about, **where, message=message, digest=f"d{index}")


def _reworded(spec: Spec) -> Spec:
    """The spec with other words in its questions, and another way to treat calls in doubt."""
    doc = document(spec)
    for branch in doc["pattern"]["config"].get("branches", ()):
        for step in branch["steps"]:
            if "prompt" in step:
                step["prompt"] = "Shall it go on?"
    return Spec.model_validate(doc | {"description": "reworded"})


def _key(session: Session) -> tuple[object, ...]:
    """What tells two sessions apart: not when and how often things happened, but what may happen next."""
    units = sorted(
        (
            _alike(unit),
            one.running,
            one.faults,
            one.rejections,
            one.attempt > 0,
            one.correction is not None,
            len(session.conversation(one.conversation).residue),
            tuple((call.attempt == one.attempt, call.result is not None, call.settled) for call in one.calls),
        )
        for unit, one in session.progress.items()
    )
    return (
        kind_of_session(session),
        tuple(sorted(_alike(attempt.unit) for attempt in wanted(session))),
        tuple(units),
        tuple(sorted(_alike(gate.unit) for gate in open_gates(session))),
        tuple(sorted(_alike(one.unit) for one in session.done)),
        len(session.artifacts),
        len(session.failures),
        session.spending.usage.total >= (session.budgets.max_tokens or 10_000),
        session.spending.warned,
        session.budgets.max_tokens,
        session.spending.steps >= (session.budgets.max_steps or 10_000),
    )


def _alike(unit: str) -> str:
    """Branches that are made alike have one name here: which of two it is makes no difference."""
    return unit.replace("/a/", "/c/") if unit.startswith("branches/") else unit
