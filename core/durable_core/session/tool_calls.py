"""Tool calls: what is known of each call that a unit's agent has made and whose result it does not have yet.

A call is journalled before it runs and again when it returned. One that was started by an attempt that no
longer runs, and never returned, is *in doubt*: it may have done its work or not. A tool that only reads is
simply called again; for any other the spec decides (``tools.in_doubt``), else a person does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from durable_core.frozen import frozen
from durable_core.session.conversation import tool_results
from durable_core.spec.models import InDoubtPolicy
from durable_core.types import Json

CallOutcome = Literal["done", "retry"]
"""How a person settles a call that is in doubt: it did its work, or it is to be called again."""


@frozen(kw_only=True)
class ToolCall:
    """One call, started by attempt ``attempt`` of its unit at ``at`` (seconds since the epoch).

    ``call`` names it among the calls of one message: the model's own id for it. ``result`` is what the agent
    gets, in the SDK's form (``{"toolUseId", "status", "content"}``), None while that is not known.
    """

    call: str
    name: str
    input: Json
    reads_only: bool
    attempt: int
    at: float
    result: Json | None = None
    settled: CallOutcome | None = None

    @property
    def outcome_unknown(self) -> bool:
        """Whether only its tool knows what became of it, and that matters. True also while it runs."""
        return self.result is None and not self.reads_only and self.settled is None


Calls = tuple[ToolCall, ...]
"""The calls of one unit whose results are in no message yet, in the order in which they were started."""


def find_call(calls: Calls, call: str) -> ToolCall | None:
    """The call named ``call``, or None."""
    return next((one for one in calls if one.call == call), None)


def started(calls: Calls, new: ToolCall) -> Calls:
    """``calls`` after ``new`` was started, in the place of an earlier try of the same call."""
    return (*(one for one in calls if one.call != new.call), new)


def returned(calls: Calls, call: str, result: Json) -> Calls:
    """``calls`` after the one named ``call`` gave its result."""
    return tuple(replace(one, result=result) if one.call == call else one for one in calls)


def settled(calls: Calls, call: str, outcome: CallOutcome, result: Json | None) -> Calls:
    """``calls`` after a person settled the one named ``call``."""
    return tuple(replace(one, settled=outcome, result=result) if one.call == call else one for one in calls)


def after_message(calls: Calls, message: Json) -> Calls:
    """``calls`` after ``message`` joined the conversation: results in it are known for good."""
    return () if tool_results(message) else calls


def result_of_done(call: ToolCall, text: str) -> Json:
    """The result that the agent gets for a call that a person settled as done, with ``text`` in it."""
    return {"toolUseId": tool_use_id(call.call), "status": "success", "content": [{"text": text}]}


def results(calls: Calls, policies: dict[str, InDoubtPolicy]) -> dict[str, Json]:
    """The results that the agent gets for ``calls`` without running them, by call.

    ``policies`` are those of the calls that are in doubt, by call.
    """
    known = {one.call: one.result for one in calls if one.result is not None}
    skipped = {one.call: _result_of_skipped(one) for one in calls if policies.get(one.call) == "skip"}
    return known | skipped


def tool_use_id(call: str) -> str:
    """The model's id of a call: its name without the number that two calls of one id differ in."""
    return call.partition(SAME_ID)[0]


SAME_ID = "##"
"""Separates a model's id from a number where one message uses the id for several calls."""


def _result_of_skipped(call: ToolCall) -> Json:
    text = (
        f"The call of {call.name} was interrupted. Whether it did its work is not known, "
        "and it was not called again."
    )
    return {"toolUseId": tool_use_id(call.call), "status": "error", "content": [{"text": text}]}
