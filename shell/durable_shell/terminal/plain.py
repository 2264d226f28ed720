"""Plain screens: lines without colour, boxes or wrapping, for pipes, files, build servers and scripts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from durable_shell.terminal import safe_text
from durable_shell.terminal.messages import run as run_messages

COLUMNS = ("Session ID", "Workflow", "Pattern", "Status", "Updated")
"""The headings of the list of sessions."""


def say(stream: TextIO | None, *lines: str) -> bool:
    """Write lines for people. False if nobody hears them: a gone terminal must not stop a run."""
    if stream is None:
        return False
    encoding = getattr(stream, "encoding", None)
    try:
        stream.write(
            "".join(f"{safe_text.encodable(safe_text.printable(line), encoding)}\n" for line in lines)
        )
        stream.flush()
    except (OSError, ValueError):  # the reader is gone, the disk is full, or the stream is closed
        return False
    return True


class PlainProgress:
    """Progress as lines. Starts are shown only when ``verbose``; with ``quiet``, warnings only."""

    def __init__(self, stream: TextIO, *, quiet: bool = False, verbose: bool = False) -> None:
        self._stream: TextIO | None = stream
        self._quiet = quiet
        self._verbose = verbose

    def note(self, line: str) -> None:
        """Say something; not shown when quiet."""
        if not self._quiet:
            self.warn(line)

    def warn(self, line: str) -> None:
        """Say something, always. Once nobody hears, nothing more is tried."""
        if not say(self._stream, line):
            self._stream = None

    def started(self, key: str, title: str) -> None:
        """An attempt began; shown when verbose."""
        del key
        if self._verbose:
            self.note(f"{title} - RUNNING")

    def finished(self, key: str, line: str) -> None:
        """A unit ended."""
        del key
        self.note(line)

    def waiting(self, key: str, title: str, seconds: float, reason: str) -> None:
        """A unit is tried again later."""
        del key
        self.note(run_messages.waiting(title, seconds, reason))

    def close(self) -> None:
        """Nothing to end: each line was written whole."""


def sessions_lines(sessions: Sequence[Mapping[str, Any]]) -> list[str]:
    """The list of sessions: headings, a rule, and a line a session that begins with its full id.

    Names are the last column, if any session has one.
    """
    headings: tuple[str, ...] = COLUMNS
    rows = [session_row(session) for session in sessions]
    names = [_name(session) for session in sessions]
    if any(names):
        headings = (*COLUMNS, "Name")
        rows = [(*row, name or "-") for row, name in zip(rows, names, strict=True)]
    widths = [max(len(cell) for cell in column) for column in zip(headings, *rows, strict=True)]
    table = [headings, tuple("-" * width for width in widths), *rows]
    return ["  ".join(cell.ljust(n) for cell, n in zip(row, widths, strict=True)).rstrip() for row in table]


def session_row(session: Mapping[str, Any]) -> tuple[str, ...]:
    """One session's cells, under ``COLUMNS``; what the document lacks is a dash."""
    metadata = _mapping(session.get("metadata"))
    keys = ("session_id", "workflow_name", "pattern_type", "status", "updated_at")
    return tuple(safe_text.one_line(str(metadata.get(key) or "-")) for key in keys)


def _name(session: Mapping[str, Any]) -> str:
    return safe_text.one_line(str(_mapping(session.get("metadata")).get("name") or ""))


def session_fields(session: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The one-line facts of a session, as label and value. Name and Error only if there are any."""
    metadata = _mapping(session.get("metadata"))
    labels = {
        "session_id": "Session ID",
        "name": "Name",
        "workflow_name": "Workflow",
        "pattern_type": "Pattern",
        "status": "Status",
        "error": "Error",
        "created_at": "Created",
        "updated_at": "Updated",
    }
    found = [(label, metadata.get(key), key in ("name", "error")) for key, label in labels.items()]
    return [
        (label, safe_text.one_line(_worded(value)))
        for label, value, optional in found
        if value or not optional
    ]


def token_lines(session: Mapping[str, Any]) -> list[str]:
    """Token usage: total, input, output, and one line an agent."""
    usage = _mapping(session.get("token_usage"))
    used, answered = _count(usage.get("total_input_tokens")), _count(usage.get("total_output_tokens"))
    unknown = _count(usage.get("unreported_calls"))
    missing = [f"Not reported: {unknown} model calls"] if unknown else []
    if unknown and not used + answered:
        return ["Total: unknown", *missing]
    least = "at least " if unknown else ""
    lines = [f"Total: {least}{used + answered}", *missing, f"Input: {used}", f"Output: {answered}"]
    agents = _mapping(usage.get("by_agent"))
    if agents:
        lines += [
            "By agent:",
            *(f"  {safe_text.one_line(str(name))}: {_of_agent(agents[name])}" for name in agents),
        ]
    return lines


def json_lines(value: object) -> list[str]:
    """A JSON value, indented by two, safe to show."""
    return safe_text.printable(safe_text.json_text(value, default=str)).split("\n")


def session_lines(session: Mapping[str, Any], pattern_state: Mapping[str, Any] | None) -> list[str]:
    """One session: a line for each fact, blocks indented by two."""
    blocks = {
        "Variables": json_lines(session.get("variables") or {}),
        "Token Usage": token_lines(session),
        "Pattern State": json_lines(pattern_state or {}),
    }
    lines = [f"{label}: {value}" for label, value in session_fields(session)]
    for heading, block in blocks.items():
        lines += [f"{heading}:", *(f"  {line}" for line in block)]
    return lines


def _of_agent(used: object) -> str:
    """An agent's tokens: a number, or input and output apart."""
    if not isinstance(used, Mapping):
        return str(_count(used))
    parts = {str(name).removesuffix("_tokens"): _count(used[name]) for name in used}
    total = sum(count for name, count in parts.items() if name != "total")
    return f"{total} ({', '.join(f'{name} {count}' for name, count in parts.items())})"


def _worded(value: object) -> str:
    return value if isinstance(value, str) else "-" if value is None else json.dumps(value, default=str)


def _mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one: a damaged view must still be shown."""
    return value if isinstance(value, Mapping) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
