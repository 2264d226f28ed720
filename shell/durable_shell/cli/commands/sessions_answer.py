"""``strands sessions answer ID [UNIT] TEXT``: an answer, recorded now and acted on at the next resume."""

from __future__ import annotations

from returns.result import Failure, Success

from durable_core.patterns.base import Unusable
from durable_core.session import commands, open_gates
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.commit import act
from durable_shell.operations.lookup import choose
from durable_shell.runtime.clock import SystemClock
from durable_shell.store.files.store import FileStore
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.messages.store_errors import store_error
from durable_shell.terminal.plain import say


def run(arguments: Arguments, environment: Environment) -> int:
    """Record the answer. Nothing runs."""
    chosen = choose(environment, arguments.word("ID"))
    if isinstance(chosen, Exit):
        return chosen
    now = SystemClock().now()
    units = arguments.words("UNIT")
    answer = commands.AnswerGate(at=now, unit=units[0] if units else None, text=arguments.word("TEXT"))
    store = FileStore(environment.home, command="strands sessions answer")
    match act(store, chosen.session_id, now, lambda _: answer):
        case Success((session, _)):
            left = [gate.unit for gate in open_gates(session)]
            say(environment.stderr, *run_messages.answer_recorded(session.id, left))
            return Exit.DONE
        case Failure(Unusable(problem)):
            say(environment.stderr, error_messages.error(problem))
            return Exit.USAGE
        case Failure(error):
            lines, code = store_error(error)
            say(environment.stderr, *lines)
            return code
    raise AssertionError(chosen)
