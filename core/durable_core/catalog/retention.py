"""Retention: which sessions go, given what a list shows of them. Pure: the time arrives as data."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final, Protocol, TypeVar

from durable_core.catalog.listing import seconds_of
from durable_core.frozen import frozen
from durable_core.persistent.frozen_dict import FrozenDict

DEFAULT_AGE_S: Final = 30 * 86400.0
"""How old a session must be to go, in seconds, when a person names neither an age nor a number to keep."""

DEFAULT_STATUSES: Final = ("completed",)
"""What goes when a person names no status: all other sessions can still be resumed."""

_UNIT_S: Final = FrozenDict(s=1.0, m=60.0, h=3600.0, d=86400.0, w=7 * 86400.0)
_AGE: Final = re.compile(r"([0-9]{1,6})([smhdw])")


class Kept(Protocol):
    """What retention needs to know of a session. ``updated_at`` is ISO 8601 with a zone, or empty."""

    @property
    def session_id(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def updated_at(self) -> str: ...


KeptSession = TypeVar("KeptSession", bound=Kept)


@frozen(kw_only=True)
class RetentionRule:
    """Sessions in one of ``statuses`` go, if they were not touched for ``older_than`` seconds (None: whatever
    their age) and are not among the ``keep`` newest of them."""

    older_than: float | None = DEFAULT_AGE_S
    statuses: Collection[str] = DEFAULT_STATUSES
    keep: int = 0


def parse_age(text: str) -> float | None:
    """An age such as ``30d``, ``12h``, ``30m``, ``2w`` or ``90s``, in seconds; None if it is none."""
    found = _AGE.fullmatch(text)
    return None if found is None else int(found[1]) * _UNIT_S[found[2]]


def outdated(sessions: Iterable[KeptSession], rule: RetentionRule, *, now: float) -> tuple[KeptSession, ...]:
    """The sessions that go at ``now`` (seconds since the epoch), the oldest first.

    A session that has a driver never goes, nor one of unknown age.
    """
    dated = [(seconds_of(one.updated_at), one.session_id, one) for one in sessions if _may_go(one, rule)]
    known = sorted(((at, key, one) for at, key, one in dated if at is not None), key=lambda row: row[:2])
    surplus = known[: max(0, len(known) - rule.keep)]
    return tuple(one for at, _, one in surplus if rule.older_than is None or now - at >= rule.older_than)


def _may_go(one: Kept, rule: RetentionRule) -> bool:
    return one.status in rule.statuses and one.status != "running"
