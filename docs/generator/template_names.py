"""The names that templates may use, from the patterns' descriptors: where each is, and what it stands for."""

from __future__ import annotations

from typing import Any

from docs.generator.markdown import table
from durable_core.patterns import PATTERNS
from durable_core.patterns.scopes import Scope, ScopedName


def scopes() -> str:
    """The names at each kind of place."""
    rows = [
        (pattern, scope.where, _listed(scope)) for pattern in PATTERNS for scope in PATTERNS[pattern].scopes
    ]
    return table(("Pattern", "Where", "Names"), rows)


def names() -> str:
    """What each name stands for, and what can be looked up in it."""
    rows = []
    for pattern in PATTERNS:
        entries = [entry for scope in PATTERNS[pattern].scopes for entry in scope.names.items()]
        told = {(name, entry.meaning): entry for name, entry in entries}
        rows += [
            (pattern, f"`{entry.written(name)}`", entry.meaning, _fields(entry))
            for (name, _), entry in told.items()
        ]
    return table(("Pattern", "Name", "What it is", "Its fields"), rows)


def _listed(scope: Scope[Any]) -> str:
    return ", ".join(f"`{name}`" for name in scope.names) or "variables alone"


def _fields(entry: ScopedName[Any]) -> str:
    """The fields of each kind of record; those of a person's answer come last."""
    kinds = (", ".join(f"`{name}`" for name in record.field_names()) for record in entry.records)
    return "; of a person: ".join(kinds)
