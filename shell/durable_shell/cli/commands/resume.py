"""``strands resume ID`` (and ``run --resume ID``): the session's lock first, and all the rest under it.

Only then is the core brought in, some tenths of a second's work: of many processes that resume one session,
all but one are told at once who has it.
"""

from __future__ import annotations

import os
import time

from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.lookup import choose
from durable_shell.store.files.locks import Locked, lock_session
from durable_shell.terminal.messages.store_errors import store_error
from durable_shell.terminal.plain import say


def run(arguments: Arguments, environment: Environment) -> int:
    """Take the lock, see what changed in the world, and go on."""
    chosen = choose(environment, arguments.word("ID"))
    if isinstance(chosen, Exit):
        return chosen
    return go_on(arguments, environment, chosen.session_id)


def go_on(arguments: Arguments, environment: Environment, session_id: str) -> int:
    """Resume the session ``session_id`` and give the exit code."""
    command = f"strands resume {session_id}"
    locked = lock_session(os.path.abspath(environment.home), session_id, time.time(), command)
    if not isinstance(locked, Locked):
        lines, code = store_error(locked)
        say(environment.stderr, *lines)
        return code
    try:
        from durable_shell.operations.resume import take_up

        return take_up(arguments, environment, session_id, locked, command)
    finally:
        locked.let_go()
