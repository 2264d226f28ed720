"""``strands sessions delete ID...``: asks once a session, and never touches one that is being driven."""

from __future__ import annotations

from returns.result import Failure

from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.lookup import choose_all
from durable_shell.store.files.listing import Listed
from durable_shell.store.files.store import FileStore
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.messages.store_errors import store_error
from durable_shell.terminal.plain import say


def run(arguments: Arguments, environment: Environment) -> int:
    """Delete the sessions named. All are looked up first; the last trouble gives the exit code."""
    sessions = choose_all(environment, arguments.words("ID"))
    if isinstance(sessions, Exit):
        return sessions
    force = arguments.flag("--force")
    if not force and not environment.can_ask:
        say(environment.stderr, run_messages.delete_needs_force([one.session_id for one in sessions]))
        return Exit.USAGE
    code = Exit.DONE
    for one in sessions:
        if force or _confirmed(environment, one):
            code = _delete(environment, one, force=force) or code
        else:
            say(environment.stderr, run_messages.not_deleted(one.session_id))
    return code


def _confirmed(environment: Environment, one: Listed) -> bool:
    environment.stderr.write(run_messages.delete_question(one.session_id))
    environment.stderr.flush()
    return environment.stdin.readline().strip().lower() in ("y", "yes")


def _delete(environment: Environment, one: Listed, *, force: bool) -> Exit:
    match FileStore(environment.home, command="strands sessions delete").delete(one.session_id, force=force):
        case Failure(error):
            lines, code = store_error(error)
            say(environment.stderr, *lines)
            return code
        case _:
            say(environment.stderr, run_messages.deleted(one.session_id))
            return Exit.DONE
