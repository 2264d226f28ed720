"""``strands sessions verify [ID...]``: every file of a session against its journal. Changes nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.lookup import all_sessions, choose_all
from durable_shell.operations.verify import Examined, examine
from durable_shell.runtime.clock import SystemClock
from durable_shell.store.files.disk import in_words
from durable_shell.store.files.mending import Mending
from durable_shell.store.files.store import FileStore
from durable_shell.store.port import Unwritable
from durable_shell.terminal.messages import maintenance as maintenance_messages
from durable_shell.terminal.messages.store_errors import store_error
from durable_shell.terminal.plain import say


def run(arguments: Arguments, environment: Environment) -> int:
    """Print a line for each session that is whole and for each finding; the last trouble gives the code."""
    words = arguments.words("ID")
    chosen = choose_all(environment, words) if words else all_sessions(environment)
    if isinstance(chosen, Exit):
        return chosen
    code = Exit.DONE
    documents: list[dict[str, Any]] = []
    for one in chosen:
        seen = _examined(environment, one.session_id)
        if isinstance(seen, Exit):
            code = seen
            continue
        code = code if seen.whole else Exit.SESSION_UNUSABLE
        if arguments.flag("--json"):
            documents.append(_document(one.session_id, seen))
        else:
            environment.stdout.writelines(f"{line}\n" for line in _lines(one.session_id, seen))
    if arguments.flag("--json"):
        environment.stdout.write(json.dumps(documents, indent=2, ensure_ascii=False) + "\n")
    return code


def _examined(environment: Environment, session_id: str) -> Examined | Exit:
    """What was found, or the exit code after saying why nothing could be looked at."""
    store = FileStore(environment.home, command="strands sessions verify")
    with store.mending(session_id, now=SystemClock().now()) as mending:
        if not isinstance(mending, Mending):
            error = mending
        else:
            try:
                return examine(mending, session_id)
            except OSError as failed:
                error = Unwritable(mending.path, in_words(failed))
    lines, code = store_error(error)
    say(environment.stderr, *lines)
    return code


def _lines(session_id: str, seen: Examined) -> list[str]:
    found = [
        maintenance_messages.finding(session_id, one.path, one.line, one.problem, one.remedy)
        for one in seen.findings
    ]
    return [*found, maintenance_messages.session_whole(session_id, len(seen.events))] if seen.whole else found


def _document(session_id: str, seen: Examined) -> dict[str, Any]:
    return {
        "session_id": session_id,
        "whole": seen.whole,
        "events": len(seen.events),
        "findings": [
            {**asdict(one), "to_do": maintenance_messages.remedy(session_id, one.remedy)}
            for one in seen.findings
        ],
    }
