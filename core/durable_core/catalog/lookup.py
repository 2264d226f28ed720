"""Which session a person means by a word on the command line.

A full id, a unique prefix of at least four characters, a name given with ``--name``, ``@latest``, or
``@here`` for the newest session that was started in this folder and can be resumed.
Imports nothing of ours, so that listing sessions stays quick.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, Protocol, TypeVar

SHORTEST_PREFIX: Final = 4
"""Fewer hex digits than this are more likely a slip than a choice."""

CUT: Final = "..."
"""What messages and lists put behind an id that they cut, and people copy with it."""

LATEST: Final = "@latest"

HERE: Final = "@here"

RESUMABLE: Final = frozenset({"failed", "paused", "interrupted"})
"""The statuses, as shown, of sessions that can be resumed and have no driver."""


_SESSION_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def valid_session_id(text: str) -> bool:
    """Whether ``text`` is a full session id: lower-case UUID text. Nothing else becomes part of a path."""
    return _SESSION_ID.fullmatch(text) is not None


class Named(Protocol):
    """What finding needs to know of a session."""

    @property
    def session_id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def updated_at(self) -> str: ...


class Placed(Named, Protocol):
    """What finding needs to know of a session that may be resumed."""

    @property
    def status(self) -> str: ...

    @property
    def folder(self) -> str: ...

    @property
    def spec_path(self) -> str: ...

    @property
    def spec_hash(self) -> str: ...


NamedSession = TypeVar("NamedSession", bound=Named)
PlacedSession = TypeVar("PlacedSession", bound=Placed)


def resumable(
    sessions: Iterable[PlacedSession],
) -> tuple[PlacedSession, ...]:
    """The sessions that can be resumed, the newest first."""
    return newest_first(session for session in sessions if session.status in RESUMABLE)


def newest_first(sessions: Iterable[NamedSession]) -> tuple[NamedSession, ...]:
    """The sessions, the most recently touched first."""
    return tuple(sorted(sessions, key=_recency, reverse=True))


def _recency(session: Named) -> tuple[str, str]:
    return session.updated_at, session.session_id


def find(sessions: Sequence[NamedSession], word: str) -> tuple[NamedSession, ...]:
    """The sessions that ``word`` may mean: none, the one, or all candidates when it is ambiguous.

    A full id comes before a name, a name before a prefix.
    """
    if word == LATEST:
        newest = max(sessions, key=_recency, default=None)
        return () if newest is None else (newest,)
    by_id = tuple(session for session in sessions if session.session_id == word.lower())
    if by_id:
        return by_id
    by_name = tuple(session for session in sessions if session.name and session.name == word)
    if by_name:
        return by_name
    prefix = word.lower().removesuffix(CUT)
    if len(prefix) < SHORTEST_PREFIX:
        return ()
    return tuple(session for session in sessions if session.session_id.startswith(prefix))
