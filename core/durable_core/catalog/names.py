"""Names of sessions: which are in use, and what a session is called that gives its name away.

A name is in use by the session that has it until that is completed: so whoever says the name of work that is
not done means one session, and a script that says it again never pays for that work a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import chain, count
from typing import Final

from durable_core.catalog.lookup import NamedSession, PlacedSession, newest_first
from durable_core.types import Json

COMPLETED: Final = "completed"
"""The one status, as shown, of sessions that are done for good."""

_NAMING: Final = ("session_started/", "session_renamed/")


def in_use(sessions: Iterable[PlacedSession], name: str) -> tuple[PlacedSession, ...]:
    """The sessions called ``name`` that are not completed, the newest first.

    More than one has it only where that could not be prevented: on a folder without shared locks, or by a
    version of this program that let them.
    """
    return newest_first(one for one in sessions if one.name == name and one.status != COMPLETED)


def meant(found: Collection[PlacedSession], word: str) -> tuple[PlacedSession, ...]:
    """Those of the sessions that ``word`` may mean which are meant where it is the name of several: the ones
    that are not completed, if there are any."""
    return in_use(found, word) or tuple(found)


def last_name(wires: Iterable[Json]) -> str:
    """The name that the events of a journal give, encoded as they are: all that a damaged one tells of it."""
    name = ""
    for event in wires:
        if isinstance(event, Mapping) and str(event.get("type")).startswith(_NAMING):
            name = str(event.get("name") or "")
    return name


def put_aside(sessions: Iterable[NamedSession], name: str) -> str:
    """What the session called ``name`` is called from when another has its name: what none is called yet."""
    taken = {one.name for one in sessions}
    tries = chain((f"{name}.old",), (f"{name}.old-{number}" for number in count(2)))
    return next(new for new in tries if new not in taken)
