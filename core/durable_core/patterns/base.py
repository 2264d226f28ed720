"""The shape that all seven patterns share.

The machine of a pattern is five pure functions over a frozen state::

    initial(spec)           -> State
    decide(state, command)  -> Result[tuple[Event, ...], Refusal]
    evolve(state, event)    -> State
    wanted(state)           -> tuple[Request, ...]
    verdict(state)          -> Open | Waiting | Finished | Failed

``wanted`` is a projection: what may run now follows from the state alone, so after a crash nothing has
to be remembered but the events. A report that comes late or twice decides nothing (``()``). ``Exhausted``
is the session's verdict alone, because budgets are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final, NamedTuple

from pydantic import BaseModel

from durable_core.frozen import frozen
from durable_core.spec.models import Spec
from durable_core.types import Fault, Json, UnitId

SUCCESS: Final = "success"
"""The ``status`` of what is completed, in the word that specs of the v0 format compare it with."""

APPROVED: Final = "approved"
"""A reviewer's answer that accepts an agent's choice or plan."""

REASKS: Final = 2
"""How often an agent whose JSON answer can't be read is asked again, where the spec says nothing else
(semantics, section 3)."""

# --- requests: what the core wants done --------------------------------------------------------------


class CallAgent(NamedTuple):
    """Ask a model.

    ``input`` is a template, ``place`` where it is in the spec, ``context`` what the pattern lets it
    see (variables are added below it by the session). ``conversation`` names the one that this unit
    continues. ``shape`` is the JSON that is due, in words for the model, or None for plain text;
    ``answer_type`` is the same for providers that can hold a model to a type. ``lenient`` leaves names
    that are unknown as written, as in an agent's own prompt.
    """

    unit: UnitId
    title: str
    agent: str
    conversation: str
    input: str
    place: str
    context: Mapping[str, object]
    tools: tuple[str, ...] | None = None
    shape: str | None = None
    answer_type: type[BaseModel] | None = None
    lenient: bool = False


class AskPerson(NamedTuple):
    """Ask a person: a gate.

    ``prompt`` and ``display`` are templates. ``default`` is taken for an empty answer and at the timeout
    (``timeout_seconds`` after the gate opened). ``pattern`` is a regular expression that the whole answer
    must match.
    """

    unit: UnitId
    title: str
    prompt: str
    place: str
    context: Mapping[str, object]
    display: str | None = None
    default: str | None = None
    timeout_seconds: float | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()


Request = CallAgent | AskPerson

# --- commands: what is reported to a pattern ---------------------------------------------------------


@frozen()
class Completed:
    """A model answered ``unit`` with ``text`` and it took ``tokens`` (input plus output).

    ``variables`` are the session's: patterns keep none, and a graph's conditions may name them.
    """

    unit: UnitId
    text: str
    tokens: int
    variables: Mapping[str, Json] = field(default_factory=dict)


@frozen()
class Responded:
    """A person answered the gate ``unit``; ``prompt`` is what they saw, ``variables`` the session's."""

    unit: UnitId
    prompt: str
    text: str
    variables: Mapping[str, Json] = field(default_factory=dict)


@frozen()
class Respecify:
    """The spec file changed; can the pattern continue under ``spec``? ``variables`` are the session's."""

    spec: Spec
    variables: Mapping[str, Json] = field(default_factory=dict)


PatternCommand = Completed | Responded | Respecify


@frozen()
class Respecified:
    """Decided: the pattern continues under ``spec`` and the session's ``variables``; one of them changed.

    Not on the wire itself: the session's event is.
    """

    spec: Spec
    variables: Mapping[str, Json] = field(default_factory=dict)


# --- refusals: why a command decides no event --------------------------------------------------------


@frozen()
class Malformed:
    """The model's answer does not have the shape that is due; ``problem`` is sent back to it.

    ``reasks`` is how often this unit may be asked again before it fails.
    """

    problem: str
    reasks: int = REASKS


@frozen()
class Unusable:
    """A person's answer or a changed spec makes no sense here; ``problem`` is shown to the person."""

    problem: str


Refusal = Malformed | Unusable

# --- verdicts ----------------------------------------------------------------------------------------


@frozen()
class Open:
    """Something is wanted."""


@frozen()
class Waiting:
    """Nothing can run before a person answers one of ``gates``, or settles a tool call of such a unit."""

    gates: tuple[UnitId, ...]


@frozen()
class Finished:
    """All is done; ``result`` is the answer, ``context`` what artifacts may use."""

    result: str
    context: Mapping[str, object] = field(default_factory=dict)


@frozen()
class Failed:
    """It ended without success at ``unit`` for the reason in ``fault``; ``kept`` is the best there is."""

    unit: UnitId
    fault: Fault
    kept: str | None = None


@frozen()
class Exhausted:
    """A budget is used up: ``spent`` of ``limit`` (tokens, units or seconds, as ``budget`` says)."""

    budget: str
    limit: float
    spent: float


PatternVerdict = Open | Waiting | Finished | Failed
Verdict = Open | Waiting | Finished | Failed | Exhausted
