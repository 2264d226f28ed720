"""Tool calls in doubt: which they are, and what that means for their unit and for the session.

A projection, as everything here: the policy is looked up in the spec as it is now, so that changing it is one
way out, and settling the call is the other.
"""

from __future__ import annotations

from durable_core.frozen import frozen
from durable_core.patterns.base import Failed
from durable_core.session.projections import requests
from durable_core.session.state import Session, UnitProgress
from durable_core.session.tool_calls import ToolCall, results
from durable_core.spec.models import InDoubtPolicy
from durable_core.spec.tool_refs import policy_for
from durable_core.types import Fault, Json, UnitId


@frozen(kw_only=True)
class Doubt:
    """A call of ``unit`` that may have done its work or not, and its policy in the spec."""

    unit: UnitId
    call: ToolCall
    policy: InDoubtPolicy


def doubts(session: Session) -> tuple[Doubt, ...]:
    """The calls that stop their unit, oldest first: those whose policy is ask or fail."""
    stopped = [
        Doubt(unit=unit, call=call, policy=policy)
        for unit, progress in session.progress.items()
        if progress.calls and not progress.running
        for call, policy in _unknown(session, progress)
        if policy in ("ask", "fail")
    ]
    if not stopped:
        return ()
    # a changed spec may have done away with the unit
    requested = {request.unit for request in requests(session)}
    found = [doubt for doubt in stopped if doubt.unit in requested]
    return tuple(sorted(found, key=lambda doubt: (doubt.call.at, doubt.unit, doubt.call.call)))


def doubt_failure(found: tuple[Doubt, ...]) -> Failed | None:
    """The verdict on a session with a call in doubt whose policy is fail; None when there is none."""
    for doubt in found:
        if doubt.policy == "fail":
            call = f"the tool {doubt.call.name} was called and never returned (call {doubt.call.call})"
            return Failed(doubt.unit, Fault("in_doubt", f"{call}: it may have done its work or not"))
    return None


def results_to_send(session: Session, progress: UnitProgress) -> dict[str, Json]:
    """The results that the agent gets for calls of an earlier attempt without running them, by call."""
    policies = {call.call: policy for call, policy in _unknown(session, progress)}
    return results(progress.calls, policies)


def _unknown(session: Session, progress: UnitProgress) -> list[tuple[ToolCall, InDoubtPolicy]]:
    return [(call, policy_for(session.spec, call.name)) for call in progress.calls if call.outcome_unknown]
