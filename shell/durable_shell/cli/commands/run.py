"""``strands run SPEC``: a new session."""

from __future__ import annotations

from pathlib import Path

from returns.result import Failure, Success

from durable_core.catalog.lookup import resumable
from durable_core.persistent.frozen_dict import freeze
from durable_core.session import Options, SessionStarted, start
from durable_core.spec.secrets import Vault
from durable_shell.cli.commands.resume import go_on
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.cleanup import tidy
from durable_shell.operations.lookup import all_sessions
from durable_shell.operations.preflight import sdk_models
from durable_shell.operations.start import (
    Stopped,
    artifact_in_the_way,
    check_before_run,
    read_retention,
    read_spec,
    read_variables,
    variables_for,
)
from durable_shell.runtime.clock import RandomIds, SystemClock
from durable_shell.runtime.runner import Run, conduct
from durable_shell.runtime.writer import this_program
from durable_shell.sources.secrets import open_vault
from durable_shell.sources.spec_file import Loaded, folder_of
from durable_shell.store.files.listing import Listed
from durable_shell.store.files.store import FileStore
from durable_shell.store.memory import MemoryStore
from durable_shell.store.port import Store
from durable_shell.terminal import open_progress
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.messages.store_errors import store_error
from durable_shell.terminal.plain import say


def run(arguments: Arguments, environment: Environment) -> int:
    """Check everything, then begin a session and run it."""
    retention = read_retention(environment)
    if isinstance(retention, Exit):
        return retention
    made = _prepare(arguments, environment)
    if isinstance(made, Exit):
        return made
    prepared, vault = made
    if arguments.flag("--auto-resume"):
        earlier = _earlier(environment, prepared)
        if isinstance(earlier, Exit):
            return earlier
        if earlier is not None:
            return go_on(arguments, environment, earlier.session_id)
    options = prepared.options
    taken = artifact_in_the_way(environment, prepared.spec, Path(options.out), force=options.force)
    if taken is not None:
        return taken
    saved = not arguments.flag("--no-save-session")
    command = f"strands run {arguments.word('SPEC')}"
    store: Store = FileStore(environment.home, command=command) if saved else MemoryStore()
    progress = open_progress(
        environment, quiet=arguments.flag("--quiet"), verbose=arguments.flag("--verbose")
    )
    created = store.create(prepared.session_id)
    leased = created.bind(lambda _: store.lease(prepared.session_id, now=prepared.at))
    if isinstance(leased, Failure):
        lines, code = store_error(leased.failure())
        say(environment.stderr, *lines)
        return code
    ended = conduct(
        Run(
            environment=environment,
            progress=progress,
            store=store,
            lease=leased.unwrap(),
            models=sdk_models(environment, folder_of(prepared.source, environment.cwd), vault),
            greeting=_greeting(prepared, saved=saved),
            saved=saved,
            resumed=False,
            as_json=arguments.flag("--json"),
            may_ask=environment.can_ask and not arguments.flag("--no-input"),
        ),
        start(prepared),
        (prepared,),
    )
    if saved and retention is not None and ended == Exit.DONE:
        tidy(environment.home, retention, now=SystemClock().now(), spare=prepared.session_id)
    return ended


def _earlier(environment: Environment, wanted: SessionStarted) -> Listed | Stopped | None:
    """The newest session of the same spec file and variables that can go on, if there is one."""
    known = all_sessions(environment)
    if isinstance(known, Exit) or wanted.source.path is None:
        return known if isinstance(known, Exit) else None
    store = FileStore(environment.home)
    for session in resumable(known, spec_path=wanted.source.path):
        view = store.session_view(session.session_id).value_or({}) or {}
        if freeze(view.get("variables")) == freeze(wanted.variables):
            return session
    return None


def _greeting(session: SessionStarted, *, saved: bool) -> tuple[str, ...]:
    named = (run_messages.session_id_line(session.session_id),) if saved else ()
    return (*named, run_messages.running_workflow(session.spec.name))


def _prepare(arguments: Arguments, environment: Environment) -> tuple[SessionStarted, Vault] | Stopped:
    """The first event of the new session and its secrets, or the exit code after saying what is wrong."""
    path = arguments.word("SPEC")
    match read_spec(environment, path), read_variables(environment, arguments.text("--var-file")):
        case (Failure(code), _) | (_, Failure(code)):
            return Exit(code)
        case Success(Loaded(spec, source)), Success(file):
            pass
    resolved = variables_for(
        environment,
        spec,
        file=file,
        given=dict(arguments.pairs("--var")),
        ask=arguments.flag("--ask") and environment.can_ask and not arguments.flag("--no-input"),
    )
    match resolved:
        case Failure(code):
            return Exit(code)
        case Success(variables):
            pass
    out = environment.cwd / (arguments.text("--out") or "artifacts")
    stopped = check_before_run(environment, path, spec, source, variables)
    if stopped is not None:
        return stopped
    vault = open_vault(
        environment,
        spec,
        folder_of(source, environment.cwd),
        {**file, **dict(arguments.pairs("--var"))},
    )
    if isinstance(vault, Failure):
        return Exit(vault.failure())
    first = SessionStarted(
        at=SystemClock().now(),
        session_id=RandomIds().session_id(),
        spec=spec,
        source=source,
        variables=variables,
        options=Options(out=str(out), force=arguments.flag("--force"), folder=str(environment.cwd)),
        name=arguments.text("--name"),
        writer=this_program(),
    )
    return first, vault.unwrap()
