"""Drawn screens, for terminals: moving progress, tables, panels. Imported only when something is drawn."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from durable_core.frozen import frozen
from durable_shell.terminal import safe_text
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.plain import (
    COLUMNS,
    json_lines,
    session_fields,
    session_row,
    token_lines,
)

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ASCII_FRAMES = "|/-\\"
_FRAMES_A_SECOND = 8
_STATUS_STYLES = {
    "completed": "green",
    "failed": "red",
    "paused": "yellow",
    "interrupted": "magenta",
    "running": "cyan",
}


class _HonestConsole(Console):
    """rich ends the process when a pipe breaks; here the caller decides."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


def _console(stream: TextIO, *, no_color: bool, width: int | None = None) -> Console:
    return _HonestConsole(
        file=stream,
        force_terminal=True,
        no_color=no_color,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
    )


@frozen()
class _Running:
    title: str
    since: float
    until: float | None = None
    """When a waiting unit is tried again."""
    reason: str = ""


class RichProgress:
    """Progress with a moving line for each running unit: how long it has run, or when it is tried again."""

    def __init__(
        self,
        stream: TextIO,
        *,
        no_color: bool = False,
        width: int | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._encoding = getattr(stream, "encoding", None)
        self._console = _console(stream, no_color=no_color, width=width)
        self._now = now
        self._running: dict[str, _Running] = {}
        self._live: Live | None = None
        self._heard = True

    def note(self, line: str) -> None:
        """Say something, above the moving lines."""
        self._print(line, "")

    def warn(self, line: str) -> None:
        """Say something that matters."""
        self._print(line, "yellow")

    def started(self, key: str, title: str) -> None:
        """Show a moving line for the unit."""
        self._running = {**self._running, key: _Running(title, self._now())}
        self._draw()

    def finished(self, key: str, line: str) -> None:
        """Take the unit's moving line away and say how it ended."""
        self._running = {other: unit for other, unit in self._running.items() if other != key}
        if not self._running:
            self._stop()  # before the line, or the unit that ended would be drawn once more below it
        self._print(line, "")

    def waiting(self, key: str, title: str, seconds: float, reason: str) -> None:
        """Count down to the next attempt of the unit."""
        now = self._now()
        self._running = {**self._running, key: _Running(title, now, now + seconds, reason)}
        self._draw()

    def close(self) -> None:
        """Take all moving lines away; units that still run get theirs back at the next ``started``."""
        self._stop()

    def lines(self) -> list[str]:
        """The moving lines as they stand now, at most as many as the terminal has room for."""
        now = self._now()
        frames = safe_text.encodable(_FRAMES, self._encoding)
        frames = frames if frames == _FRAMES else _ASCII_FRAMES
        frame = frames[int(now * _FRAMES_A_SECOND) % len(frames)]
        room = max(1, self._console.height - 4)
        units = list(self._running.values())
        shown = [f"{frame} {self._safe(_moment(unit, now))}" for unit in units[:room]]
        return shown if len(units) <= room else [*shown, f"  and {len(units) - room} more"]

    def _draw(self) -> None:
        if self._live is None and self._heard:
            self._live = Live(
                get_renderable=self._renderable,
                console=self._console,
                refresh_per_second=_FRAMES_A_SECOND,
                transient=True,
                redirect_stdout=False,  # standard output is the result
                redirect_stderr=False,
            )
            self._attempt(self._live.start)

    def _renderable(self) -> RenderableType:
        return Group(*(Text(line, style="dim", no_wrap=True, overflow="ellipsis") for line in self.lines()))

    def _stop(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            self._attempt(live.stop)

    def _print(self, line: str, style: str) -> None:
        text = Text(self._safe(line), style=style)
        self._attempt(lambda: self._console.print(text, soft_wrap=True))

    def _safe(self, line: str) -> str:
        return safe_text.encodable(safe_text.printable(line), self._encoding)

    def _attempt(self, act: Callable[[], object]) -> None:
        """Once the terminal is gone, nothing more is drawn; the run goes on."""
        if not self._heard:
            return
        try:
            act()
        except (OSError, ValueError):
            self._heard = False


def _moment(unit: _Running, now: float) -> str:
    if unit.until is None:
        return f"{unit.title}  {now - unit.since:.0f} s"
    return run_messages.waiting(unit.title, max(0, round(unit.until - now)), unit.reason)


def draw_sessions(
    sessions: Sequence[Mapping[str, Any]], stream: TextIO, width: int, *, no_color: bool = False
) -> None:
    """The list of sessions as a table, ids shortened, a session's name behind its workflow."""
    table = Table()
    for heading in COLUMNS:
        table.add_column(heading, overflow="fold", no_wrap=heading in ("Session ID", "Status"))
    for session in sessions:
        session_id, workflow, pattern, status, updated = session_row(session)
        name = dict(session_fields(session)).get("Name")
        cells = [safe_text.short_id(session_id), f"{workflow} ({name})" if name else workflow, pattern]
        table.add_row(
            *(_text(cell, stream) for cell in cells), _status(status, stream), _text(updated, stream)
        )
    _console(stream, no_color=no_color, width=width).print(table)


def draw_session(
    session: Mapping[str, Any],
    pattern_state: Mapping[str, Any] | None,
    stream: TextIO,
    width: int,
    *,
    no_color: bool = False,
) -> None:
    """One session as a panel."""
    facts = Table.grid(padding=(0, 2))
    for label, value in session_fields(session):
        cell = _status(value, stream) if label == "Status" else _text(value, stream)
        facts.add_row(Text(f"{label}:", style="bold"), cell)
    parts: list[RenderableType] = [facts]
    blocks = {
        "Variables": json_lines(session.get("variables") or {}),
        "Token Usage": token_lines(session),
        "Pattern State": json_lines(pattern_state or {}),
    }
    for heading, lines in blocks.items():
        parts += [
            Text(f"\n{heading}:", style="bold"),
            _text("\n".join(f"  {line}" for line in lines), stream),
        ]
    session_id = session_row(session)[0]
    panel = Panel(Group(*parts), title=_text(run_messages.session_heading(session_id), stream))
    _console(stream, no_color=no_color, width=width).print(panel)


def _text(value: str, stream: TextIO) -> Text:
    return Text(
        safe_text.encodable(safe_text.printable(value), getattr(stream, "encoding", None)),
        overflow="fold",
    )


def _status(status: str, stream: TextIO) -> Text:
    cell = _text(status, stream)
    cell.stylize(_STATUS_STYLES.get(status, ""))
    return cell
