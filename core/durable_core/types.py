"""The words that every machine shares: unit ids, token usage, faults.

Nothing here does anything; these are the common nouns, so that the patterns, the session
machine and the shell mean the same thing by the same name.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from durable_core.bounds import MOST_COUNTED
from durable_core.frozen import frozen

Json = Any
"""A JSON value: None, bool, int, float, str, or lists and str-keyed mappings of these."""


class _Bounded:
    """Tells pydantic, which is not imported for it, what a count may be."""

    @staticmethod
    def __get_pydantic_core_schema__(source: Any, handler: Any) -> Any:
        return {**handler(source), "ge": 0, "le": MOST_COUNTED}


Counted = Annotated[int, _Bounded]
"""How many, or which one: tokens, attempts, indexes. A journal that says less than 0 is refused."""

UnitId = str
"""A unit's path in its pattern, such as ``steps/2`` or ``rounds/1/workers/3``. Stable across resumes."""

UnitStatus = Literal["pending", "running", "waiting", "completed", "failed"]
"""How far a unit is: it will be tried (again), an attempt runs, a person is asked, it is done, it failed.

A unit whose process died is ``running`` until the session is resumed: only then is its attempt given up.
"""

FaultKind = Literal[
    "throttled",  # the provider asked us to slow down (429)
    "timeout",  # no answer in time
    "connection",  # no connection, or it broke (hang-up)
    "server",  # the provider failed (5xx)
    "refused",  # the provider understood and refused (4xx: key, model name, content)
    "empty",  # the answer held no text
    "limit",  # the agent used up its model calls for one unit
    "malformed",  # a JSON answer was due and did not come, however often we asked
    "template",  # a template of the spec could not be rendered
    "artifact",  # an artifact's path or text was unusable
    "pattern",  # the pattern itself ended without success (draft not accepted, say)
    "in_doubt",  # a tool call may have run or not, and the spec says to fail then
    "unexplained",  # an exception that no rule knows
]

TRANSIENT: Final[frozenset[FaultKind]] = frozenset({"throttled", "timeout", "connection", "server"})
"""The only faults that are retried (semantics, section 5)."""


@frozen()
class Usage:
    """Tokens as the provider reported them, in tokens."""

    input_tokens: Counted = 0
    output_tokens: Counted = 0

    @property
    def total(self) -> int:
        """Input plus output tokens."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens)

    def at_least(self, other: Usage) -> Usage:
        """This usage, or ``other`` where that is more."""
        return Usage(max(self.input_tokens, other.input_tokens), max(self.output_tokens, other.output_tokens))


@frozen()
class Fault:
    """Why an attempt did not succeed.

    ``message`` tells people what happened; ``retry_after`` is the provider's own wish, in
    seconds, when it gave one.
    """

    kind: FaultKind
    message: str
    retry_after: float | None = None

    @property
    def transient(self) -> bool:
        """Whether trying again may help."""
        return self.kind in TRANSIENT
