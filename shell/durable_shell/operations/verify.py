"""Comparing one session's files with each other, and writing views anew. What it means the core says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from returns.result import Failure, Success

from durable_core.journal.verification import (
    Finding,
    Inconsistency,
    Loss,
    check_conversations,
    earlier_states,
    judge_journal,
    judge_views,
    loss,
    recount,
)
from durable_core.session import Event, replay
from durable_core.session.resume import edited_variables
from durable_shell.providers.digest import chain_digest
from durable_shell.runtime.view_publisher import all_views
from durable_shell.store.files.mending import Journal, Mending
from durable_shell.store.port import Views


@dataclass(frozen=True, slots=True)
class Examined:
    """What a session's files hold: the events that can be trusted, and all that is not as it should be.

    ``lost`` is what stands behind them and would go with a cut.
    """

    events: tuple[Event, ...]
    findings: tuple[Finding, ...]
    lost: Loss

    @property
    def damaged(self) -> bool:
        """Whether the session is not whole."""
        return any(finding.damage for finding in self.findings)


def examine(mending: Mending, session_id: str, *, was_cut: bool = False) -> Examined:
    """Look at every file of a session and change none. Raises OSError where that can't be done.

    With ``was_cut`` it is known, and no finding, that session.json is ahead of the journal.
    """
    path = f"{mending.path}/journal.jsonl"
    try:
        journal = mending.journal(was_cut=was_cut)
    except FileNotFoundError:
        missing = judge_journal(path, Inconsistency(0, "the journal is missing"), 0, good=0)
        return Examined((), missing, Loss((), 0))
    events, misfit = _judged(journal, session_id)
    findings = judge_journal(path, misfit, journal.good.torn, good=len(events))
    behind = [{"event": entry.event} for entry in journal.good.entries[len(events) :]]
    lost = loss([*behind, *map(_parsed, journal.after)])
    if misfit is not None and not (behind or journal.after):
        lost = Loss((), 1)  # what session.json shows beyond the journal is nowhere to be read
    if misfit is None:
        findings += _view_findings(mending, events)
    return Examined(events, findings, lost)


def rebuild(mending: Mending, examined: Examined) -> tuple[str, ...]:
    """Write anew, or remove, each view that has a finding; gives their paths. Raises OSError.

    Variables that a person edited in session.json stay edited.
    """
    begin = f"{mending.path}/"
    paths = tuple(finding.path.removeprefix(begin) for finding in examined.findings if finding.line == 0)
    if paths:
        views = _views(examined.events)
        edits = edited_variables(examined.events, mending.session_view())
        variables = {**views.session["variables"], **edits}
        mending.rebuild(paths, views._replace(session={**views.session, "variables": variables}))
    return paths


def _judged(journal: Journal, session_id: str) -> tuple[tuple[Event, ...], Inconsistency | None]:
    """The events that can be trusted, and what is wrong with the line after them."""
    wires = [entry.event for entry in journal.good.entries]
    match recount(wires, session_id):
        case Failure(Inconsistency(line) as misfit):
            before = recount(wires[: max(0, line - 1)], session_id)
            return before.map(lambda counted: counted[0]).value_or(()), misfit
        case Success((events, _)):
            pass
    disagreement = check_conversations(events, chain_digest)
    if disagreement is not None:
        return events[: disagreement.line - 1], disagreement
    if journal.damage is not None:
        return events, Inconsistency(journal.damage.line, journal.damage.reason)
    return events, None


def _view_findings(mending: Mending, events: tuple[Event, ...]) -> tuple[Finding, ...]:
    def earlier() -> Iterator[dict[str, str]]:
        for count in earlier_states(mending.session_view(), len(events)):
            yield mending.differences(_views(events[:count]))

    return judge_views(mending.differences(_views(events)), earlier(), folder=mending.path)


def _views(events: tuple[Event, ...]) -> Views:
    return all_views(replay(events).unwrap())


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
