"""Comparing one session's files with each other, and writing views anew. What it means the core says."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from returns.result import Failure, Success

from durable_core.frozen import frozen
from durable_core.journal.agreement import check_specs
from durable_core.journal.examination import Examination, examined
from durable_core.journal.verification import (
    Finding,
    Inconsistency,
    LineBehind,
    NewerLine,
    earlier_states,
    first_newer,
    judge_views,
    longest,
    loss,
    recount,
)
from durable_core.session import Event, replay
from durable_core.session.resume import edited_variables
from durable_core.version import VERSION
from durable_shell.errors import StoreFailed, done
from durable_shell.runtime.view_publisher import all_views
from durable_shell.store.digest import chain_digest
from durable_shell.store.disk import in_words
from durable_shell.store.port import Looking, Mending, Store, StoredJournal, Unwritable, Views

_LOOKS: Final = 3
"""How often a session is looked at that is found at rest and has been driven before the look ended."""


def verify_session(store: Store, session_id: str) -> Examination:
    """Compare every file of a session with its journal, or the journal alone while somebody drives it.

    Changes nothing and keeps nobody from driving; raises StoreFailed.
    """
    looking = done(store.looking(session_id))
    with contextlib.closing(looking), disk_errors_at(looking.path):
        for _ in range(_LOOKS):
            token = looking.token()
            if looking.holder() is not None:
                break
            seen = examine(looking, session_id)
            if looking.holder() is None and looking.token() == token:
                return seen
        return examine(looking, session_id, driven=True)


@contextlib.contextmanager
def disk_errors_at(path: str) -> Iterator[None]:
    """An OSError inside becomes StoreFailed, about what is at ``path``."""
    try:
        yield
    except OSError as failed:
        raise StoreFailed(Unwritable(path, in_words(failed))) from None


def examine(looking: Looking, session_id: str, *, was_cut: bool = False, driven: bool = False) -> Examination:
    """Look at every file of a session and change none. Raises OSError where that can't be done.

    With ``was_cut`` it is known, and no finding, that session.json is ahead of the journal. Of a session that
    is ``driven`` only the journal is looked at.
    """
    journal = looking.journal(was_cut=was_cut)
    events, wrong = _judged(journal, session_id)
    untrusted = (*journal.entries[len(events) :], *journal.behind)
    lost = loss(
        [None if entry is None else LineBehind(entry.seq, entry.event) for entry in untrusted],
        good=len(events),
        shown=journal.shown,
        messages=0 if was_cut or driven else len(looking.messages_beyond(longest(events))),
    )
    return examined(
        looking.journal_path,
        events,
        wrong,
        _newer(journal, len(events)),
        torn=journal.torn,
        lost=lost,
        driven=driven,
        view_findings=lambda: _view_findings(looking, events),
    )


@frozen()
class Rebuilt:
    """The paths of the views that were written anew, and those under which others are kept that were in no
    conversation."""

    views: tuple[str, ...]
    aside: tuple[str, ...]


def rebuild(mending: Mending, seen: Examination) -> Rebuilt:
    """Write each view that has a finding anew, or move it aside. Raises OSError.

    Variables that a person edited in session.json stay edited.
    """
    aside: tuple[str, ...] = ()
    if seen.views:
        views = _views(seen.events)
        edits = edited_variables(seen.events, mending.session_view())
        variables = {**views.session["variables"], **edits}
        edited = views._replace(session={**views.session, "variables": variables})
        aside = mending.rebuild(seen.views, edited)
    gone = {path.rpartition(".damaged-")[0] for path in aside}
    return Rebuilt(tuple(path for path in seen.views if path not in gone), aside)


def _judged(journal: StoredJournal, session_id: str) -> tuple[tuple[Event, ...], Inconsistency | None]:
    """The events that can be trusted, and what is wrong with the line after them."""
    if not journal.entries and journal.damage is not None:
        return (), Inconsistency(journal.damage.line, journal.damage.reason)
    wires = [entry.event for entry in journal.entries]
    match recount(wires, session_id, chain_digest):
        case Failure(Inconsistency(line) as wrong):
            return _counted(wires[: max(0, line - 1)], session_id), wrong
        case Failure(NewerLine(line)):
            events = _counted(wires[: line - 1], session_id)
        case Success((events, _)):
            pass
    differs = check_specs(events, VERSION)
    if differs is not None:
        return events[: differs.line - 1], differs
    if journal.damage is not None:
        return events, Inconsistency(journal.damage.line, journal.damage.reason)
    return events, None


def _counted(wires: Sequence[Any], session_id: str) -> tuple[Event, ...]:
    """The events of ``wires``, which are known to recount, or to be none."""
    return recount(wires, session_id, chain_digest).map(lambda counted: counted[0]).value_or(())


def _newer(journal: StoredJournal, trusted: int) -> NewerLine | None:
    """The first line behind the first ``trusted`` that a later version wrote, damage before it or not."""
    found = first_newer((entry.event for entry in journal.entries[trusted:]), line=trusted + 1)
    if found is None and journal.damage is not None:
        unharmed = (None if entry is None else entry.event for entry in journal.behind)
        found = first_newer(unharmed, line=max(1, journal.damage.line))
    return found


def _view_findings(looking: Looking, events: tuple[Event, ...]) -> tuple[Finding, ...]:
    def earlier() -> Iterator[dict[str, str]]:
        for count in earlier_states(looking.session_view(), len(events)):
            yield looking.differences(_views(events[:count]))

    return judge_views(looking.differences(_views(events)), earlier(), folder=looking.path)


def _views(events: tuple[Event, ...]) -> Views:
    return all_views(replay(events).unwrap())
