"""``strands sessions delete ID...``: asks once a session, and never touches one that is being driven."""

from __future__ import annotations

from durable_shell.app import App
from durable_shell.cli.error_report import report
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.errors import OperationError, StoreFailed, done
from durable_shell.operations.lookup import choose_all
from durable_shell.terminal.confirmation import agrees
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.plain import say


def run(arguments: Arguments, app: App) -> int:
    """Delete the sessions named. All are looked up first; the last trouble gives the exit code."""
    environment = app.environment
    store = app.open_store("strands sessions delete")
    session_ids = [one.session_id for one in choose_all(app, store, arguments.words("ID"))]
    force = arguments.flag("--force")
    if not force and not environment.can_ask:
        raise OperationError(Exit.USAGE, run_messages.delete_needs_force(session_ids))
    code = Exit.DONE
    for session_id in session_ids:
        if not force and not agrees(environment, run_messages.delete_question(session_id)):
            say(environment.stderr, run_messages.not_deleted(session_id))
            continue
        try:
            done(store.delete(session_id, force=force))
            say(environment.stderr, run_messages.deleted(session_id))
        except StoreFailed as failed:
            code = report(environment, failed)
    return code
