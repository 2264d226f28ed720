"""``strands sessions list``: every session, the newest first. Reads no journal, imports no machine."""

from __future__ import annotations

from typing import Any

from durable_core.catalog.listing import Listed, Query
from durable_core.catalog.lookup import newest_first
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.lookup import listing
from durable_shell.terminal import show_sessions
from durable_shell.terminal.safe_text import json_text


def run(arguments: Arguments, app: App) -> int:
    """Print the sessions, those in ``--status`` only if it is given."""
    status = arguments.text("--status")
    query = Query(statuses=() if status is None else (status,))
    sessions = newest_first(listing(app.open_store("strands sessions list"), query))
    if arguments.flag("--json"):
        document = json_text([_json(one) for one in sessions])
        app.environment.stdout.write(document + "\n")
    else:
        show_sessions(app.environment, [{"metadata": _metadata(one)} for one in sessions])
    return Exit.DONE


def _metadata(one: Listed) -> dict[str, Any]:
    return {
        "session_id": one.session_id,
        "name": one.name or None,
        "workflow_name": one.workflow,
        "pattern_type": one.pattern,
        "status": one.status,
        "updated_at": one.updated_at,
    }


def _json(one: Listed) -> dict[str, Any]:
    return {
        **_metadata(one),
        "created_at": one.created_at,
        "spec_path": one.spec_path or None,
        "spec_hash": one.spec_hash,
        "damaged": one.damaged,
    }
