"""``strands sessions cleanup``: old sessions go. Asks once; never touches one that is being driven."""

from __future__ import annotations

from durable_core.catalog.retention import DEFAULT_AGE_S, DEFAULT_STATUSES, RetentionRule, outdated, parse_age
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.cleanup import delete_all
from durable_shell.operations.lookup import all_sessions
from durable_shell.runtime.clock import SystemClock
from durable_shell.store.files.listing import Listed
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Held
from durable_shell.terminal.messages import maintenance as maintenance_messages
from durable_shell.terminal.messages.store_errors import store_error
from durable_shell.terminal.plain import say


def run(arguments: Arguments, environment: Environment) -> int:
    """Say what would go, ask, delete, and say what was freed."""
    rule = _rule(arguments, environment)
    if isinstance(rule, Exit):
        return rule
    now = SystemClock().now()
    known = all_sessions(environment)
    if isinstance(known, Exit):
        return known
    chosen = outdated(known, rule, now=now)
    if not chosen:
        say(environment.stderr, maintenance_messages.nothing_to_clean())
        return Exit.DONE
    _show(environment, chosen)
    if arguments.flag("--dry-run"):
        return Exit.DONE
    if not arguments.flag("--force"):
        stopped = _asked(environment, len(chosen))
        if stopped is not None:
            return stopped
        # A session may have been taken up while the question stood.
        known = all_sessions(environment)
        if isinstance(known, Exit):
            return known
        again = {one.session_id for one in outdated(known, rule, now=now)}
        chosen = tuple(one for one in chosen if one.session_id in again)
    return _delete(environment, chosen)


def _rule(arguments: Arguments, environment: Environment) -> RetentionRule | Exit:
    age, keep = arguments.text("--older-than"), arguments.text("--keep")
    seconds = None if age is None else parse_age(age)
    if age is not None and seconds is None:
        say(environment.stderr, maintenance_messages.bad_age(age))
        return Exit.USAGE
    if keep is not None and not (keep.isascii() and keep.isdecimal() and len(keep) < 10):
        say(environment.stderr, maintenance_messages.bad_keep(keep))
        return Exit.USAGE
    if age is None and keep is None:
        seconds = DEFAULT_AGE_S
    statuses = arguments.texts("--status") or DEFAULT_STATUSES
    return RetentionRule(older_than=seconds, statuses=statuses, keep=int(keep or 0))


def _show(environment: Environment, chosen: tuple[Listed, ...]) -> None:
    store = FileStore(environment.home)
    sizes = [store.size(one.session_id).value_or(0) for one in chosen]
    for one, size in zip(chosen, sizes, strict=True):
        environment.stdout.write(
            maintenance_messages.cleanup_line(one.session_id, one.workflow, one.status, one.updated_at, size)
            + "\n"
        )
    environment.stdout.flush()
    say(environment.stderr, maintenance_messages.would_free(len(chosen), sum(sizes)))


def _asked(environment: Environment, count: int) -> Exit | None:
    """None if they may go; else the exit code."""
    if not environment.can_ask:
        say(environment.stderr, maintenance_messages.cleanup_needs_force())
        return Exit.USAGE
    environment.stderr.write(maintenance_messages.cleanup_question(count))
    environment.stderr.flush()
    if environment.stdin.readline().strip().lower() in ("y", "yes"):
        return None
    say(environment.stderr, maintenance_messages.nothing_cleaned())
    return Exit.DONE


def _delete(environment: Environment, chosen: tuple[Listed, ...]) -> Exit:
    freed = delete_all(environment.home, chosen)
    code = Exit.DONE
    for _, error in freed.refused:
        lines, trouble = store_error(error)
        say(environment.stderr, *lines)
        code = code if isinstance(error, Held) else trouble
    say(environment.stderr, maintenance_messages.freed(len(freed.session_ids), freed.size))
    return code
