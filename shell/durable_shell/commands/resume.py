"""``strands resume ID`` (and ``run --resume ID``): the lease first, and all the rest under it.

Only then is the core brought in, some tenths of a second's work: of many processes that resume one session,
all but one are told at once who has it.
"""

from __future__ import annotations

from returns.result import Failure, Success

from durable_shell.arguments import Arguments
from durable_shell.choosing import choose
from durable_shell.clock import SystemClock
from durable_shell.environment import Environment
from durable_shell.exits import Exit
from durable_shell.outcomes import store_error
from durable_shell.screens.plain import say
from durable_shell.store.files import FileStore


def run(arguments: Arguments, environment: Environment) -> int:
    """Take the lease, see what changed in the world, and go on."""
    chosen = choose(environment, arguments.word("ID"))
    if isinstance(chosen, Exit):
        return chosen
    return go_on(arguments, environment, chosen.session_id)


def go_on(arguments: Arguments, environment: Environment, session_id: str) -> int:
    """Resume the session ``session_id`` and give the exit code."""
    store = FileStore(environment.home, command=f"strands resume {session_id}")
    match store.lease(session_id, now=SystemClock().now()):
        case Success(lease):
            try:
                from durable_shell.taking_up import take_up

                return take_up(arguments, environment, store, lease)
            finally:
                store.release(lease)
        case Failure(error):
            lines, code = store_error(error)
            say(environment.stderr, *lines)
            return code
    raise AssertionError(session_id)
