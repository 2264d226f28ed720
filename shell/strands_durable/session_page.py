"""A session as a piece of HTML, for notebooks. Whatever stands in a session is text there."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Final

from durable_core.views.units import UnitRecord

if TYPE_CHECKING:
    from strands_durable.stored_session import Session

MOST_UNITS: Final = 200
"""Rows of the table. What a person looks through is shorter, and a notebook stays light."""

MOST_CHARACTERS: Final = 300
"""Of a prompt or an answer in the table; ``session.units`` has them whole."""


def session_html(session: Session) -> str:
    """What ``session`` is, how far it is as a drawing, and a row for each unit; of too many, the last."""
    shown = list(session.units)[-MOST_UNITS:]
    left_out = len(session.units) - len(shown)
    facts = (
        ("workflow", session.spec.name),
        ("session", session.id),
        ("name", session.name or ""),
        ("status", session.status),
        ("began", _time(session.created_at)),
        ("tokens", f"{session.usage.input_tokens} in, {session.usage.output_tokens} out"),
        ("error", session.error or ""),
    )
    parts = [
        "<div>",
        "<p>",
        "<br>".join(f"<b>{name}</b> {escape(text)}" for name, text in facts if text),
        "</p>",
        session.svg().strip(),
        f"<p>{left_out} earlier units are not shown.</p>" if left_out else "",
        "<table><thead><tr>",
        *(
            f"<th>{name}</th>"
            for name in ("unit", "by", "status", "tries", "seconds", "tokens", "asked", "answered")
        ),
        "</tr></thead><tbody>",
        *(_row(unit) for unit in shown),
        "</tbody></table>",
        "</div>",
    ]
    return "\n".join(part for part in parts if part)


def _row(unit: UnitRecord) -> str:
    seconds = "" if unit.ended_at is None else f"{unit.ended_at - unit.started_at:.1f}"
    cells = (
        unit.id,
        unit.agent or unit.kind,
        unit.status,
        str(len(unit.attempts)),
        seconds,
        str(unit.usage.total),
        _short(unit.prompt),
        _short(unit.answer if unit.fault is None else unit.fault.message),
    )
    return "<tr>" + "".join(f'<td style="text-align:left">{escape(text)}</td>' for text in cells) + "</tr>"


def _short(text: str | None) -> str:
    if text is None:
        return ""
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + " …"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(sep=" ", timespec="seconds").replace("+00:00", " UTC")
