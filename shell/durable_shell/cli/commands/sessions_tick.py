"""``strands sessions tick [ID...]``: applies the timeouts that are due; made for cron. Nothing runs."""

from __future__ import annotations

from returns.result import Failure, Success

from durable_core.session import commands, events
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.commit import act
from durable_shell.operations.lookup import all_sessions, choose_all
from durable_shell.runtime.clock import SystemClock
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Held
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.messages.store_errors import store_error
from durable_shell.terminal.plain import say


def run(arguments: Arguments, environment: Environment) -> int:
    """Tick the sessions named, or every paused one; one that is being driven is left alone."""
    words = arguments.words("ID")
    chosen = choose_all(environment, words) if words else all_sessions(environment)
    if isinstance(chosen, Exit):
        return chosen
    code = Exit.DONE
    for one in chosen:
        if words or one.status == "paused":
            code = _tick(environment, one.session_id) or code
    return code


def _tick(environment: Environment, session_id: str) -> Exit:
    now = SystemClock().now()
    store = FileStore(environment.home, command="strands sessions tick")
    match act(store, session_id, now, lambda _: commands.Tick(at=now)):
        case Success((_, decided)):
            for event in decided:
                match event:
                    case events.GateAnswered(unit=unit, response=response):
                        say(environment.stderr, run_messages.timeout_taken(session_id, unit, response))
                    case events.UnitFailed(unit=unit, fault=fault):
                        say(environment.stderr, run_messages.timeout_failed(session_id, unit, fault.message))
                    case _:
                        pass
            return Exit.DONE
        case Failure(Held()):
            return Exit.DONE
        case Failure(error):
            lines, code = store_error(error)
            say(environment.stderr, *lines)
            return code
    raise AssertionError(session_id)
