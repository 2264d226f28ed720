"""A session goes on: what was completed, what changed in the world meanwhile, and what a person wishes."""

from __future__ import annotations

from returns.result import Failure, Success

from durable_core.patterns.base import Finished
from durable_core.session import Session, verdict
from durable_core.session.resume import (
    Notice,
    NotResumable,
    Resumption,
    SnapshotTaken,
    SpecGone,
    SpecNow,
    SpecTaken,
    VariablesTaken,
    Wishes,
    edited_variables,
    resume,
)
from durable_core.session.state import BudgetName
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.cleanup import tidy
from durable_shell.operations.history import load_session
from durable_shell.operations.preflight import sdk_models
from durable_shell.operations.start import (
    Stopped,
    check_before_run,
    read_retention,
    report_trouble,
    variables_for,
)
from durable_shell.runtime.clock import SystemClock
from durable_shell.runtime.progress_events import narrate_done
from durable_shell.runtime.runner import Run, conduct
from durable_shell.runtime.view_publisher import Publisher
from durable_shell.runtime.writer import this_program
from durable_shell.sources.secrets import open_vault
from durable_shell.sources.spec_file import Loaded, Unreadable, folder_of, load_spec
from durable_shell.store.files.locks import Locked
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Lease, StoreError
from durable_shell.terminal import Progress, open_progress
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.messages.store_errors import store_error
from durable_shell.terminal.plain import say


def take_up(
    arguments: Arguments, environment: Environment, session_id: str, locked: Locked, command: str
) -> int:
    """Go on with the session whose lock we have, and give the exit code.

    ``command`` is what others are told that we do.
    """
    store = FileStore(environment.home, command=command)
    store.adopt(session_id, locked)
    match store.lease(session_id, now=SystemClock().now()):
        case Success(lease):
            try:
                return _go_on(arguments, environment, store, lease)
            finally:
                store.release(lease)
        case Failure(error):
            return _tell(environment, error)
    raise AssertionError(session_id)


def _go_on(arguments: Arguments, environment: Environment, store: FileStore, lease: Lease) -> int:
    retention = read_retention(environment)
    if isinstance(retention, Exit):
        return retention
    if lease.torn_bytes:
        say(environment.stderr, run_messages.torn_end_dropped(lease.torn_bytes))
    ended = _under_lease(arguments, environment, store, lease)
    if retention is not None and ended == Exit.DONE:
        tidy(environment.home, retention, now=SystemClock().now(), spare=lease.session_id)
    return ended


def _under_lease(arguments: Arguments, environment: Environment, store: FileStore, lease: Lease) -> int:
    taken = _take_up(arguments, environment, store, lease.session_id)
    if isinstance(taken, Exit):
        return taken
    before, resumption = taken
    folder = folder_of(before.source, environment.cwd)
    vault = open_vault(environment, resumption.session.spec, folder, dict(arguments.pairs("--var")))
    if isinstance(vault, Failure):
        return Exit(vault.failure())
    progress = open_progress(
        environment, quiet=arguments.flag("--quiet"), verbose=arguments.flag("--verbose")
    )
    progress.note(run_messages.resuming(lease.session_id))
    for notice in resumption.notices:
        _show(progress, notice)
    narrate_done(progress, before)
    return conduct(
        Run(
            environment=environment,
            progress=progress,
            store=store,
            lease=lease,
            models=sdk_models(environment, folder, vault.unwrap()),
            saved=True,
            resumed=True,
            as_json=arguments.flag("--json"),
            may_ask=environment.can_ask and not arguments.flag("--no-input"),
        ),
        resumption.session,
        resumption.events,
    )


