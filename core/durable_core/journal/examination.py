"""What an examination of a session's files found, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable

from durable_core.frozen import frozen
from durable_core.journal.verification import Finding, Inconsistency, Loss, NewerLine, judge_journal
from durable_core.session import Event


@frozen()
class Examination:
    """What a session's files hold: the events that can be trusted, and all that is not as it should be.

    ``lost`` is what comes after them and would go with a repair. ``newer`` is a line that a later version
    wrote: where there is one, nothing may be cut or written anew. While somebody drives it, a session is
    ``driven``: its journal grows and its views follow, so that neither its end nor they were looked at.
    """

    events: tuple[Event, ...]
    findings: tuple[Finding, ...]
    lost: Loss
    newer: NewerLine | None = None
    driven: bool = False

    @property
    def whole(self) -> bool:
        """Whether every file that was looked at is known to be right, or will be with the next resume."""
        return self.newer is None and not any(finding.damage for finding in self.findings)

    @property
    def hopeless(self) -> bool:
        """Whether no repair of this version can help."""
        return any(finding.remedy in ("delete", "upgrade") for finding in self.findings)

    @property
    def cuts(self) -> bool:
        """Whether a repair cuts the journal, be it only of a half-written end."""
        return any(finding.remedy == "cut" or finding.line > 0 for finding in self.findings)

    @property
    def loses_work(self) -> bool:
        """Whether a repair takes away what was paid for, or may have been."""
        return (self.cuts and not self.lost.nothing) or self.lost.messages > 0

    @property
    def views(self) -> tuple[str, ...]:
        """The views that are to be written anew, by their paths below the session."""
        return tuple(finding.view for finding in self.findings if finding.view is not None)


def examined(
    path: str,
    events: tuple[Event, ...],
    wrong: Inconsistency | None,
    newer: NewerLine | None,
    *,
    torn: int,
    lost: Loss,
    driven: bool,
    view_findings: Callable[[], tuple[Finding, ...]],
) -> Examination:
    """What the journal at ``path`` and the views add up to.

    ``events`` can be trusted; a line that is ``wrong``, or ``newer``, comes after them. ``torn`` is the
    length in bytes of a half-written end, ``lost`` what a repair may lose.
    ``view_findings`` is asked only if the journal is right: otherwise there is nothing to hold views to; and
    only if the session is not ``driven``: otherwise they may be of another moment.
    """
    found = judge_journal(path, wrong, 0 if driven else torn, good=len(events), newer=newer)
    if wrong is None and newer is None and not driven:
        found += view_findings()
    return Examination(events, found, lost, newer, driven)
