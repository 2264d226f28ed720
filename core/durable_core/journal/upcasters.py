"""Upcasters: journals that an earlier version wrote, read as this version would have written them.

A record on the wire (an event, a pattern's event, the stored spec) names its form in ``type``: a name and a
version, ``gate_opened/1``. A form is what has been written to people's disks, so it never changes; what
changes is which one is written today. For every form of the past, a function here makes the next form of it,
as JSON, and the chain of them ends at a form of today. So only today's forms have decoders.

An upcaster is pure and total: it gets whatever is in a line whose hash is right, and leaves what makes no
sense for the decoder to refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

WireRecord = Mapping[str, Any]
"""A record of the wire: a JSON object."""

Upcasters = Mapping[str, Callable[[WireRecord], WireRecord]]
"""For each form of the past, the function that makes the next form of it; the result names that form."""


def _session_started_1(old: WireRecord) -> WireRecord:
    """It did not name the version that wrote it, and the stored spec did not name its form."""
    return {
        **old,
        "type": "session_started/2",
        "writer": _unknown_writer(),
        "spec": _named_spec(old.get("spec")),
    }


def _session_resumed_1(old: WireRecord) -> WireRecord:
    """It did not name the version that resumed the session."""
    return {**old, "type": "session_resumed/2", "writer": _unknown_writer()}


def _spec_changed_1(old: WireRecord) -> WireRecord:
    """The stored spec did not name its form."""
    return {**old, "type": "spec_changed/2", "spec": _named_spec(old.get("spec"))}


def _gate_opened_1(old: WireRecord) -> WireRecord:
    """At first, questions were not numbered like attempts: those are number 0, before the first."""
    return {"attempt": 0, **old, "type": "gate_opened/2"}


def _node_completed_1(old: WireRecord) -> WireRecord:
    """At first, the way on kept the variables of its moment."""
    return {**old, "type": "graph.node_completed/2", "way": _way_alone(old.get("way"))}


def _node_answered_1(old: WireRecord) -> WireRecord:
    """At first, the way on kept the variables of its moment."""
    return {**old, "type": "graph.node_answered/2", "way": _way_alone(old.get("way"))}


UPCASTERS: Final[Upcasters] = MappingProxyType(
    {
        "session_started/1": _session_started_1,
        "session_resumed/1": _session_resumed_1,
        "spec_changed/1": _spec_changed_1,
        "gate_opened/1": _gate_opened_1,
        "graph.node_completed/1": _node_completed_1,
        "graph.node_answered/1": _node_answered_1,
    }
)
"""Every form of the past that was ever written by a version on the main branch."""


def _unknown_writer() -> WireRecord:
    return {"program": "", "journal": 1}


def _named_spec(spec: object) -> object:
    return {"type": "spec/1", **spec} if isinstance(spec, Mapping) else spec


def _way_alone(way: object) -> object:
    if not isinstance(way, Mapping):
        return way
    return {name: value for name, value in way.items() if name != "variables"}
