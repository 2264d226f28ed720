"""A session is resumed: what was completed, what changed in the world meanwhile, and what a person wishes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from returns.result import Failure

from durable_core.frozen import frozen
from durable_core.session import Session
from durable_core.session.budgets import BUDGETS, whole_limit
from durable_core.session.resume import (
    NotResumable,
    Resumption,
    SpecNow,
    Wishes,
    edited_variables,
    not_resumable,
    resume,
)
from durable_core.session.state import BudgetName
from durable_core.types import Json
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError, done
from durable_shell.operations.history import check_spec_text, load_to_publish
from durable_shell.operations.inputs import variables_for
from durable_shell.operations.origin import Trusts, check_origin, nobody_trusts
from durable_shell.operations.preflight import check_before_run
from durable_shell.operations.whereabouts import check_artifact_folder, spec_now, whereabouts_named
from durable_shell.runtime.runner import Ready
from durable_shell.runtime.view_publisher import Publisher
from durable_shell.runtime.writer import this_program
from durable_shell.sources.moved import folder_is_gone
from durable_shell.sources.secrets import open_vault
from durable_shell.sources.spec_file import folder_of
from durable_shell.store.port import Lease, Store
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.messages import run as run_messages


@frozen()
class Resumed:
    """A session that can be driven on: as it was, what is to be told of it, and as it is ready now."""

    before: Session
    resumption: Resumption
    ready: Ready


def resume_session(  # noqa: PLR0913  # keywords, each with a default
    app: App,
    store: Store,
    lease: Lease,
    *,
    wishes: Wishes | None = None,
    values: Mapping[str, Json] | None = None,
    texts: Mapping[str, str] | None = None,
    from_snapshot: bool = False,
    spec_path: str | None = None,
    trusts: Trusts = nobody_trusts,
) -> Resumed:
    """Make the leased session ready to be driven on. Nothing is committed; raises OperationError.

    Variables come as JSON ``values`` and as ``texts``, which come before them. The spec is the file as it is
    now, at ``spec_path`` if that is given, unless the session's own is asked for with ``from_snapshot``. The
    lease stays the caller's. ``trusts`` is asked of a session that came from elsewhere, once.
    """
    values, texts = values or {}, texts or {}
    events, before = load_to_publish(store, lease.session_id)
    over = not_resumable(before)
    if over is not None:
        raise _refused(store, before, over)
    check_spec_text(store, before.id, events)
    file = None if from_snapshot else spec_now(app, before, spec_path)
    spec = file.spec if isinstance(file, SpecNow) else before.spec
    # without the view there is no telling what a person edited in it, and driving on would write over that
    edits = edited_variables(events, done(store.session_view(before.id)))
    variables = variables_for(spec, values={**before.variables, **edits, **values}, texts=texts)
    outcome = resume(
        before,
        at=app.clock.now(),
        file=file,
        variables=variables,
        edited=tuple(edits),
        wishes=wishes or Wishes(),
        writer=this_program(),
        folder_gone=folder_is_gone(before.options.folder),
    )
    if isinstance(outcome, Failure):
        raise _refused(store, before, outcome.failure())
    resumption = outcome.unwrap()
    now = resumption.session
    check_origin(store, now, trusts)
    check_artifact_folder(now)
    with whereabouts_named(now):
        begun = now.spec == before.spec
        check_before_run(app, now.source.path or "the spec", now.spec, now.source, variables, begun=begun)
    folder = folder_of(now.source, app.environment.cwd)
    vault = open_vault(app.environment.env, now.spec, folder, {**values, **texts})
    ready = Ready(
        session=now,
        first=resumption.events,
        store=store,
        lease=lease,
        open_models=lambda: app.open_models(folder, vault),
        closed=app.closed_folders,
    )
    return Resumed(before, resumption, ready)


def _views_mended(store: Store, session: Session) -> tuple[str, ...]:
    """A driver killed right after its last commit left them behind, and nobody will drive again."""
    published = Publisher(store).publish(session)
    return (error_messages.views_behind(published.failure()),) if isinstance(published, Failure) else ()


def _refused(store: Store, session: Session, refusal: NotResumable) -> OperationError:
    match refusal.kind:
        case "completed":
            behind = _views_mended(store, session)
            return OperationError(Exit.USAGE, *behind, *error_messages.session_completed(session.id))
        case "spec":
            lines = run_messages.spec_meaningless(refusal.reason, session.id)
            return OperationError(Exit.INVALID_SPEC, *lines)
        case "wish":
            return OperationError(Exit.USAGE, error_messages.error(refusal.reason))


def wanted_budgets(given: Iterable[tuple[str, str | float]]) -> tuple[tuple[BudgetName, float], ...]:
    """The budgets that a person sets for a session that goes on. Raises OperationError, exit 2."""
    known: dict[str, BudgetName] = {name: name for name in BUDGETS}
    wanted = []
    for name, value in given:
        limit = whole_limit(value)
        if name not in known or limit is None:
            raise OperationError(Exit.USAGE, error_messages.bad_budget(name, str(value), known))
        wanted.append((known[name], limit))
    return tuple(wanted)
