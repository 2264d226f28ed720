"""What goes out to a model and what comes back: the data of the model port.

A turn is everything that one attempt of one unit needs, so that the shell adds nothing of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from pydantic import BaseModel

from durable_core.frozen import frozen
from durable_core.session.conversation import Mark, Memory
from durable_core.spec.settings import ModelSettings, TurnLimits
from durable_core.spec.tool_refs import ToolRef
from durable_core.types import Fault, Json, UnitId, Usage


@frozen(kw_only=True)
class Turn:
    """One attempt of one unit, ready to be sent.

    ``history`` holds the conversation's messages so far and ``digest`` their chain digest; ``memory`` is the
    agent's memory at that point. When the turn ``goes_on``, the last ``kept`` of them are from an earlier
    attempt that sent ``prompt`` already: the agent continues from there, and it is not sent again.
    ``returned`` then holds the results of tool calls that must not be run again, by call. ``tools``
    are the agent's, for this step; ``deny_network`` forbids the network to those that are ours. ``session``
    is the session's id. ``limits`` says how long the turn may take. ``answer_type`` is the JSON that is due,
    as a type; None for plain text.
    """

    unit: UnitId
    attempt: int
    agent: str
    conversation: str
    system_prompt: str
    prompt: str
    settings: ModelSettings
    history: tuple[Json, ...]
    digest: str
    memory: Memory
    kept: int = 0
    returned: Mapping[str, Json] = field(default_factory=dict)
    tools: tuple[ToolRef, ...] = ()
    deny_network: bool = False
    session: str = ""
    limits: TurnLimits = TurnLimits()
    answer_type: type[BaseModel] | None = None

    @property
    def goes_on(self) -> bool:
        """Whether this attempt continues a turn that an earlier one began."""
        return self.kept > 0


@frozen(kw_only=True)
class Answer:
    """The model answered; ``mark`` is where that left the conversation."""

    text: str
    usage: Usage
    mark: Mark


@frozen(kw_only=True)
class NoAnswer:
    """The attempt ended without an answer; ``usage`` is what it cost all the same."""

    fault: Fault
    usage: Usage
