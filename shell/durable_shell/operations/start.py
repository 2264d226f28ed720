"""A new session: everything is checked, then it begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from durable_core.catalog.earlier import begun_before
from durable_core.catalog.listing import Listed, Query
from durable_core.catalog.lookup import RESUMABLE
from durable_core.frozen import frozen
from durable_core.journal import codec
from durable_core.session import Options, SessionStarted, start
from durable_core.spec.secrets import Vault
from durable_core.types import Json
from durable_shell.app import App
from durable_shell.errors import done
from durable_shell.operations.history import load_session
from durable_shell.operations.inputs import variables_for
from durable_shell.operations.lookup import listing
from durable_shell.operations.preflight import check_artifacts, check_before_run
from durable_shell.runtime.runner import Ready
from durable_shell.runtime.view_publisher import Publisher
from durable_shell.runtime.writer import this_program
from durable_shell.sources.secrets import open_vault
from durable_shell.sources.spec_file import Loaded, folder_of
from durable_shell.store.port import Lease, Store


@frozen()
class NewSession:
    """A session that may begin: its first event, its secrets, and where relative paths begin."""

    first: SessionStarted
    vault: Vault
    folder: Path


def prepare_session(
    app: App,
    loaded: Loaded,
    *,
    path: str = "the spec",
    values: Mapping[str, Json] | None = None,
    texts: Mapping[str, str] | None = None,
    options: Options | None = None,
    name: str | None = None,
) -> NewSession:
    """Check all that a run of a spec needs. Writes nothing; raises OperationError.

    ``path`` is what messages call the spec. Variables come as JSON ``values`` and as ``texts``, which come
    before them. Without ``options`` artifacts go into the folder ``artifacts``.
    """
    spec, source = loaded.spec, loaded.source
    values, texts = values or {}, texts or {}
    cwd = app.environment.cwd
    folder = folder_of(source, cwd)
    variables = variables_for(spec, values=values, texts=texts)
    check_before_run(app, path, spec, source, variables)
    vault = open_vault(app.environment.env, spec, folder, {**values, **texts})
    first = SessionStarted(
        at=app.clock.now(),
        session_id=app.ids.session_id(),
        spec=spec,
        source=source,
        variables=variables,
        options=options or Options(out=str(cwd / "artifacts"), folder=str(cwd)),
        name=name,
        writer=this_program(),
    )
    return NewSession(first, vault, folder)


def earlier_session(store: Store, wanted: SessionStarted) -> Listed | None:
    """The newest session of the same spec file and variables that can be resumed, if there is one.

    Raises StoreFailed.
    """
    if wanted.source.path is None:
        return None
    from durable_shell.operations.journal_listing import completed_by_journals  # here: few ask for this

    def variables_of(session: Listed) -> Json:
        view = store.session_view(session.session_id).value_or(None) or {}
        if "variables" in view:
            return view["variables"]
        return load_session(store, session.session_id)[1].variables

    return begun_before(
        completed_by_journals(store, listing(store, Query(statuses={*RESUMABLE, "damaged"}), kept=False)),
        spec_path=wanted.source.path,
        spec_hash=wanted.source.sha256,
        is_gone=lambda path: not Path(path).exists(),
        variables=wanted.variables,
        variables_of=variables_of,
        name=wanted.name or None,
    )


def start_session(
    app: App,
    store: Store,
    new: NewSession,
    *,
    replace: bool = False,
    renamed: Callable[[str, str], object] = lambda _id, _name: None,
) -> Ready:
    """Begin a session: nobody else sees it before its first commit. Raises OperationError.

    One with a name is committed here, before any other can take that name, and raises OperationError if it is
    in use. With ``replace`` the session that has it is called otherwise from then on, and ``renamed`` is told
    its id and its new name. Whoever drives the new one gives its lease back.
    """
    first = new.first
    check_artifacts(first.spec, Path(first.options.out), force=first.options.force)
    if first.name:
        from durable_shell.operations.names import names_locked, take_name  # here: many have no name

        with names_locked(store):
            take_name(app, store, first.name, replace=replace, renamed=renamed)
            lease = _leased(store, first)
            _commit(store, lease, first)
    else:
        lease = _leased(store, first)
    return Ready(
        session=start(first),
        first=(first,),
        store=store,
        lease=lease,
        open_models=lambda: app.open_models(new.folder, new.vault),
        closed=app.closed_folders,
        begun=bool(first.name),
    )


def _leased(store: Store, first: SessionStarted) -> Lease:
    done(store.create(first.session_id), kept=False)
    return done(store.lease(first.session_id, now=first.at), kept=False)


def _commit(store: Store, lease: Lease, first: SessionStarted) -> None:
    """Commit the first event, and show the session: others see the name."""
    try:
        done(store.append(lease, 0, first.at, [codec.encode(first)]), kept=False)
    except BaseException:
        store.release(lease)
        raise
    # where this fails the journal tells the name, and the driver tries again
    Publisher(store).publish(start(first))
