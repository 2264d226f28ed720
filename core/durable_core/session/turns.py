"""What goes out to a model and what comes back: the data of the model port.

A turn is everything that one attempt of one unit needs, so that the shell adds nothing of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from durable_core.conversation import Mark, Memory
from durable_core.spec.settings import ModelSettings
from durable_core.words import Fault, Json, UnitId, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One attempt of one unit, ready to be sent.

    ``history`` holds the conversation's messages before this turn and ``digest`` their chain digest;
    ``memory`` is the agent's memory at that point. ``tools`` narrows the agent's tools for this step.
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
    tools: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The model answered; ``mark`` is where that left the conversation."""

    text: str
    usage: Usage
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The attempt ended without an answer; ``usage`` is what it cost all the same."""

    fault: Fault
    usage: Usage
