"""The doors of the program through which foreign text comes in, each with texts that fit it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from durable_core.answers.reading import read_evaluation, read_route, read_tasks
from durable_core.journal.verification import recount
from durable_core.spec.document import decode_bytes, read_document
from durable_core.spec.parse import parse_spec
from durable_core.templates.rendering import check_template, evaluate, free_names, render
from durable_shell.store.files.journal import FIRST_HASH, encode_line, scan
from durable_shell.store.port import Entry
from tests.support.golden import journals

_EXAMPLES: Final = Path(__file__).parents[2] / "docs" / "examples"
_VALUES: Final = {"topic": "tides", "n": 3, "rows": ({"name": "a", "size": 1}, {"name": "b", "size": 2})}


@dataclass(frozen=True, slots=True)
class Door:
    """``enter`` takes any bytes at all, and raises nothing. ``texts`` fit it, and others are made of them."""

    name: str
    enter: Callable[[bytes], object]
    texts: Callable[[], tuple[bytes, ...]]


@cache
def _specs() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(_EXAMPLES.glob("*.yaml")))


@cache
def _specs_as_json() -> tuple[bytes, ...]:
    documents = (read_document(text.decode(), format="yaml").unwrap().data for text in _specs())
    return tuple(json.dumps(document, default=dict).encode() for document in documents)


def _enter_yaml(raw: bytes) -> None:
    decode_bytes(raw).bind(parse_spec)


def _enter_json(raw: bytes) -> None:
    decode_bytes(raw).bind(lambda text: parse_spec(text, format="json"))


def _enter_answer(raw: bytes) -> None:
    text = raw.decode("utf-8", errors="surrogateescape")  # halves of surrogate pairs, too
    read_route(text, ("praise", "bill", "other"))
    read_evaluation(text)
    read_tasks(text, 5)


def _enter_template(raw: bytes) -> None:
    text = raw.decode("utf-8", errors="replace")
    check_template(text)
    free_names(text)
    render(text, _VALUES, place="here")
    render(text, _VALUES, place="here", lenient=True)
    evaluate(text, _VALUES, place="here")


def _enter_journal(raw: bytes) -> None:
    scan(raw)


def _enter_events(raw: bytes) -> None:
    """Events that anybody changed, in lines that verify: whoever can write a journal can count hashes."""
    events = []
    for line in raw.split(b"\n"):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            events.append(event)
    try:
        data, _ = encode_line([Entry(n, 1.0, 1, event) for n, event in enumerate(events, 1)], FIRST_HASH)
    except (ValueError, RecursionError):
        return  # no line of a journal can hold that
    found = scan(data)
    wires = [entry.event for entry in getattr(found, "entries", ())]
    recount(wires, str(events[0].get("session_id", "")) if events else "")


def _journal_texts() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in journals().values())


def _event_texts() -> tuple[bytes, ...]:
    texts = []
    for data in _journal_texts():
        lines = [json.loads(line) for line in data.splitlines()]
        texts.append(b"\n".join(json.dumps(line["event"]).encode() for line in lines))
    return tuple(texts)


ANSWERS: Final = (
    b'```json\n{"route": "praise"}\n```',
    b'<think>maybe {"route": "bill"}</think> {"route": "praise", "why": "kind \\ud83d\\ude00"}',
    b'Score: {"score": 87.5, "feedback": ["shorter", "kinder"], "ready": true}',
    b'[{"task": "collect"}, {"task": "sort"}, "count"] as I said',
    b'{"tasks": [{"task": "a"}]} {"tasks": []}',
)
TEMPLATES: Final = (
    b"{% for row in rows if row.size > n %}{{ loop.index }}: {{ row.name|upper }}{% else %}none{% endfor %}",
    b"{% set total = rows|map(attribute='size')|sum %}{{ total * 10 ** n }} {{ topic[:3] ~ '...' }}",
    b"{% macro m(a, b=2) %}{{ a * b }}{% endmacro %}{{ m(n) }}{% raw %}{{ not this }}{% endraw %}",
    b"{{ topic|replace('t', 'tt')|center(40)|wordwrap(5) }}{{ range(n)|list|tojson }}",
    b"{{ missing|default('-') }}{{ rows[1]['name'] }}{{ {'a': n}.items()|list }}",
    b"{{ '%s'|format(topic) }}{{ rows|groupby('size')|length }}{{ topic|regex_replace('(t+)', 'x') }}",
    b"'tides' in topic and n >= 3 or rows[0].name == 'b' and not (topic is defined)",
)

DOORS: Final = (
    Door("a spec as YAML", _enter_yaml, _specs),
    Door("a spec as JSON", _enter_json, _specs_as_json),
    Door("an answer", _enter_answer, lambda: ANSWERS),
    Door("a template", _enter_template, lambda: TEMPLATES),
    Door("a journal", _enter_journal, cache(_journal_texts)),
    Door("the events of a journal", _enter_events, cache(_event_texts)),
)
