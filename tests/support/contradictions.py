"""Journals whose lines are as they were written, hash by hash, and whose events contradict each other.

Whoever can write a journal can count hashes, so a right chain says nothing about what the events mean.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from durable_shell.store.digest import chain_digest

Wire = dict[str, Any]
Events = list[Wire]

NO_MESSAGES: Final[tuple[Any, ...]] = (
    7,
    {},
    {"role": "assistant"},
    {"role": "assistant", "content": [7]},
    {"role": "assistant", "content": [{"text": None}]},
    {"role": "assistant", "content": [{"toolUse": []}]},
    {"role": "assistant", "content": [{"toolUse": {"toolUseId": 7}}]},
    {"role": "assistant", "content": [], "metadata": 7},
    {"role": "assistant", "content": [], "metadata": {"custom": 7}},
    {"role": "assistant", "content": [], "metadata": {"usage": {"inputTokens": "many"}}},
    {"role": "user", "content": [{"toolResult": {}}]},
    {"role": "user", "content": "tides"},
    {"role": "nobody", "content": []},
)
"""What stands in the place of a message and is none."""

_OTHERS: Final[dict[str, tuple[Any, ...]]] = {
    "unit": ("nobody", "artifacts/7", "artifacts/x"),
    "conversation": ("", "nobody"),
    "agent": ("", "nobody"),
    "attempt": (0, 9),
    "index": (0, 9),
    "kept": (1, 9),
    "call": ("none",),
    "size": (0,),
    "usage": ({"input_tokens": 0, "output_tokens": 0},),
    "variables": ({},),
}
"""What is written over a field: names of what never was, and counts that can't be."""


def contradictions(events: Events) -> Iterator[tuple[str, Events]]:
    """Journals made of a right one by a single lie each, and what the lie is."""
    places = range(1, len(events))
    for at in places:
        before, event, after = events[:at], events[at], events[at + 1 :]
        yield f"line {at + 1} never was", [*before, *after]
        yield f"line {at + 1} twice", [*before, event, event, *after]
        yield f"line {at + 1} again at the end", [*events, event]
        yield f"line {at + 1} a line too late", [*before, *after[:1], event, *after[1:]]
        for what, lie in _lies(event, events):
            yield f"line {at + 1}: {what}", [*before, lie, *after]


def _lies(event: Wire, events: Events) -> Iterator[tuple[str, Wire]]:
    for field, others in _OTHERS.items():
        for other in others if field in event else ():
            yield f"{field} {other!r}", {**event, field: other}
    for count in (0, 1, 9) if "mark" in event else ():
        yield f"marks {count}", {**event, "mark": {**event["mark"], "count": count}}
    for message in NO_MESSAGES if "message" in event else ():
        yield f"message {message}", {**event, "message": message}
    for decided in _decided(event, events) if "decided" in event else ():
        yield f"decided {decided}", {**event, "decided": decided}


def _decided(event: Wire, events: Events) -> Iterator[list[Wire]]:
    yield []
    yield event["decided"] * 2
    yield from (one["decided"] for one in events if one.get("decided"))
    for place, one in enumerate(event["decided"]):
        for field in one.keys() - {"type"}:
            for other in (None, 9, "nobody", [], {}):
                changed = copy.deepcopy(event["decided"])
                changed[place][field] = other
                yield changed


def agreeing(events: Events) -> Events:
    """The same events, with the digests that the messages have now: who forges, forges all of it."""
    digests: dict[str, list[str]] = {}
    forged = copy.deepcopy(events)
    for event in forged:
        held = digests.setdefault(str(event.get("conversation")), [""])
        if "message" in event and type(event["index"]) is int and event["index"] >= 0:
            del held[event["index"] + 1 :]
            event["digest"] = chain_digest(held[-1], event["message"])
            held.append(event["digest"])
        elif "mark" in event and 0 <= event["mark"]["count"] < len(held):
            event["mark"]["digest"] = held[event["mark"]["count"]]
    return forged
