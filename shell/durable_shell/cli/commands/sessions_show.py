"""``strands sessions show ID``: one session, folded from its journal: a trailing view never misleads."""

from __future__ import annotations

from durable_core.views.documents import pattern_document
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.history import check_spec_text, show_session_now
from durable_shell.operations.lookup import choose
from durable_shell.operations.origin import brought
from durable_shell.terminal import show_session
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.plain import say
from durable_shell.terminal.safe_text import json_text


def run(arguments: Arguments, app: App) -> int:
    """Print one session, as a panel, as plain lines, or as JSON."""
    environment = app.environment
    store = app.open_store("strands sessions show")
    shown = show_session_now(store, choose(app, store, arguments.word("ID")).session_id)
    session, state = shown.session, pattern_document(shown.session)
    document = {**shown.document, "brings": brought(store, session)}
    if arguments.flag("--json"):
        whole = {**document, "pattern_state": state}
        environment.stdout.write(json_text(whole) + "\n")
    else:
        show_session(environment, document, state)
    graph = arguments.text("--graph")
    if graph is not None:
        check_spec_text(store, session.id, shown.events)
        from durable_core.planning.topology import statuses, topology
        from durable_shell.operations.draw import write_graph

        write_graph(app, graph, session.spec, statuses(topology(session.spec), session))
        say(environment.stderr, run_messages.drawing_written(graph))
    return Exit.DONE
