"""What a list shows of a session whose session.json tells nothing: its journal tells the same."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from returns.result import Failure

from durable_core.catalog.listing import Listed, summarized
from durable_core.catalog.names import last_name
from durable_core.journal.verification import recount
from durable_core.views.documents import as_left
from durable_shell.store.digest import chain_digest
from durable_shell.store.port import Store


def completed_by_journals(store: Store, sessions: Iterable[Listed]) -> tuple[Listed, ...]:
    """The ``sessions``; each of which a list tells nothing as its journal tells it.

    A damaged journal still tells the name.
    """
    return tuple(by_journal(store, one) if is_untold(one) else one for one in sessions)


def is_untold(one: Listed) -> bool:
    """Whether a list tells no more of a session than that it is there."""
    return one.damaged is not None or not one.workflow


def by_journal(store: Store, one: Listed) -> Listed:
    """What a list would show of a session if its views were never behind, or ``one`` if nobody can tell."""
    looked = store.looking(one.session_id)
    if isinstance(looked, Failure):
        return one
    with contextlib.closing(looked.unwrap()) as looking:
        try:
            journal, driven = looking.journal(), looking.holder() is not None
        except OSError:
            return one
    events = [entry.event for entry in journal.entries]
    counted = recount(events, one.session_id, chain_digest)
    if journal.damage is not None or isinstance(counted, Failure):
        return one._replace(name=last_name(events), status="damaged")
    _, document = as_left(counted.unwrap()[1], driven=driven)
    return summarized(one.session_id, document, driven=driven)
