"""What people are told when the store refuses, and the exit code. Imports no machine: deleting is quick."""

from __future__ import annotations

from typing import assert_never

from durable_core.journal.leases import Holder, is_elsewhere
from durable_shell.cli.exit_codes import Exit
from durable_shell.store.disk import here
from durable_shell.store.port import (
    Corrupt,
    EditUnreadable,
    Held,
    NotAFolder,
    NotFound,
    OutOfStep,
    StoreError,
    Unwritable,
    WrittenByNewer,
)
from durable_shell.terminal.messages import errors as error_messages


def store_error(error: StoreError, *, kept: bool = True) -> tuple[tuple[str, ...], Exit]:
    """What people are told of a store's error, and the exit code.

    ``kept`` is False for a session that did not begin.
    """
    match error:
        case NotFound(session_id):
            return error_messages.session_not_found(session_id), Exit.USAGE
        case Held(session_id, holder):
            ends = holder.until if is_elsewhere(holder, here()) else None
            return error_messages.session_held(session_id, _named(holder), ends), Exit.SESSION_UNUSABLE
        case Corrupt(session_id, path, line, reason):
            return error_messages.session_damaged(session_id, path, line, reason), Exit.SESSION_UNUSABLE
        case NotAFolder(session_id, path, is_link):
            return error_messages.session_not_a_folder(session_id, path, is_link), Exit.SESSION_UNUSABLE
        case WrittenByNewer(session_id, path, line, form, program):
            lines = error_messages.session_newer(session_id, path, line, form, program)
            return lines, Exit.SESSION_UNUSABLE
        case EditUnreadable(session_id, path, problem):
            return error_messages.edit_unreadable(session_id, path, problem), Exit.USAGE
        case OutOfStep(session_id, _, _, what):
            return error_messages.session_taken_over(session_id, what), Exit.SESSION_UNUSABLE
        case Unwritable(path, reason):
            worded = error_messages.store_unwritable if kept else error_messages.not_begun
            return worded(path, reason), Exit.IO
        case _ as never:
            assert_never(never)


def _named(holder: Holder) -> str:
    if not holder.pid:
        return "another process"
    return f"process {holder.pid} on {holder.host} ({holder.command})"
