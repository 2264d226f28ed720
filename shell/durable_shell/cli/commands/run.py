"""``strands run SPEC``: a new session."""

from __future__ import annotations

from collections.abc import Collection

from durable_core.session import Options, SessionStarted
from durable_core.spec.variables import missing_inputs
from durable_shell.app import App
from durable_shell.cli.commands.resume import resume_by_id
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.cli.session_run import drive_to_rest, progress_for
from durable_shell.errors import OperationError
from durable_shell.operations.inputs import read_inputs, read_retention
from durable_shell.operations.inspection import prompt_warnings, variable_warnings
from durable_shell.operations.start import NewSession, earlier_session, prepare_session, start_session
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.plain import say
from durable_shell.terminal.questions import asked_inputs


def run(arguments: Arguments, app: App) -> int:
    """Check everything, then begin a session and run it."""
    if arguments.flag("--replace") and not arguments.text("--name"):
        raise OperationError(Exit.USAGE, *error_messages.replaces_no_name())
    saved = not arguments.flag("--no-save-session")
    retention = read_retention(app) if saved else None
    new, file = _prepared(arguments, app)
    command = f"strands run {arguments.word('SPEC')}"
    store = app.open_store(command)
    if arguments.flag("--auto-resume"):
        earlier = earlier_session(store, new.first)
        if earlier is not None:
            return resume_by_id(arguments, app, earlier.session_id, spec_path=new.first.source.path)
    say(app.environment.stderr, *_warnings(arguments, new, file))
    ready = start_session(
        app,
        store if saved else app.open_temporary_store(command),
        new,
        replace=arguments.flag("--replace"),
        renamed=lambda session_id, name: say(
            app.environment.stderr, run_messages.session_renamed(session_id, name)
        ),
    )
    return drive_to_rest(
        arguments,
        app,
        ready,
        progress_for(arguments, app),
        saved=saved,
        resumed=False,
        retention=retention,
        greeting=_greeting(new.first, saved=saved),
    )


def _warnings(arguments: Arguments, new: NewSession, file: Collection[str]) -> tuple[str, ...]:
    """What is likely not meant; ``file`` are the variables of a file."""
    spec, texts = new.first.spec, dict(arguments.pairs("--var"))
    source, variables = new.first.source, new.first.variables
    return (
        *prompt_warnings(arguments.word("SPEC"), spec, source, variables, values=variables),
        *variable_warnings(spec, file=file, texts=texts),
    )


def _greeting(session: SessionStarted, *, saved: bool) -> tuple[str, ...]:
    named = (run_messages.session_id_line(session.session_id),) if saved else ()
    return (*named, run_messages.running_workflow(session.spec.name))


def _prepared(arguments: Arguments, app: App) -> tuple[NewSession, Collection[str]]:
    """A session that may begin, and the names of the variables that a file gives it."""
    path, environment = arguments.word("SPEC"), app.environment
    loaded, values = read_inputs(app, path, arguments.text("--var-file"))
    texts = dict(arguments.pairs("--var"))
    if arguments.flag("--ask") and environment.can_ask and not arguments.flag("--no-input"):
        texts |= asked_inputs(environment, missing_inputs(loaded.spec, {*values, *texts}))
    options = Options(
        out=str(environment.cwd / (arguments.text("--out") or "artifacts")),
        force=arguments.flag("--force"),
        folder=str(environment.cwd),
    )
    name = arguments.text("--name")
    new = prepare_session(app, loaded, path=path, values=values, texts=texts, options=options, name=name)
    return new, values.keys()
