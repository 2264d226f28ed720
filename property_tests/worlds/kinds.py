"""What kind of state a machine is in: the rows of the tables of transitions.

Kinds are coarse on purpose. Each names a situation in which a person would expect the machine to behave in a
way of its own, whatever the numbers and texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from durable_core.patterns import PATTERNS
from durable_core.patterns.base import (
    AskPerson,
    CallAgent,
    Exhausted,
    Failed,
    Finished,
    Open,
    Request,
    Waiting,
)
from durable_core.patterns.evaluator_optimizer.state import State as Drafting
from durable_core.patterns.graph import machine as graph
from durable_core.patterns.orchestrator_workers.state import State as Rounds
from durable_core.session import Session, open_gates, verdict

Requests = tuple[Request, ...]


def kind_of_pattern(pattern: str, state: Any) -> str:
    """The kind of a pattern's state."""
    machine = PATTERNS[pattern]
    match machine.verdict(state):
        case Finished():
            return _FINISHED.get(pattern, _just_finished)(state)
        case Failed():
            return _FAILED[pattern](state)
        case _:
            return _OPEN[pattern](machine.wanted(state), state)


def kind_of_session(session: Session) -> str:
    """The kind of a session's state."""
    asks = bool(open_gates(session))
    match verdict(session):
        case Open():
            doing = "units are running" if session.running else "something is about to start"
            if session.failures:
                return "units are running, one has failed"
            return f"{doing}, a question is open" if asks else doing
        case Waiting():
            return "waits for an answer" if asks else "waits for word of a tool call"
        case Finished():
            return "completed"
        case Exhausted():
            return "out of budget"
        case Failed(fault=fault):
            if session.failures:
                return "a unit has failed"
            return "a tool call in doubt fails it" if fault.kind == "in_doubt" else "its pattern has failed"
    raise AssertionError("an unknown verdict")


def _chain(requests: Requests, state: Any) -> str:
    (request,) = requests
    if isinstance(request, AskPerson):
        return "a person's step is next"
    return "the first step is next" if request.unit == "steps/0" else "a later step is next"


def _side_by_side(requests: Requests, state: Any) -> str:
    if requests[0].unit == "reduce":
        return f"the reduce step is next, {_whose(requests[0])}"
    if all(isinstance(request, CallAgent) for request in requests):
        return "agents may go on"
    people_only = all(isinstance(request, AskPerson) for request in requests)
    return "people may go on" if people_only else "agents and people may go on"


def _routing(requests: Requests, state: Any) -> str:
    (request,) = requests
    named = {"router": "the router is next", "review_router": "the router's review is next"}
    return named.get(request.unit, f"a step of the route is next, {_whose(request)}")


def _orchestrator_workers(requests: Requests, state: Rounds) -> str:
    request = requests[0]
    if request.unit.endswith("/orchestrator"):
        return "a later plan is next" if state.round else "the first plan is next"
    if request.unit.endswith("/decomposition_review"):
        return "the review of a plan is next"
    if "/workers/" in request.unit:
        return "several workers are left" if len(tuple(state.left)) > 1 else "the last worker is left"
    if request.unit == "reduce_review":
        return "the review of the workers is next"
    return f"{request.unit} is next, {_whose(request)}"


def _evaluator_optimizer(requests: Requests, state: Drafting) -> str:
    (request,) = requests
    part = request.unit.rpartition("/")[2]
    if part == "producer":
        return "a revision is next" if state.drafts else "the first draft is next"
    return "an evaluation is next" if part == "evaluator" else "a person is next"


def _graph(requests: Requests, state: graph.State) -> str:
    (request,) = requests
    again = " again" if not request.unit.endswith("/1") else ""
    if not state.history:
        return f"the first node is next, {_whose(request)}"
    return f"a node is next{again}, {_whose(request)}"


def _whose(request: Request) -> str:
    return "a person's" if isinstance(request, AskPerson) else "an agent's"


def _just_finished(state: Any) -> str:
    return "finished"


def _drafted(state: Drafting) -> str:
    return "finished, accepted" if state.accepted else "finished by a person"


def _walked(state: graph.State) -> str:
    return "lost at a condition" if state.lost is not None else "before a visit too many"


_OPEN: Final[Mapping[str, Callable[[Requests, Any], str]]] = MappingProxyType(
    {
        "chain": _chain,
        "workflow": _side_by_side,
        "parallel": _side_by_side,
        "routing": _routing,
        "orchestrator_workers": _orchestrator_workers,
        "evaluator_optimizer": _evaluator_optimizer,
        "graph": _graph,
    }
)
_FINISHED: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType({"evaluator_optimizer": _drafted})
_FAILED: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType(
    {
        "orchestrator_workers": lambda state: "rejected by a person",
        "evaluator_optimizer": lambda state: "out of iterations",
        "graph": _walked,
    }
)
