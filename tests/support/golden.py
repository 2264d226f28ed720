"""The journals under ``tests/data/journals``: every format that ever landed, as it was written then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.journal_kit import entries

JOURNALS = Path(__file__).parent.parent / "data" / "journals"
WITH_VIEWS = JOURNALS / "7-way-alone"
"""The format whose sessions are kept with all their views."""


def journals() -> dict[str, Path]:
    """Every journal, by the name of its format and its session."""
    alone = {f"{path.parent.name}/{path.stem}": path for path in JOURNALS.glob("*/*.jsonl")}
    beside = {
        f"{path.parent.parent.name}/{path.parent.name}": path for path in JOURNALS.glob("*/*/journal.jsonl")
    }
    return dict(sorted((alone | beside).items()))


def wires(journal: Path) -> list[dict[str, Any]]:
    """The events of a journal as JSON objects."""
    return [line["event"] for line in entries(journal)]


def forms(journal: Path) -> set[str]:
    """Every form that a journal holds: of events, of what patterns decided, of the stored spec."""
    found = set()
    for event in wires(journal):
        found |= {event["type"], *(one["type"] for one in event.get("decided", ()))}
        if "type" in event.get("spec", {}):
            found.add(event["spec"]["type"])
    return found
