"""What becomes of each fault of each provider, from the table that the wire tests hold to be true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from docs.generator.markdown import table

_TABLE: Final = Path(__file__).parents[2] / "tests" / "data" / "wire.jsonl"

_PLACE: Final = re.compile(r"(?P<before>.* after )(?P<place>\d+)(?P<behind> of \d+ pieces)")

Outcome = Mapping[str, Any]


def outcomes_in_short() -> str:
    """The class of each fault that every provider has, by provider."""
    cells = _cells()
    rows = []
    for fault in next(iter(cells.values())):
        if "%" not in _shared(fault) and all(fault in found for found in cells.values()):
            classes = [found[fault]["outcome"] for found in cells.values()]
            rows.append((_capital(fault), *classes))
    return table(("Fault", *(f"`{provider}`" for provider in cells)), rows)


def outcomes_by_provider() -> str:
    """Each fault of each provider: its class, requests, attempts, usage and message."""
    heads = ("Fault", "Class", "Requests", "Attempts", "Usage", "Message: *provider (model) at host:port* …")
    parts = []
    for provider, found in _cells().items():
        parts.append(f"## {provider}")
        parts.append(table(heads, _rows(provider, found)))
    return "\n\n".join(parts)


def _rows(provider: str, found: Mapping[str, Outcome]) -> Iterable[tuple[str, ...]]:
    alike = groupby(found.items(), lambda pair: (_shared(pair[0]), sorted(pair[1].items(), key=str)))
    for _, group in alike:
        faults = list(group)
        outcome = faults[0][1]
        attempts = str(outcome["attempts"])
        if outcome["wait"] is not None:
            attempts += f", {outcome['wait']:g} s apart or more"
        said = outcome["message"].removeprefix(f"{provider} (tea-1) at 127.0.0.1:PORT ")
        message = "" if outcome["outcome"] == "answer" else said
        name = _together([fault for fault, _ in faults])
        yield name, outcome["outcome"], str(outcome["requests"]), attempts, outcome["usage"], message


def _shared(fault: str) -> str:
    """What faults that differ in their place alone have in common."""
    return _PLACE.sub(r"\g<before>%\g<behind>", fault)


def _together(faults: list[str]) -> str:
    """One name for faults that differ in their place alone."""
    places = [found["place"] for fault in faults if (found := _PLACE.fullmatch(fault))]
    if len(places) < 2:
        return _capital(faults[0])
    listed = f"{', '.join(places[:-1])} or {places[-1]}"
    return _capital(_shared(faults[0]).replace("%", listed))


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _cells() -> dict[str, dict[str, Outcome]]:
    found: dict[str, dict[str, Outcome]] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        cell = json.loads(line)
        found.setdefault(cell["provider"], {})[cell["fault"]] = {
            name: value for name, value in cell.items() if name not in ("provider", "fault")
        }
    return found
