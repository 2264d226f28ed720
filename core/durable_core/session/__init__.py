"""The session machine: everything that the seven patterns share.

Theory of operation. A session is its events. ``start`` makes the first state of the first event,
``evolve`` folds each later one in, and ``replay`` does both for a whole journal. From a state follow
``wanted`` (the attempts that may start), ``verdict`` (where it stands) and, for each attempt about to
start, its ``brief`` (what to send or write, with all templates rendered). Whoever carries briefs out
reports back with commands; ``decide`` turns a command into events, or into nothing when it is stale.

    state = replay(events)
    while verdict(state) is Open:
        for attempt in wanted(state):       # start it, carry out brief(state, attempt), report
            ...
        state = evolve_all(state, decide(state, report))

Nothing here knows a pattern by name, has a clock, or touches the world.
"""

from __future__ import annotations

from collections.abc import Iterable

from returns.result import Failure, Result, Success

from durable_core.session.decide import decide
from durable_core.session.doubts import Doubt, doubts
from durable_core.session.events import Event, SessionStarted
from durable_core.session.evolve import evolve, evolve_all, given_up, start
from durable_core.session.rendering import ArtifactText, Brief, Question, Recovered, brief
from durable_core.session.scheduling import Attempt, WriteArtifact, open_gates, status, verdict, wanted
from durable_core.session.state import Options, Session, Source
from durable_core.session.turns import Answer, NoAnswer, Turn

__all__ = [
    "Answer",
    "Attempt",
    "Brief",
    "ArtifactText",
    "Doubt",
    "Event",
    "NoAnswer",
    "Options",
    "Question",
    "Recovered",
    "Session",
    "SessionStarted",
    "Source",
    "Turn",
    "WriteArtifact",
    "brief",
    "decide",
    "doubts",
    "evolve",
    "evolve_all",
    "given_up",
    "open_gates",
    "replay",
    "start",
    "status",
    "verdict",
    "wanted",
]


def replay(events: Iterable[Event]) -> Result[Session, str]:
    """The session that a journal's events add up to, or why they are none."""
    remaining = iter(events)
    match next(remaining, None):
        case SessionStarted() as first:
            return Success(evolve_all(start(first), remaining))
        case None:
            return Failure("the journal holds no event")
        case other:
            return Failure(f"the journal begins with {other.type}, not with session_started")
