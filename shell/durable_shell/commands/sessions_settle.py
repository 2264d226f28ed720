"""``strands sessions settle ID UNIT``: what became of a tool call in doubt, recorded now. Nothing runs."""

from __future__ import annotations

from returns.result import Failure, Success

from durable_core.patterns.base import Unusable
from durable_core.session import commands, doubts
from durable_shell.acting import act
from durable_shell.arguments import Arguments
from durable_shell.choosing import choose
from durable_shell.clock import SystemClock
from durable_shell.environment import Environment
from durable_shell.exits import Exit
from durable_shell.outcomes import store_error
from durable_shell.screens import doubt_texts, mistakes
from durable_shell.screens.plain import say
from durable_shell.store.files import FileStore


def run(arguments: Arguments, environment: Environment) -> int:
    """Record the person's word. Nothing runs."""
    chosen = choose(environment, arguments.word("ID"))
    if isinstance(chosen, Exit):
        return chosen
    now = SystemClock().now()
    settle = commands.Settle(
        at=now,
        unit=arguments.word("UNIT"),
        call=arguments.text("--call"),
        done=arguments.text("--done"),  # None goes with --retry
    )
    store = FileStore(environment.home, command="strands sessions settle")
    match act(store, chosen.session_id, now, lambda _: settle):
        case Success((session, _)):
            say(environment.stderr, *doubt_texts.call_settled(session.id, doubts(session)))
            return Exit.DONE
        case Failure(Unusable(problem)):
            say(environment.stderr, mistakes.error(problem))
            return Exit.USAGE
        case Failure(error):
            lines, code = store_error(error)
            say(environment.stderr, *lines)
            return code
    raise AssertionError(chosen)
