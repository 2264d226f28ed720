"""``strands sessions answer ID [UNIT] TEXT``: an answer, recorded now and acted on at the next resume."""

from __future__ import annotations

from durable_core.session import open_gates
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.lookup import choose
from durable_shell.operations.orders import answer_gate
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.plain import say


def run(arguments: Arguments, app: App) -> int:
    """Record the answer. Nothing runs."""
    store = app.open_store("strands sessions answer")
    chosen = choose(app, store, arguments.word("ID"))
    gate = next(iter(arguments.words("UNIT")), None)
    session = answer_gate(app, store, chosen.session_id, arguments.word("TEXT"), gate=gate)
    left = [one.unit for one in open_gates(session)]
    say(app.environment.stderr, *run_messages.answer_recorded(session.id, left))
    return Exit.DONE
