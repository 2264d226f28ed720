"""``strands sessions list``: every session, the newest first. Reads no journal, imports no machine."""

from __future__ import annotations

import json
from typing import Any

from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.lookup import all_sessions
from durable_shell.store.files.listing import Listed
from durable_shell.terminal import show_sessions


def run(arguments: Arguments, environment: Environment) -> int:
    """Print the sessions, those in ``--status`` only if it is given."""
    status = arguments.text("--status")
    known = all_sessions(environment)
    if isinstance(known, Exit):
        return known
    sessions = [one for one in known if status in (None, one.status)]
    sessions.sort(key=lambda one: (one.updated_at, one.session_id), reverse=True)
    if arguments.flag("--json"):
        environment.stdout.write(
            json.dumps([_json(one) for one in sessions], indent=2, ensure_ascii=False) + "\n"
        )
    else:
        show_sessions(environment, [{"metadata": _metadata(one)} for one in sessions])
    return Exit.DONE


def _metadata(one: Listed) -> dict[str, Any]:
    return {
        "session_id": one.session_id,
        "workflow_name": one.workflow,
        "pattern_type": one.pattern,
        "status": one.status,
        "updated_at": one.updated_at,
    }


def _json(one: Listed) -> dict[str, Any]:
    return {
        **_metadata(one),
        "name": one.name or None,
        "created_at": one.created_at,
        "spec_path": one.spec_path or None,
        "spec_hash": one.spec_hash,
        "damaged": one.damaged,
    }
