"""A session from its history: what its events add up to."""

from __future__ import annotations

from collections.abc import Iterable

from returns.result import Failure, Result, Success

from durable_core.session.events import Event, SessionStarted
from durable_core.session.evolution import evolve_all, start
from durable_core.session.state import Session


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
