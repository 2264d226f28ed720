"""Which session a person means by a word on the command line.

A full id, a unique prefix of at least four characters, a name given with ``--name``, or ``@latest``.
Imports nothing, so that listing sessions stays quick.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

SHORTEST_PREFIX: Final = 4
"""Fewer hex digits than this are more likely a slip than a choice."""

LATEST: Final = "@latest"


class Named(Protocol):
    """What finding needs to know of a session."""

    @property
    def session_id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def updated_at(self) -> str: ...


Anyone = TypeVar("Anyone", bound=Named)


def find(sessions: Sequence[Anyone], word: str) -> tuple[Anyone, ...]:
    """The sessions that ``word`` may mean: none, the one, or all candidates when it is ambiguous.

    A full id comes before a name, a name before a prefix.
    """
    if word == LATEST:
        newest = max(sessions, key=lambda session: (session.updated_at, session.session_id), default=None)
        return () if newest is None else (newest,)
    by_id = tuple(session for session in sessions if session.session_id == word.lower())
    if by_id:
        return by_id
    by_name = tuple(session for session in sessions if session.name and session.name == word)
    if by_name:
        return by_name
    if len(word) < SHORTEST_PREFIX:
        return ()
    return tuple(session for session in sessions if session.session_id.startswith(word.lower()))
