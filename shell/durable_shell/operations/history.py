"""Sessions as their journals tell them. Nothing here changes one, or needs its lease."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from returns.result import Failure

from durable_core.frozen import frozen
from durable_core.journal.verification import Inconsistency, NewerLine, longest, messages_beyond, recount
from durable_core.session import Event, Session
from durable_core.version import VERSION
from durable_core.views.documents import as_left
from durable_shell.errors import StoreFailed, done
from durable_shell.store.digest import chain_digest
from durable_shell.store.disk import in_words
from durable_shell.store.port import Corrupt, Store, StoreError, Unwritable, WrittenByNewer


def load_session(store: Store, session_id: str) -> tuple[tuple[Event, ...], Session]:
    """The events of a session and what they add up to. Raises StoreFailed."""
    entries = done(store.read(session_id))
    counted = recount((entry.event for entry in entries), session_id, chain_digest)
    if isinstance(counted, Failure):
        raise StoreFailed(_store_error(store, session_id, counted.failure()))
    return counted.unwrap()


def load_to_publish(store: Store, session_id: str) -> tuple[tuple[Event, ...], Session]:
    """The same, of a session whose views are to be written: they must not be the only trace of anything.

    Messages that the journal never had may be answers that it lost, and whoever publishes the conversations
    takes them away. Raises StoreFailed.
    """
    events, session = load_session(store, session_id)
    looking = done(store.looking(session_id))
    with contextlib.closing(looking):
        try:
            beyond = looking.messages_beyond(longest(events))
        except OSError as failed:
            raise StoreFailed(Unwritable(looking.path, in_words(failed))) from None
    if beyond:
        raise StoreFailed(Corrupt(session_id, beyond[0], 0, messages_beyond(len(beyond))))
    return events, session


def check_spec_text(store: Store, session_id: str, events: Sequence[Event]) -> None:
    """Whether the workflows of a session are what their texts say. Raises StoreFailed."""
    from durable_core.journal.agreement import check_specs  # here: it reads specs, and showing needs none

    differs = check_specs(events, VERSION)
    if differs is not None:
        raise StoreFailed(_store_error(store, session_id, differs))


def _store_error(store: Store, session_id: str, problem: Inconsistency | NewerLine) -> StoreError:
    match problem:
        case Inconsistency(line, reason):
            return Corrupt(session_id, store.journal_name, line, reason)
        case NewerLine(line, form, program):
            return WrittenByNewer(session_id, store.journal_name, line, form, program)


@frozen()
class ShownSession:
    """A session as it is to be shown, its ``session.json`` as of now, and the events that it is made of."""

    session: Session
    document: dict[str, Any]
    events: tuple[Event, ...]


def show_session_now(store: Store, session_id: str) -> ShownSession:
    """A session folded from its journal, so that a view that is behind never misleads. Raises StoreFailed."""
    events, session = load_session(store, session_id)
    return ShownSession(*as_left(session, driven=store.holder(session_id) is not None), events)
