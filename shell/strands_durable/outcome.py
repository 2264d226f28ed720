"""How a run ended."""

from __future__ import annotations

from durable_core.frozen import frozen
from durable_core.patterns.base import Finished
from durable_core.session import Session, verdict
from durable_core.session.scheduling import RestStatus, status_at_rest
from durable_core.session.state import WrittenArtifact
from durable_core.types import Usage
from durable_core.views.documents import artifacts_in_order, error_of

RunStatus = RestStatus
"""How a run can end. All but "completed" can be resumed."""


@frozen(kw_only=True)
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
            status=status_at_rest(session),
            result=stand.result if isinstance(stand, Finished) else None,
            error=error_of(session),
            usage=session.spending.usage,
            artifacts=artifacts_in_order(session),
        )
