"""How a run ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from durable_core.patterns.base import Finished, Open
from durable_core.session import Session, status, verdict
from durable_core.session.state import WrittenArtifact
from durable_core.types import Usage
from durable_core.views.documents import artifacts_in_order, error_of

RunStatus = Literal["completed", "paused", "failed", "interrupted"]
"""How a run can end: with its result, at a question that nobody has answered (or a tool call in doubt), by a
fault or a used-up budget, or because it was told to stop. All but the first can be resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run of the session ``session_id`` ended.

    ``result`` is the workflow's answer, None unless it is completed. ``error`` says in a sentence why it
    failed, None unless it did. ``usage`` is what the session has cost so far, earlier runs included, in
    tokens. ``artifacts`` are the files that it has written: path below the output folder, SHA-256 (hex) and
    size in bytes, in the order of the spec.
    """

    session_id: str
    status: RunStatus
    result: str | None
    error: str | None
    usage: Usage
    artifacts: tuple[WrittenArtifact, ...]

    @classmethod
    def of(cls, session: Session) -> Outcome:
        """How a run ended that left ``session``."""
        stand = verdict(session)
        return cls(
            session_id=session.id,
            status="interrupted" if isinstance(stand, Open) else _ended(session),
            result=stand.result if isinstance(stand, Finished) else None,
            error=error_of(session),
            usage=session.spending.usage,
            artifacts=artifacts_in_order(session),
        )


def _ended(session: Session) -> RunStatus:
    match status(session):
        case "completed":
            return "completed"
        case "paused":
            return "paused"
        case _:
            return "failed"
