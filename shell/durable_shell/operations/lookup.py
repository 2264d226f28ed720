"""From a word to one session."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from durable_core.catalog.listing import EVERY, Listed, Query
from durable_core.catalog.lookup import HERE, RESUMABLE, resumable
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError, StoreFailed, each
from durable_shell.sources.moved import moved_here
from durable_shell.store.disk import in_words
from durable_shell.store.port import Store, Unwritable
from durable_shell.terminal.messages import errors as error_messages


def listing(store: Store, query: Query = EVERY, *, kept: bool = True) -> tuple[Listed, ...]:
    """The sessions that ``query`` asks for.

    Raises StoreFailed when they can't be read as a whole; ``kept`` is as there.
    """
    try:
        return store.list(query)
    except OSError as error:
        raise _unreadable(store, error, kept=kept) from None


def choose(app: App, store: Store, word: str, *, exactly: bool = False) -> Listed:
    """The session that ``word`` means (see ``durable_core.catalog.lookup``). Raises OperationError.

    A name of several means the one that is not completed, unless one is asked for ``exactly``.
    """
    if word == HERE:
        cwd = str(app.environment.cwd)
        here = resumable([one for one in listing(store, Query(statuses=RESUMABLE)) if _is_of(one, cwd)])
        if not here:
            raise OperationError(Exit.USAGE, *error_messages.none_here())
        return here[0]
    try:
        found = store.find(word)
    except OSError as error:
        raise _unreadable(store, error) from None
    if not found:
        found = _found_by_journals(store, word)
    if not found:
        raise OperationError(Exit.USAGE, *error_messages.session_not_found(word))
    if len(found) > 1 and not exactly:
        from durable_core.catalog.names import meant  # here: a name of several is rare

        found = meant(found, word)
    if len(found) > 1:
        lines = (f"{one.session_id}  {one.workflow}  {one.status}  {one.updated_at}" for one in found)
        raise OperationError(Exit.USAGE, *error_messages.session_ambiguous(word, lines))
    return found[0]


def _found_by_journals(store: Store, word: str) -> tuple[Listed, ...]:
    """The sessions that are called ``word``, and of which a list tells nothing."""
    untold = [one for one in listing(store) if one.damaged is not None]
    if not untold:
        return ()
    from durable_core.catalog.lookup import find
    from durable_shell.operations.journal_listing import completed_by_journals  # here: it brings the core

    return find(completed_by_journals(store, untold), word)


def _is_of(session: Listed, folder: str) -> bool:
    """Whether a session was started in ``folder``, or in a folder that is this one now."""
    if session.folder == folder:
        return True
    return moved_here(session.folder, session.spec_path, session.spec_hash, folder) is not None


def choose_all(app: App, store: Store, words: Sequence[str]) -> tuple[Listed, ...]:
    """The sessions that ``words`` mean exactly, each once; the error tells of every word that means none."""
    chosen = each(partial(choose, app, store, word, exactly=True) for word in words)
    return tuple(dict.fromkeys(chosen))


def _unreadable(store: Store, error: OSError, *, kept: bool = True) -> StoreFailed:
    return StoreFailed(Unwritable(str(error.filename or store.url), in_words(error)), kept=kept)
