"""What a list shows of a session, and which of all sessions a query asks for.

Listing goes through here in every store, so this module must load fast: no dataclasses, no pydantic.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

_JOURNAL_MAY_BE_WHOLE: Final = "the journal may still be whole"


class Listed(NamedTuple):
    """One session in a list. Texts are as ``session.json`` has them, and empty where it has none.

    ``status`` is running, paused, completed or failed as written; ``interrupted`` if it was running and its
    driver is dead; ``damaged`` if ``session.json`` is of no use, and then ``damaged`` is the reason.
    """

    session_id: str
    name: str
    workflow: str
    pattern: str
    status: str
    updated_at: str
    spec_path: str
    spec_hash: str
    folder: str
    created_at: str
    damaged: str | None


class Query(NamedTuple):
    """Which sessions are asked for: those that fit every part that is given."""

    statuses: Collection[str] = ()
    """Statuses as a list shows them; none means any."""
    since: float | None = None
    """Touched at this time or later, in seconds since the epoch. A session of unknown age never is."""
    limit: int | None = None
    """At most so many, the first by session id."""
    after: str = ""
    """Only sessions whose id is above this one: the last id of a list gives the next part of it."""
    workflow: str | None = None
    """Only sessions of the workflow that is called so in its file."""
    name: str | None = None
    """Only sessions that were given this name."""


EVERY: Final = Query()


def matching(sessions: Iterable[Listed], query: Query) -> tuple[Listed, ...]:
    """The sessions that ``query`` asks for, by session id."""
    fitting = (one for one in sessions if one.session_id > query.after and _fits(one, query))
    return tuple(sorted(fitting)[: query.limit])


def summarized(
    session_id: str, document: Mapping[str, Any] | None, *, intact: bool = True, driven: bool = True
) -> Listed:
    """What a list shows of a session whose ``session.json`` is ``document``, None if there is none.

    ``intact`` is whether it is as it was written, ``driven`` whether it has a driver. That matters only
    where the status is running.
    """
    if document is None:
        # The first commit is made before the first views are, so a session that just began looks like this.
        if driven:
            return _entry(session_id, {}, "running")
        return unlistable(session_id, f"session.json is missing; {_JOURNAL_MAY_BE_WHOLE}")
    if not intact:
        reason = f"session.json has changed since it was written; {_JOURNAL_MAY_BE_WHOLE}"
        return unlistable(session_id, reason)
    metadata = document.get("metadata")
    status = metadata.get("status") if isinstance(metadata, Mapping) else None
    if not isinstance(metadata, Mapping) or not isinstance(status, str):
        return unlistable(session_id, f"session.json holds no status; {_JOURNAL_MAY_BE_WHOLE}")
    if status == "running" and not driven:
        status = "interrupted"
    return _entry(session_id, metadata, status)


def unreadable_view(session_id: str) -> Listed:
    """A session whose ``session.json`` is no JSON."""
    return unlistable(session_id, f"session.json is not valid JSON, or is cut off; {_JOURNAL_MAY_BE_WHOLE}")


def unlistable(session_id: str, reason: str) -> Listed:
    """A session of which no more can be shown than the ``reason`` for that."""
    return _entry(session_id, {}, "damaged", reason)


def seconds_of(text: str) -> float | None:
    """The time that a list shows, in seconds since the epoch; None if it is none, or has no zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.tzinfo is None else at.timestamp()


def _fits(one: Listed, query: Query) -> bool:
    if query.statuses and one.status not in query.statuses:
        return False
    if query.workflow not in (None, one.workflow) or query.name not in (None, one.name):
        return False
    if query.since is None:
        return True
    at = seconds_of(one.updated_at)
    return at is not None and at >= query.since


def _entry(session_id: str, metadata: Mapping[str, Any], status: str, damaged: str | None = None) -> Listed:
    def text(key: str) -> str:
        value = metadata.get(key)
        return value if isinstance(value, str) else ""

    return Listed(
        session_id=session_id,
        name=text("name"),
        workflow=text("workflow_name"),
        pattern=text("pattern_type"),
        status=status,
        updated_at=text("updated_at"),
        spec_path=text("spec_path"),
        spec_hash=text("spec_hash"),
        folder=text("folder"),
        created_at=text("created_at"),
        damaged=damaged,
    )
