"""Changes of a spec: whether a pattern can continue under another one.

Prompts and what is still to come may change. What is completed must still be in the spec, and of its kind: an
agent's work must not become a question to a person, nor the other way round.

Units with ids are found by their ids. Steps in a row have none, only their places, so a step put in front of
a completed one would take its answer. A completed step is therefore the step at its place only while that has
the same kind and agent, and while nothing says that the row has shifted: neither does an exact copy of the
completed step stand elsewhere in the changed row, nor has another step of the earlier row come to its place.
Any other difference is an edited text, which people make to mend a prompt (semantics, section 3).
"""

from __future__ import annotations

from typing import Final

from returns.result import Failure, Result, Success

from durable_core.patterns.base import Respecified, Respecify, Unusable
from durable_core.spec.models import HumanStep, Step

Row = tuple[Step | HumanStep, ...]
"""Steps one after another, as a spec has them."""

_NAMED: Final = 3
"""How many steps in conflict a message names: a step put in front of a long row moves each of them."""


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


def row_conflict(before: Row, after: Row, *, done: int) -> str | None:
    """Why the first ``done`` steps of ``before``, which are completed, can't be those of ``after``, as a
    sentence that names them; None when they are the same steps.
    """
    conflicts = [
        f"step {index} is completed, but the changed spec {conflict}"
        for index in range(done)
        if (conflict := _step_conflict(before, after, index)) is not None
    ]
    if not conflicts:
        return None
    more = len(conflicts) - _NAMED
    return "; ".join(conflicts[:_NAMED]) + (f"; and so on for {more} more" if more > 0 else "")


def _step_conflict(before: Row, after: Row, index: int) -> str | None:
    """Why the step at ``index`` of ``after`` is not the one of ``before``, as the end of a sentence."""
    old = before[index]
    if index < len(after) and after[index] == old:
        return None
    if index >= len(after):
        return f"has only {len(after)} steps"
    if old in after:
        return f"has it as step {after.index(old)}"
    new = after[index]
    if new in before:
        return f"has step {before.index(new)} in its place"
    if isinstance(old, HumanStep) or isinstance(new, HumanStep):
        return None if type(old) is type(new) else "makes another kind of it"
    return None if old.agent == new.agent else f"has it done by {new.agent}, not by {old.agent}"
