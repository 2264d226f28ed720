"""``strands sessions cleanup``: old sessions go. Asks once; never touches one that is being driven."""

from __future__ import annotations

from durable_core.catalog.listing import Listed
from durable_core.catalog.retention import DEFAULT_AGE_S, DEFAULT_STATUSES, RetentionRule, parse_age
from durable_shell.app import App
from durable_shell.cli.environment import Environment
from durable_shell.cli.error_report import report
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.errors import OperationError
from durable_shell.operations.cleanup import delete_all, outdated_sessions, still_outdated
from durable_shell.store.port import Held, Store
from durable_shell.terminal.confirmation import agrees
from durable_shell.terminal.messages import maintenance as maintenance_messages
from durable_shell.terminal.plain import say


def run(arguments: Arguments, app: App) -> int:
    """Say what would go, ask, delete, and say what was freed."""
    rule, environment = _rule(arguments), app.environment
    store = app.open_store("strands sessions cleanup")
    chosen = outdated_sessions(app, store, rule)
    if not chosen:
        say(environment.stderr, maintenance_messages.nothing_to_clean())
        return Exit.DONE
    _show(environment, store, chosen)
    if arguments.flag("--dry-run"):
        return Exit.DONE
    if not arguments.flag("--force"):
        if not environment.can_ask:
            raise OperationError(Exit.USAGE, maintenance_messages.cleanup_needs_force())
        if not agrees(environment, maintenance_messages.cleanup_question(len(chosen))):
            say(environment.stderr, maintenance_messages.nothing_cleaned())
            return Exit.DONE
        chosen = still_outdated(app, store, rule, chosen)
    return _delete(environment, store, chosen)


def _rule(arguments: Arguments) -> RetentionRule:
    age, keep = arguments.text("--older-than"), arguments.text("--keep")
    seconds = None if age is None else parse_age(age)
    if age is not None and seconds is None:
        raise OperationError(Exit.USAGE, maintenance_messages.bad_age(age))
    if keep is not None and not (keep.isascii() and keep.isdecimal() and len(keep) < 10):
        raise OperationError(Exit.USAGE, maintenance_messages.bad_keep(keep))
    if age is None and keep is None:
        seconds = DEFAULT_AGE_S
    statuses = arguments.texts("--status") or DEFAULT_STATUSES
    return RetentionRule(older_than=seconds, statuses=statuses, keep=int(keep or 0))


def _show(environment: Environment, store: Store, chosen: tuple[Listed, ...]) -> None:
    sizes = [store.size(one.session_id).value_or(0) for one in chosen]
    for one, size in zip(chosen, sizes, strict=True):
        environment.stdout.write(
            maintenance_messages.cleanup_line(one.session_id, one.workflow, one.status, one.updated_at, size)
            + "\n"
        )
    environment.stdout.flush()
    say(environment.stderr, maintenance_messages.would_free(len(chosen), sum(sizes)))


def _delete(environment: Environment, store: Store, chosen: tuple[Listed, ...]) -> Exit:
    freed = delete_all(store, chosen)
    code = Exit.DONE
    for refused in freed.refused:
        trouble = report(environment, refused)
        code = code if isinstance(refused.error, Held) else trouble
    say(environment.stderr, maintenance_messages.freed(len(freed.session_ids), freed.size))
    return code
