"""``strands sessions repair ID``: views are written anew; a damaged journal is cut before its damage."""

from __future__ import annotations

from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.lookup import choose
from durable_shell.operations.verify import Examined, examine, rebuild
from durable_shell.runtime.clock import SystemClock
from durable_shell.store.files.disk import in_words
from durable_shell.store.files.mending import Mending
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Unwritable
from durable_shell.terminal.messages import maintenance as maintenance_messages
from durable_shell.terminal.messages.store_errors import store_error
from durable_shell.terminal.plain import say


def run(arguments: Arguments, environment: Environment) -> int:
    """Say what is wrong, ask if work would be lost, and put it right."""
    chosen = choose(environment, arguments.word("ID"))
    if isinstance(chosen, Exit):
        return chosen
    store = FileStore(environment.home, command="strands sessions repair")
    with store.mending(chosen.session_id, now=SystemClock().now()) as mending:
        if not isinstance(mending, Mending):
            error = mending
        else:
            try:
                return _repair(environment, mending, chosen.session_id, force=arguments.flag("--force"))
            except OSError as failed:
                error = Unwritable(mending.path, in_words(failed))
    lines, code = store_error(error)
    say(environment.stderr, *lines)
    return code


def _repair(environment: Environment, mending: Mending, session_id: str, *, force: bool) -> Exit:
    seen = examine(mending, session_id)
    if not seen.findings:
        say(environment.stderr, maintenance_messages.session_whole(session_id, len(seen.events)))
        return Exit.DONE
    for one in seen.findings:
        say(
            environment.stderr,
            maintenance_messages.finding(session_id, one.path, one.line, one.problem, one.remedy),
        )
    if any(one.remedy in ("delete", "upgrade") for one in seen.findings):
        return Exit.SESSION_UNUSABLE
    if any(one.remedy == "cut" or one.line > 0 for one in seen.findings):
        stopped = None if seen.lost.nothing else _agreed(environment, session_id, seen, force=force)
        if stopped is not None:
            return stopped
        kept = mending.cut(len(seen.events))
        say(environment.stderr, maintenance_messages.journal_cut(len(seen.events), kept))
        seen = examine(mending, session_id, was_cut=True)
    rebuilt = rebuild(mending, seen)
    say(environment.stderr, *maintenance_messages.session_repaired(session_id, rebuilt))
    return Exit.DONE


def _agreed(environment: Environment, session_id: str, seen: Examined, *, force: bool) -> Exit | None:
    """None if work may be lost; else the exit code."""
    say(environment.stderr, maintenance_messages.repair_loses(seen.lost.units, seen.lost.unreadable))
    if force:
        return None
    if not environment.can_ask:
        say(environment.stderr, maintenance_messages.repair_needs_force(session_id))
        return Exit.USAGE
    environment.stderr.write(maintenance_messages.repair_question(session_id))
    environment.stderr.flush()
    if environment.stdin.readline().strip().lower() in ("y", "yes"):
        return None
    say(environment.stderr, maintenance_messages.not_repaired(session_id))
    return Exit.SESSION_UNUSABLE
