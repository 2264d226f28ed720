"""What the pattern wants and its verdict, worked out once a state.

Both follow from the pattern's state alone, and are asked for several times between two changes of it: by
each commit of a row of starts, when these are decided, and when messages come in.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Generic, TypeVar

from durable_core.patterns import PATTERNS, base
from durable_core.session.state import Session

Projected = TypeVar("Projected")


class This(Generic[Projected]):
    """A state as a key. It equals itself alone: to compare states takes longer than to ask them."""

    __slots__ = ("state",)

    def __init__(self, state: Projected) -> None:
        """``state`` is of a pattern, or of a session."""
        self.state = state

    def __eq__(self, other: object) -> bool:
        return isinstance(other, This) and self.state is other.state

    def __hash__(self) -> int:
        return 0  # no more than two keys are ever compared


def requests(session: Session) -> tuple[base.Request, ...]:
    """What the pattern wants done, whatever of it runs already."""
    return _requests(session.spec.pattern.type, This(session.pattern))


def pattern_verdict(session: Session) -> base.PatternVerdict:
    """The verdict of the pattern alone."""
    return _verdict(session.spec.pattern.type, This(session.pattern))


@lru_cache(maxsize=2)
def _requests(pattern: str, this: This[Any]) -> tuple[base.Request, ...]:
    return PATTERNS[pattern].wanted(this.state)


@lru_cache(maxsize=2)
def _verdict(pattern: str, this: This[Any]) -> base.PatternVerdict:
    return PATTERNS[pattern].verdict(this.state)
