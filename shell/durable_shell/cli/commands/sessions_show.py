"""``strands sessions show ID``: one session, folded from its journal: a trailing view never misleads."""

from __future__ import annotations

import json
from typing import Any

from returns.result import Failure, Success

from durable_core.planning.topology import stages, topology
from durable_core.session import given_up
from durable_core.views.documents import pattern_document, session_document
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.draw import write_graph
from durable_shell.operations.history import load_session
from durable_shell.operations.lookup import choose
from durable_shell.store.files.store import FileStore
from durable_shell.terminal import show_session
from durable_shell.terminal.messages.store_errors import store_error
from durable_shell.terminal.plain import say


def run(arguments: Arguments, environment: Environment) -> int:
    """Print one session, as a panel, as plain lines, or as JSON."""
    chosen = choose(environment, arguments.word("ID"))
    if isinstance(chosen, Exit):
        return chosen
    store = FileStore(environment.home)
    match load_session(store, chosen.session_id):
        case Success((_, session)):
            document = session_document(session)
            if document["metadata"]["status"] == "running" and store.holder(session.id) is None:
                document["metadata"]["status"] = "interrupted"
                session = given_up(session)  # which tool calls are in doubt shows only now
            _show(arguments, environment, document, pattern_document(session))
            graph = arguments.text("--graph")
            if graph is None:
                return Exit.DONE
            return write_graph(environment, graph, session.spec, stages(topology(session.spec), session))
        case Failure(error):
            lines, code = store_error(error)
            say(environment.stderr, *lines)
            return code
    raise AssertionError(chosen)


def _show(
    arguments: Arguments, environment: Environment, document: dict[str, Any], state: dict[str, Any]
) -> None:
    if arguments.flag("--json"):
        whole = {**document, "pattern_state": state}
        environment.stdout.write(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
    else:
        show_session(environment, document, state)
