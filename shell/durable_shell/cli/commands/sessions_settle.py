"""``strands sessions settle ID UNIT``: what became of a tool call in doubt, recorded now. Nothing runs."""

from __future__ import annotations

from returns.result import Failure, Success

from durable_core.patterns.base import Unusable
from durable_core.session import commands, doubts
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.commit import act
from durable_shell.operations.lookup import choose
from durable_shell.runtime.clock import SystemClock
from durable_shell.store.files.store import FileStore
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.messages import tool_calls as tool_call_messages
from durable_shell.terminal.messages.store_errors import store_error
from durable_shell.terminal.plain import say


def run(arguments: Arguments, environment: Environment) -> int:
    """Record the person's word. Nothing runs."""
    chosen = choose(environment, arguments.word("ID"))
    if isinstance(chosen, Exit):
        return chosen
    now = SystemClock().now()
    settle = commands.SettleTool(
        at=now,
        unit=arguments.word("UNIT"),
        call=arguments.text("--call"),
        done=arguments.text("--done"),  # None goes with --retry
    )
    store = FileStore(environment.home, command="strands sessions settle")
    match act(store, chosen.session_id, now, lambda _: settle):
        case Success((session, _)):
            say(environment.stderr, *tool_call_messages.call_settled(session.id, doubts(session)))
            return Exit.DONE
        case Failure(Unusable(problem)):
            say(environment.stderr, error_messages.error(problem))
            return Exit.USAGE
        case Failure(error):
            lines, code = store_error(error)
            say(environment.stderr, *lines)
            return code
    raise AssertionError(chosen)
