"""A session that is driven in front of a person: progress, signals, questions, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib

from durable_core.catalog.retention import RetentionRule
from durable_core.patterns.base import Finished
from durable_core.session import verdict
from durable_core.session.resume import Wishes
from durable_shell.app import App
from durable_shell.cli.parser import Arguments
from durable_shell.cli.signals import StoppedBySignals
from durable_shell.errors import OutOfFiles, StoreFailed, done
from durable_shell.operations.cleanup import apply_retention
from durable_shell.operations.inputs import read_retention
from durable_shell.operations.inspection import variable_warnings
from durable_shell.operations.origin import Trusts, nobody_trusts
from durable_shell.operations.resume import resume_session, wanted_budgets
from durable_shell.runtime.outcome import conclude
from durable_shell.runtime.progress_events import narrate_done, narrate_notice
from durable_shell.runtime.runner import Company, Ready, drive_session
from durable_shell.store.port import Store, Unwritable
from durable_shell.terminal import Progress, open_progress
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.plain import say
from durable_shell.terminal.questions import TerminalPeople


def progress_for(arguments: Arguments, app: App) -> Progress:
    """The progress display that the command line asks for."""
    quiet, verbose = arguments.flag("--quiet"), arguments.flag("--verbose")
    return open_progress(app.environment, quiet=quiet, verbose=verbose)


def drive_to_rest(
    arguments: Arguments,
    app: App,
    ready: Ready,
    progress: Progress,
    *,
    saved: bool,
    resumed: bool,
    retention: RetentionRule | None,
    greeting: tuple[str, ...] = (),
) -> int:
    """Drive a session, say how it ended, and give the exit code. Raises StoreFailed.

    ``saved`` is False for a session that nobody can resume; old ones go by ``retention`` when it is done.
    """
    environment, session_id = app.environment, ready.session.id
    asks = environment.can_ask and not arguments.flag("--no-input")
    signals = StoppedBySignals(progress)
    company = Company(
        progress=progress,
        people=TerminalPeople(environment) if asks else None,
        stops=signals.during,
        greeting=greeting,
    )
    try:
        with signals.between_drives():
            ended = asyncio.run(drive_session(app.clock, ready, company))
    except OutOfFiles:
        raise OutOfFiles(*run_messages.stopped_short(session_id if saved else None)) from None
    except StoreFailed as failed:
        if saved and failed.kept and isinstance(failed.error, Unwritable):
            raise StoreFailed(failed.error, run_messages.resume_command(session_id)) from failed
        raise
    as_json = arguments.flag("--json")
    code = conclude(environment, progress, ended, saved=saved, resumed=resumed, as_json=as_json)
    if saved and retention is not None and isinstance(verdict(ended), Finished):
        apply_retention(app, app.open_store("strands sessions cleanup"), retention, spare=session_id)
    return code


def resume_claimed(
    arguments: Arguments, app: App, store: Store, session_id: str, *, spec_path: str | None
) -> int:
    """Resume the session that ``store`` has a claim on, and give the exit code. Raises OperationError.

    ``spec_path`` is where its spec is now; None where the session says it.
    """
    lease = done(store.lease(session_id, now=app.clock.now()))
    with contextlib.ExitStack() as until_driven:
        until_driven.callback(store.release, lease)
        retention = read_retention(app)
        if lease.torn_bytes:
            say(app.environment.stderr, run_messages.torn_end_dropped(lease.torn_bytes))
        resumed = resume_session(
            app,
            store,
            lease,
            wishes=_wishes(arguments, app),
            texts=dict(arguments.pairs("--var")),
            from_snapshot=arguments.text("--spec-from") == "snapshot",
            spec_path=spec_path,
            trusts=_trusts(arguments, app),
        )
        spec = resumed.ready.session.spec
        say(app.environment.stderr, *variable_warnings(spec, texts=dict(arguments.pairs("--var"))))
        progress = progress_for(arguments, app)
        progress.note(run_messages.resuming(session_id))
        for notice in resumed.resumption.notices:
            narrate_notice(progress, notice)
        narrate_done(progress, resumed.before)
        until_driven.pop_all()  # whoever drives a session gives its lease back
    return drive_to_rest(
        arguments, app, resumed.ready, progress, saved=True, resumed=True, retention=retention
    )


def _trusts(arguments: Arguments, app: App) -> Trusts:
    """Whether a session from elsewhere may run: by the option, else by whoever sits at the terminal."""
    if arguments.flag("--trust"):
        return lambda _: True
    if app.environment.can_ask and not arguments.flag("--no-input"):
        from durable_shell.terminal.confirmation import agrees
        from durable_shell.terminal.messages.origin import trust_question

        return lambda lines: agrees(app.environment, trust_question(lines))
    return nobody_trusts


def _wishes(arguments: Arguments, app: App) -> Wishes:
    out = arguments.text("--out")
    return Wishes(
        answer=arguments.text("--hitl-response"),
        gate=arguments.text("--gate"),
        budgets=wanted_budgets(arguments.pairs("--budget")),
        out=None if out is None else str(app.environment.cwd / out),
        force=arguments.flag("--force"),
    )
