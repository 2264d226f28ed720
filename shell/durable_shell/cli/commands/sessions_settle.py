"""``strands sessions settle ID UNIT``: what became of a tool call in doubt, recorded now. Nothing runs."""

from __future__ import annotations

from durable_core.session import doubts
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.lookup import choose
from durable_shell.operations.orders import settle_doubt
from durable_shell.terminal.messages import tool_calls as tool_call_messages
from durable_shell.terminal.plain import say


def run(arguments: Arguments, app: App) -> int:
    """Record the person's word. Nothing runs."""
    store = app.open_store("strands sessions settle")
    chosen = choose(app, store, arguments.word("ID"))
    session = settle_doubt(
        app,
        store,
        chosen.session_id,
        arguments.word("UNIT"),
        call=arguments.text("--call"),
        result=arguments.text("--done"),  # None goes with --retry
    )
    say(app.environment.stderr, *tool_call_messages.call_settled(session.id, doubts(session)))
    return Exit.DONE