def _take_up(
    arguments: Arguments, environment: Environment, store: FileStore, session_id: str
) -> tuple[Session, Resumption] | Stopped:
    """The session as it was and as it goes on, or the exit code after saying why it can't."""
    match load_session(store, session_id):
        case Success((events, session)):
            pass
        case Failure(error):
            return _tell(environment, error)
    if isinstance(verdict(session), Finished):
        _mend_views(environment, store, session)
        return _refused(environment, session, NotResumable("completed", "nothing is left to do"))
    file = _spec_file(arguments, environment, session)
    if isinstance(file, Exit):
        return file
    spec = file.spec if isinstance(file, SpecNow) else session.spec
    match store.session_view(session_id):
        case Success(view):
            edits = edited_variables(events, view)
        case Failure(error):  # going on would write over what a person may have edited in it
            return _tell(environment, error)
    resolved = variables_for(
        environment,
        spec,
        file={**session.variables, **edits},
        given=dict(arguments.pairs("--var")),
        ask=False,
    )
    wishes = _wishes(arguments, environment)
    if isinstance(wishes, Exit):
        return wishes
    match resolved:
        case Success(variables):
            pass
        case Failure(code):
            return Exit(code)
    outcome = resume(
        session,
        at=SystemClock().now(),
        file=file,
        variables=variables,
        edited=tuple(edits),
        wishes=wishes,
        writer=this_program(),
    )
    match outcome:
        case Success(resumption):
            path = session.source.path or "the spec"
            now = resumption.session
            stopped = check_before_run(environment, path, now.spec, now.source, variables)
            return (session, resumption) if stopped is None else stopped
        case Failure(refusal):
            return _refused(environment, session, refusal)
    raise AssertionError(outcome)


def _mend_views(environment: Environment, store: FileStore, session: Session) -> None:
    """A driver killed right after its last commit left them behind, and nobody will drive again."""
    published = Publisher(store).publish(session)
    if isinstance(published, Failure):
        say(environment.stderr, error_messages.views_behind(published.failure()))


def _spec_file(
    arguments: Arguments, environment: Environment, session: Session
) -> SpecNow | SpecGone | Stopped | None:
    path = session.source.path
    if path is None or arguments.text("--spec-from") == "snapshot":
        return None
    match load_spec(path, environment.cwd):
        case Success(Loaded(spec, source)):
            return SpecNow(spec, source)
        case Failure(Unreadable(missing=True)):
            return SpecGone(path)
        case Failure(trouble):
            code = report_trouble(environment, path, trouble)
            say(environment.stderr, run_messages.snapshot_hint(session.id))
            return code
    raise AssertionError(path)


def _wishes(arguments: Arguments, environment: Environment) -> Wishes | Stopped:
    names: dict[str, BudgetName] = {
        "max_tokens": "max_tokens",
        "max_steps": "max_steps",
        "max_duration_s": "max_duration_s",
    }
    budgets = []
    for name, text in arguments.pairs("--budget"):
        if name not in names or not text.isascii() or not text.isdecimal() or int(text) < 1:
            say(environment.stderr, error_messages.bad_budget(name, text, names))
            return Exit.USAGE
        budgets.append((names[name], float(text)))
    out = arguments.text("--out")
    return Wishes(
        answer=arguments.text("--hitl-response"),
        gate=arguments.text("--gate"),
        budgets=tuple(budgets),
        out=None if out is None else str(environment.cwd / out),
        force=arguments.flag("--force"),
    )


def _refused(environment: Environment, session: Session, refusal: NotResumable) -> Stopped:
    match refusal.kind:
        case "completed":
            say(environment.stderr, error_messages.session_completed(session.id))
            return Exit.USAGE
        case "spec":
            say(environment.stderr, *run_messages.spec_meaningless(refusal.reason, session.id))
            return Exit.INVALID_SPEC
        case "wish":
            say(environment.stderr, error_messages.error(refusal.reason))
            return Exit.USAGE


def _show(progress: Progress, notice: Notice) -> None:
    match notice:
        case SpecTaken(original, current, changes):
            for line in run_messages.spec_changed(original, current, changes):
                progress.warn(line)
        case SnapshotTaken(path):
            progress.warn(run_messages.spec_gone(path))
        case VariablesTaken(names):
            progress.warn(run_messages.variables_edited(names))


def _tell(environment: Environment, error: StoreError) -> Stopped:
    lines, code = store_error(error)
    say(environment.stderr, *lines)
    return code
