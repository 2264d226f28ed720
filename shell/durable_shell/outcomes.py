"""What people are told when the store says no, and the exit code. Imports no machine: deleting is quick."""

from __future__ import annotations

from typing import assert_never

from durable_shell.exits import Exit
from durable_shell.screens import texts
from durable_shell.store.port import Corrupt, Held, NotFound, OutOfStep, StoreError, Unwritable


def store_error(error: StoreError) -> tuple[tuple[str, ...], Exit]:
    """What people are told of a store's error, and the exit code."""
    match error:
        case NotFound(session_id):
            return (texts.session_not_found(session_id),), Exit.USAGE
        case Held(session_id, holder):
            who = f"process {holder.pid} on {holder.host} ({holder.command})"
            return (texts.session_held(session_id, who),), Exit.SESSION_UNUSABLE
        case Corrupt(session_id, path, line, reason):
            return texts.session_damaged(session_id, path, line, reason), Exit.SESSION_UNUSABLE
        case OutOfStep(session_id, _, _, what):
            return texts.session_taken_over(session_id, what), Exit.SESSION_UNUSABLE
        case Unwritable(path, reason):
            return texts.store_unwritable(path, reason), Exit.IO
        case _ as never:
            assert_never(never)
