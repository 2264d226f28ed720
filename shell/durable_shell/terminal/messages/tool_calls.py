"""What people are told of tool calls in doubt: which they are, and how to settle them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from durable_core.session import Doubt
from durable_core.views.documents import iso_time
from durable_shell.terminal.messages.run import resume_command
from durable_shell.terminal.safe_text import MOST_LISTED, one_line, short_id, shortened, some

_MOST_INPUT = 200
"""Characters of a tool's input that are shown: enough to look the deed up by."""


def doubts_open(found: Sequence[Doubt], session_id: str | None) -> tuple[str, ...]:
    """Tool calls whose outcome nobody knows; ``session_id`` is None where nothing can be settled."""
    lines: list[str] = []
    for doubt in found[:MOST_LISTED]:
        lines += (
            f"A tool call at {one_line(doubt.unit)} was interrupted; it may have done its work or not:",
            f"  {doubt_described(doubt)}",
        )
        if session_id is not None:
            command = f"strands sessions settle {session_id} {shlex.quote(one_line(doubt.unit))}"
            if sum(other.unit == doubt.unit for other in found) > 1:
                command += f" --call {shlex.quote(one_line(doubt.call.call))}"
            lines += (
                f'If it was done, with the answer it gave: {command} --done "..."',
                f"If it is to be called again: {command} --retry",
            )
    more = len(found) - MOST_LISTED
    return (*lines, f"and {more} more calls that were interrupted") if more > 0 else tuple(lines)


def doubt_described(doubt: Doubt) -> str:
    """The call in one line: tool, input, the model's id, and when it was started (UTC)."""
    given = shortened(one_line(json.dumps(doubt.call.input, ensure_ascii=False)), _MOST_INPUT)
    return (
        f"{one_line(doubt.call.name)} {given} (call {one_line(doubt.call.call)}, {iso_time(doubt.call.at)})"
    )


def doubt_question(doubt: Doubt) -> tuple[str, ...]:
    """The same, put on the terminal."""
    return (
        f"A tool call at {one_line(doubt.unit)} was interrupted; it may have done its work or not:",
        f"  {doubt_described(doubt)}",
        "If it was done, type the answer it gave; r calls it again, l leaves it for later.",
    )


def call_settled(session_id: str, left: Sequence[Doubt]) -> tuple[str, ...]:
    """A person's word on a call is in the journal; nothing has run."""
    others = ", ".join(some(f"{doubt.unit} (call {doubt.call.call})" for doubt in left))
    return (
        f"Tool call settled in session {short_id(session_id)}",
        *((f"Still in doubt: {others}",) if others else ()),
        resume_command(session_id),
    )
