"""Changes of a spec: whether a pattern can continue under another one.

Prompts, agents and what is still to come may change. What is completed must still be in the spec, and of its
kind: an agent's work must not become a question to a person, nor the other way round.
"""

from __future__ import annotations

from returns.result import Failure, Result, Success

from durable_core.patterns.base import Respecified, Respecify, Unusable
from durable_core.spec.models import HumanStep


def respecified(command: Respecify, conflict: str | None) -> Result[tuple[Respecified, ...], Unusable]:
    """The event of a changed spec, or a refusal if it is in ``conflict`` with what is completed."""
    if conflict is not None:
        return Failure(Unusable(conflict))
    return Success((Respecified(command.spec, command.variables),))


def conflict_with(completed: str, part: object | None, *, by_person: bool, missing: str) -> str | None:
    """Why ``completed`` (such as ``task draft``) cannot be ``part`` of the changed spec, as a sentence.

    ``by_person`` is whether a person answered it, and not an agent. ``missing`` ends the sentence when
    ``part`` is None: ``has no such task``. None when there is no conflict.
    """
    if part is None:
        return f"{completed} is completed, but the changed spec {missing}"
    if by_person != isinstance(part, HumanStep):
        return f"{completed} is completed, but the changed spec makes another kind of it"
    return None
