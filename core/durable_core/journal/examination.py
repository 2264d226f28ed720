"""What an examination of a session's files found, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from durable_core.journal.verification import Finding, Loss, NewerLine
from durable_core.session import Event


@dataclass(frozen=True, slots=True)
class Examination:
    """What a session's files hold: the events that can be trusted, and all that is not as it should be.

    ``lost`` is what stands behind them and would go with a cut. ``newer`` is a line that a later version
    wrote: where there is one, nothing may be cut or written anew.
    """

    events: tuple[Event, ...]
    findings: tuple[Finding, ...]
    lost: Loss
    newer: NewerLine | None = None

    @property
    def whole(self) -> bool:
        """Whether every file of the session is known to be right, or will be with the next resume."""
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
        """Whether a repair takes away what was completed."""
        return self.cuts and not self.lost.nothing

    @property
    def views(self) -> tuple[str, ...]:
        """The views that are to be written anew, by their paths below the session."""
        return tuple(finding.view for finding in self.findings if finding.view is not None)
