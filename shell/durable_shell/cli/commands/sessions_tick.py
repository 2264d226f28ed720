"""``strands sessions tick [ID...]``: applies the timeouts that are due; made for cron. Nothing runs."""

from __future__ import annotations

from durable_core.catalog.listing import Query
from durable_core.session import events
from durable_shell.app import App
from durable_shell.cli.error_report import report
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.errors import StoreFailed
from durable_shell.operations.lookup import choose_all, listing
from durable_shell.operations.orders import apply_timeouts
from durable_shell.store.port import Held, Store
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.plain import say


def run(arguments: Arguments, app: App) -> int:
    """Tick the sessions named, or every paused one; one that is being driven is left alone."""
    store = app.open_store("strands sessions tick")
    words = arguments.words("ID")
    chosen = choose_all(app, store, words) if words else listing(store, Query(statuses=("paused",)))
    code = Exit.DONE
    for one in chosen:
        try:
            _tick(app, store, one.session_id)
        except StoreFailed as failed:
            if not isinstance(failed.error, Held):
                code = report(app.environment, failed)
    return code


def _tick(app: App, store: Store, session_id: str) -> None:
    stderr = app.environment.stderr
    for event in apply_timeouts(app, store, session_id):
        match event:
            case events.GateAnswered(unit=unit, response=response):
                say(stderr, run_messages.timeout_taken(session_id, unit, response))
            case events.UnitFailed(unit=unit, fault=fault):
                say(stderr, *run_messages.timeout_failed(session_id, unit, fault.message))
            case _:
                pass
