"""``strands sessions verify [ID...]``: every file of a session against its journal. Changes nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from durable_core.journal.examination import Examination
from durable_shell.app import App
from durable_shell.cli.error_report import report
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.errors import StoreFailed
from durable_shell.operations.lookup import choose_all, listing
from durable_shell.operations.verify import verify_session
from durable_shell.terminal.messages import maintenance as maintenance_messages
from durable_shell.terminal.safe_text import json_text


def run(arguments: Arguments, app: App) -> int:
    """Print a line for each session that is whole and for each finding; the last trouble gives the code.

    That a session is driven is no trouble, and gives the code if there is none.
    """
    store = app.open_store("strands sessions verify")
    words, as_json, stdout = arguments.words("ID"), arguments.flag("--json"), app.environment.stdout
    code = Exit.DONE
    documents: list[dict[str, Any]] = []
    for one in choose_all(app, store, words) if words else listing(store):
        try:
            seen = verify_session(store, one.session_id)
        except StoreFailed as failed:
            code = report(app.environment, failed)
            continue
        code = _after(code, seen)
        if as_json:
            documents.append(_document(one.session_id, seen))
        else:
            stdout.writelines(f"{line}\n" for line in _lines(one.session_id, seen))
    if as_json:
        stdout.write(json_text(documents) + "\n")
    return code


def _after(code: Exit, seen: Examination) -> Exit:
    """The exit code so far, with one more session looked at."""
    if not seen.whole:
        return Exit.SESSION_UNUSABLE
    return code or Exit.RUNNING if seen.driven else code


def _lines(session_id: str, seen: Examination) -> list[str]:
    found = [
        maintenance_messages.finding(session_id, one.path, one.line, one.problem, one.remedy)
        for one in seen.findings
    ]
    if not seen.whole:
        return found
    worded = maintenance_messages.session_driven if seen.driven else maintenance_messages.session_whole
    return [*found, worded(session_id, len(seen.events))]


def _document(session_id: str, seen: Examination) -> dict[str, Any]:
    return {
        "session_id": session_id,
        "whole": seen.whole,
        "driven": seen.driven,
        "events": len(seen.events),
        "findings": [
            {**asdict(one), "to_do": maintenance_messages.remedy(session_id, one.remedy)}
            for one in seen.findings
        ],
    }
