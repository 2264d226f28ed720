"""A new session: everything is checked, then it begins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from durable_core.catalog.earlier import begun_before
from durable_core.catalog.listing import Listed, Query
from durable_core.catalog.lookup import RESUMABLE
from durable_core.frozen import frozen
from durable_core.session import Options, SessionStarted, start
from durable_core.spec.secrets import Vault
from durable_core.types import Json
from durable_shell.app import App
from durable_shell.errors import done
from durable_shell.operations.inputs import variables_for
from durable_shell.operations.lookup import listing
from durable_shell.operations.preflight import check_artifacts, check_before_run
from durable_shell.runtime.runner import Ready
from durable_shell.runtime.writer import this_program
from durable_shell.sources.secrets import open_vault
from durable_shell.sources.spec_file import Loaded, folder_of
from durable_shell.store.port import Store


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

    def variables_of(session: Listed) -> Json:
        return (store.session_view(session.session_id).value_or(None) or {}).get("variables")

    return begun_before(
        listing(store, Query(statuses=RESUMABLE), kept=False),
        spec_path=wanted.source.path,
        spec_hash=wanted.source.sha256,
        is_gone=lambda path: not Path(path).exists(),
        variables=wanted.variables,
        variables_of=variables_of,
    )


def start_session(app: App, store: Store, new: NewSession) -> Ready:
    """Begin a session: nobody else sees it before its first commit. Raises OperationError.

    Whoever drives it gives its lease back.
    """
    first = new.first
    check_artifacts(first.spec, Path(first.options.out), force=first.options.force)
    done(store.create(first.session_id), kept=False)
    lease = done(store.lease(first.session_id, now=first.at), kept=False)
    return Ready(
        session=start(first),
        first=(first,),
        store=store,
        lease=lease,
        open_models=lambda: app.open_models(new.folder, new.vault),
        closed=app.closed_folders,
    )
