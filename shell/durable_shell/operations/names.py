"""Names of sessions: a name is taken only if no session has it that is not completed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from durable_core.catalog.listing import Listed
from durable_core.catalog.names import in_use, put_aside
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError, StoreFailed
from durable_shell.operations.history import load_to_publish
from durable_shell.operations.journal_listing import by_journal, completed_by_journals
from durable_shell.operations.lookup import listing
from durable_shell.operations.orders import rename_session
from durable_shell.runtime.view_publisher import Publisher
from durable_shell.store.port import Store, StoreError
from durable_shell.terminal.messages import errors as error_messages


@contextlib.contextmanager
def names_locked(store: Store) -> Iterator[None]:
    """Nobody else names a session meanwhile. Raises StoreFailed."""
    claim = store.naming()
    if isinstance(claim, StoreError):
        raise StoreFailed(claim, kept=False)
    try:
        yield
    finally:
        claim.let_go()


def take_name(
    app: App, store: Store, name: str, *, replace: bool, renamed: Callable[[str, str], object]
) -> None:
    """See that no session that is not completed is called ``name``, the names being locked.

    With ``replace`` those that are get other names, and ``renamed`` is told the id and the new name of each.
    Raises OperationError: the name is in use, or the session that has it can't be renamed now.
    """
    listed = completed_by_journals(store, listing(store, kept=False))
    called = {one.session_id for one in in_use(listed, name)}
    sessions = tuple(_confirmed(store, one) if one.session_id in called else one for one in listed)
    using = in_use(sessions, name)
    if not using:
        return
    aside = put_aside(sessions, name)
    if not replace:
        newest, others = using[0], len(using) - 1
        lines = error_messages.name_in_use(name, newest.session_id, newest.status, aside, others)
        raise OperationError(Exit.USAGE, *lines)
    for one in using:
        aside = put_aside(sessions, name)
        rename_session(app, store, one.session_id, aside)
        renamed(one.session_id, aside)
        sessions += (one._replace(name=aside),)


def _confirmed(store: Store, one: Listed) -> Listed:
    """A session as its journal tells it. Views that a killed driver left behind follow."""
    told = by_journal(store, one)
    if (told.name, told.status) != (one.name, one.status):
        with contextlib.suppress(StoreFailed):
            Publisher(store).publish(load_to_publish(store, one.session_id)[1])
    return told
