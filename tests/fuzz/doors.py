"""The doors of the program through which foreign text comes in, each with texts that fit it."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from durable_core.answers.reading import read_evaluation, read_route, read_tasks
from durable_core.journal.leases import holder_from_json
from durable_core.journal.verification import recount
from durable_core.spec.document import decode_bytes, read_document
from durable_core.spec.parse import parse_spec
from durable_core.spec.settings import ModelSettings
from durable_core.spec.variables import file_values, resolve_variables
from durable_core.templates.regex_cost import UnsafePattern, accepts, found_in
from durable_core.templates.rendering import check_template, evaluate, free_names, render
from durable_shell.providers.error_classification import classify
from durable_shell.providers.offline.script_file import load_script
from durable_shell.providers.tool_arguments import arguments_problem, usable_arguments
from durable_shell.sources.config import CONFIG, load_config
from durable_shell.store.files.journal import FIRST_HASH, encode_line, scan
from durable_shell.store.port import Entry
from tests.fuzz.forms import JSON, JSON_LINES, YAML
from tests.fuzz.mutations import Form
from tests.support.golden import journals
from tests.support.home import Home

_DOCS: Final = Path(__file__).parents[2] / "docs"
_VALUES: Final = {"topic": "tides", "n": 3, "rows": ({"name": "a", "size": 1}, {"name": "b", "size": 2})}

MOST_SAID: Final = 40_000
"""Characters that a command may say about a text of ``LONGEST`` bytes that it can't take."""


@dataclass(frozen=True, slots=True)
class Door:
    """``enter`` takes any bytes at all, and raises nothing. ``texts`` fit it, and others are made of them: of
    their bytes, and of their parts in the ``form`` that they have."""

    name: str
    enter: Callable[[bytes], object]
    texts: Callable[[], tuple[bytes, ...]]
    form: Form | None = None


# Specs and what is written beside them -------------------------------------------------------------


@cache
def _specs() -> tuple[bytes, ...]:
    examples = [path.read_bytes() for path in sorted(_DOCS.glob("examples/*.yaml"))]
    pages = [page.read_text() for page in sorted(_DOCS.rglob("*.md"))]
    shown = [
        text.encode() for page in pages for text in re.findall(r"```yaml[^\n]*\n(.*?)```", page, re.DOTALL)
    ]
    used = [text for text in shown if b"agents:" in text]
    return tuple(dict.fromkeys((*examples, *used, *_stored_specs())))


def _stored_specs() -> Iterator[bytes]:
    """One of each shape that the journals hold: they use every pattern."""
    for text in _event_texts():
        spec = json.loads(text.split(b"\n", 1)[0]).get("spec")
        if isinstance(spec, dict) and "pattern" in spec and "type" not in spec:
            yield json.dumps(spec).encode()


@cache
def _specs_as_json() -> tuple[bytes, ...]:
    documents = (read_document(text.decode(), format="yaml").unwrap().data for text in _specs())
    return tuple(json.dumps(document, default=dict).encode() for document in documents)


def _enter_yaml(raw: bytes) -> None:
    decode_bytes(raw).bind(parse_spec)


def _enter_json(raw: bytes) -> None:
    decode_bytes(raw).bind(lambda text: parse_spec(text, format="json"))


def _enter_commands(raw: bytes) -> None:
    """What a person is told about a spec, whatever is in it."""
    with _home() as home:
        (home.path / "odd.yaml").write_bytes(raw)
        for line in ("validate", "plan", "explain"):
            _asked(home, line, "odd.yaml")
        _asked(home, "plan", "odd.yaml", "--json")
        _asked(home, "plan", "odd.yaml", "--graph", "odd.svg")


INPUTS: Final = b"""
version: 0
name: odd
runtime: {provider: echo}
inputs:
  required:
    text: string
    coded: {type: string, enum: [a, "1", "no"]}
    many: {type: array}
  optional:
    count: {type: integer, default: 2}
    part: {type: number, default: 0.5}
    sure: {type: boolean, default: false}
    thing: {type: object, default: {a: 1}}
agents: {ann: {prompt: Say it.}}
pattern: {type: chain, config: {steps: [{agent: ann, input: "{{ text }} {{ many }} {{ thing }}"}]}}
"""

VARIABLES: Final = (
    b"text: on tides\ncoded: no\nmany: [1, two, 3.0]\ncount: 0x10\npart: 1e3\nsure: true\nthing: {b: [{}]}\n",
    b'{"text": "0012", "coded": "1", "many": [], "count": 3, "part": -0.25, "sure": false, '
    b'"thing": {"c": null}}',
    b"text: |\n  one\n  two\ncoded: a\nmany:\n  - &x {a: b}\n  - *x\n",
)


def _enter_variables(raw: bytes) -> None:
    spec = parse_spec(INPUTS.decode()).unwrap()
    text = raw.decode("utf-8", errors="replace")
    names = (*spec.inputs.required, *spec.inputs.optional)
    resolve_variables(spec, file={}, given=dict.fromkeys(names, text))
    read = decode_bytes(raw).bind(lambda text: read_document(text, format="yaml", kind="variables"))
    read.map(lambda document: resolve_variables(spec, file=file_values(spec, document), given={}))


SCRIPTS: Final = (
    b'rules:\n  - match: {agent: ann, contains: tea}\n    answer: "{{ heard }} is tea"\n    times: 2\n'
    b"  - match: {regex: 'on (\\w+)'}\n    answers: [one, two]\n  - fault: throttled\n    retry_after: 3\n",
    b'{"rules": [{"tool_use": {"name": "file_read", "input": {"path": "x"}}, '
    b'"usage": {"input": 1, "output": 2}}]}',
)


def _enter_script(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("odd.yaml", "odd.json"):
            path = Path(folder, name)
            path.write_bytes(raw)
            script = load_script(str(path)).value_or(None)
            if script is not None:
                with suppress(ValueError):  # it says that the pattern may take for ever
                    script.choose("ann", "words on tea " * 50)


CONFIGS: Final = (b"retention:\n  older_than: 30d\n  keep: 10\n  status: [completed, failed]\n", b"{}\n")


def _enter_config(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, CONFIG).write_bytes(raw)
        load_config(Path(folder))


# What models and providers say ---------------------------------------------------------------------


def _enter_answer(raw: bytes) -> None:
    text = raw.decode("utf-8", errors="surrogateescape")  # halves of surrogate pairs, too
    read_route(text, ("praise", "bill", "other"))
    read_evaluation(text)
    read_tasks(text, 5)


ANSWERS: Final = (
    b'```json\n{"route": "praise"}\n```',
    b'<think>maybe {"route": "bill"}</think> {"route": "praise", "why": "kind \\ud83d\\ude00"}',
    b'Score: {"score": 87.5, "feedback": ["shorter", "kinder"], "ready": true}',
    b'{"score": 85, "issues": ["long"], "fixes": []}',
    b'[{"task": "collect"}, {"task": "sort"}, "count"] as I said',
    b'{"tasks": [{"task": "a"}]} {"tasks": []}',
)


def _enter_arguments(raw: bytes) -> None:
    text = raw.decode("utf-8", errors="surrogateescape")
    usable = usable_arguments(text)
    usable.encode()
    schema = {"properties": {"path": {"type": "string"}, "n": {"type": "integer"}}}
    arguments_problem(json.loads(usable), schema, lenient=False)


ARGUMENTS: Final = (
    b'{"path": "notes/a.txt", "n": 3}',
    b'{"path": "\\ud83d\\ude00", "deep": {"a": [{"b": [1, 2.5, null, true]}]}}',
    b'{"path": "a", "path": "b", "n": -1e-7}',
)


def _enter_error(raw: bytes) -> None:
    """An error in the shape of each client, with whatever a server may have put into it."""
    text = raw.decode("utf-8", errors="surrogateescape")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        document = text
    said = document if isinstance(document, dict) else {}
    headers = said.get("headers")
    response = SimpleNamespace(status_code=said.get("status"), text=text, headers=headers)
    in_aws = {"Error": said.get("error"), "ResponseMetadata": {"HTTPStatusCode": 429, "HTTPHeaders": headers}}
    for carried in (
        {"body": said.get("body", document), "response": response, "code": said.get("code")},
        {"details": document, "code": said.get("status")},
        {"response": in_aws},
        {"error": text, "status_code": said.get("status")},
    ):
        error = Exception(text)
        vars(error).update(carried)
        fault = classify(error, _ASKED, ("sk-mine-12345678",), now=1.0)
        assert len(fault.message) <= MOST_OF_A_FAULT, f"{len(fault.message)} characters"
        assert fault.retry_after is None or fault.retry_after >= 0


_ASKED: Final = ModelSettings(
    provider="openai",
    model_id="m",
    region=None,
    host="http://h",
    temperature=None,
    top_p=None,
    max_tokens=None,
)
MOST_OF_A_FAULT: Final = 600
"""Characters of the message of a fault: the provider's own words, cut, and what stands around them."""

ERRORS: Final = (
    b'{"error": {"message": "rate limited", "type": "requests", "code": "429"}, "status": 429}',
    b'{"error": {"error": {"data": {"detail": "overloaded"}}}, "status": 503, '
    b'"headers": {"Retry-After": "3"}}',
    b'{"error": {"Code": "ThrottlingException", "Message": "slow down"}, "code": "insufficient_quota"}',
    b'{"status": 429, "headers": {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT", "retry-after-ms": "1500"}}',
    b'{"error": {"details": [{"retryDelay": "34s"}]}, "body": "key sk-mine-12345678 is wrong"}',
    b"<html><body>502 Bad Gateway</body></html>",
)


# Templates and patterns ----------------------------------------------------------------------------


def _enter_template(raw: bytes) -> None:
    text = raw.decode("utf-8", errors="replace")
    check_template(text)
    free_names(text)
    render(text, _VALUES, place="here")
    render(text, _VALUES, place="here", lenient=True)
    evaluate(text, _VALUES, place="here")


TEMPLATES: Final = (
    b"{% for row in rows if row.size > n %}{{ loop.index }}: {{ row.name|upper }}{% else %}none{% endfor %}",
    b"{% set total = rows|map(attribute='size')|sum %}{{ total * 10 ** n }} {{ topic[:3] ~ '...' }}",
    b"{% macro m(a, b=2) %}{{ a * b }}{% endmacro %}{{ m(n) }}{% raw %}{{ not this }}{% endraw %}",
    b"{{ topic|replace('t', 'tt')|center(40)|wordwrap(5) }}{{ range(n)|list|tojson }}",
    b"{{ missing|default('-') }}{{ rows[1]['name'] }}{{ {'a': n}.items()|list }}",
    b"{{ '%s'|format(topic) }}{{ rows|groupby('size')|length }}{{ topic|regex_replace('(t+)', 'x') }}",
    b"'tides' in topic and n >= 3 or rows[0].name == 'b' and not (topic is defined)",
    b"{{ topic|title|trim|truncate(3) }}{{ rows|sort(attribute='name')|join(', ', 'name') }}{{ n|int }}",
    b"{{ rows|selectattr('size', '>', 1)|list|first }}{{ topic|indent(4) }}{{ rows|batch(2)|list }}",
    b"{{ ' a '.join(['x', 'y']).split()|last }}{{ topic.encode() }}{{ '{:>9}'.format(n) }}{{ '%9d' % n }}",
    b"{{ rows|map('upper')|unique|reverse|list }}{{ n // 2 % 3 - -n }}{{ topic|slice(3)|list }}{{ 1 if n }}",
)


def _enter_filled(raw: bytes) -> None:
    """Templates that are in order, over values that anybody said."""
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        values = raw.decode("utf-8", errors="replace")
    context = {"topic": values, "n": 3, "rows": values}
    context |= {str(key): value for key, value in values.items()} if isinstance(values, dict) else {}
    for template in TEMPLATES:
        render(template.decode(), context, place="here")
        render(template.decode(), context, place="here", lenient=True)


FILLINGS: Final = (
    json.dumps(_VALUES).encode(),
    b'{"topic": "a{{ n }}b", "n": 12.5, "rows": [{"name": null, "size": "2"}, {"size": [1, {"a": {}}]}]}',
    b'[{"name": "\\ud83d\\ude00", "size": -1}, {"name": "x", "size": 1e300}]',
)


def _enter_pattern(raw: bytes) -> None:
    """A pattern on the first line is refused, or compared with the rest in due time."""
    pattern, _, text = raw.decode("utf-8", errors="replace").partition("\n")
    for asked in (accepts, found_in):
        for answer in (text[:200], text, (text[:9] or "a") * 60 + "!"):
            try:
                asked(pattern, answer)
            except UnsafePattern:
                continue


EXPRESSIONS: Final = (
    b"Score:\\s*(\\d+)\nScore:        87",
    b"(yes|no|maybe)[.!]?\nyes.",
    b"(?i)[a-z_]+(?:-[a-z0-9]{1,20})*\nsome-long-name-1-" + b"a" * 150,
    b"\\w+@\\w+\\.(?:com|org)\n" + b"a@" * 90,
    b"^(?P<a>a?){20}a{20}(?=b)$\n" + b"a" * 40,
    b"(?:\\s*\\w+\\s*,)+x?\n" + b"a , b, " * 30,
)


# Journals ------------------------------------------------------------------------------------------


def _enter_journal(raw: bytes) -> None:
    scan(raw)


def _hashed(raw: bytes) -> tuple[bytes, list[Any]]:
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
        return encode_line([Entry(n, 1.0, 1, event) for n, event in enumerate(events, 1)], FIRST_HASH)[
            0
        ], events
    except (ValueError, RecursionError):
        return b"", []  # no line of a journal can hold that


def _enter_events(raw: bytes) -> None:
    data, events = _hashed(raw)
    found = scan(data)
    wires = [entry.event for entry in getattr(found, "entries", ())]
    recount(wires, str(events[0].get("session_id", "")) if events else "")


def _enter_session(raw: bytes) -> None:
    """A session that came from elsewhere, looked at and mended."""
    data, events = _hashed(raw)
    session_id = str(events[0].get("session_id", "")) if events else ""
    _look_at(data, session_id if re.fullmatch(r"[0-9a-f-]{36}", session_id) else _AN_ID)


def _enter_damaged(raw: bytes) -> None:
    _look_at(raw, _AN_ID)


_AN_ID: Final = "ab3158ae-9439-4a29-ba11-4822420dbacb"


def _look_at(journal: bytes, session_id: str) -> None:
    with _home() as home:
        folder = home.folder(session_id)
        folder.mkdir(parents=True)
        (folder / "journal.jsonl").write_bytes(journal)
        _asked(home, "sessions", "show", session_id)
        _asked(home, "sessions", "show", session_id, "--json")
        _asked(home, "sessions", "verify")
        _asked(home, "sessions", "tick")
        _asked(home, "sessions", "repair", session_id, "--force")
        _asked(home, "sessions", "list")
        _asked(home, "sessions", "show", session_id, "--graph", "odd.svg")


def _enter_holder(raw: bytes) -> None:
    holder_from_json(raw)
    with _home() as home:
        folder = home.folder(_AN_ID)
        folder.mkdir(parents=True)
        (folder / "journal.jsonl").write_bytes(_journal_texts()[0])
        (folder / ".lease").write_bytes(raw)
        _asked(home, "sessions", "list")
        _asked(home, "sessions", "show", _AN_ID)
        _asked(home, "sessions", "tick")
        _asked(home, "sessions", "delete", _AN_ID, "--force")


HOLDERS: Final = (
    b'{"pid": 12, "host": "h", "boot": "b", "process_start": 3, "command": "strands run x", "token": 2, '
    b'"since": 1.5, "until": 9.5}',
)


def _journal_texts() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in journals().values())


@cache
def _event_texts() -> tuple[bytes, ...]:
    texts = []
    for data in _journal_texts():
        lines = [json.loads(line) for line in data.splitlines()]
        texts.append(b"\n".join(json.dumps(line["event"]).encode() for line in lines))
    return tuple(texts)


# A person at a terminal ----------------------------------------------------------------------------


_STEERS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


@contextmanager
def _home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        yield Home(Path(folder))


def _asked(home: Home, *line: str) -> None:
    code = home.strands(*line)
    if code == 70:
        raise AssertionError(f"{line}: {home.err}" + (home.path / ".strands" / "last-error.txt").read_text())
    said = home.err + home.out
    assert len(home.err) <= MOST_SAID, f"{line} says {len(home.err)} characters"
    odd = set(_STEERS.findall(said))
    assert not odd, f"{line} says {odd}"


DOORS: Final = (
    Door("a spec as YAML", _enter_yaml, _specs, YAML),
    Door("a spec as JSON", _enter_json, _specs_as_json, JSON),
    Door("a spec at the command line", _enter_commands, _specs, YAML),
    Door("variables", _enter_variables, lambda: VARIABLES, YAML),
    Door("a script", _enter_script, lambda: SCRIPTS, YAML),
    Door("a config", _enter_config, lambda: CONFIGS, YAML),
    Door("an answer", _enter_answer, lambda: ANSWERS),
    Door("the arguments of a tool", _enter_arguments, lambda: ARGUMENTS, JSON),
    Door("an error of a provider", _enter_error, lambda: ERRORS, JSON),
    Door("a template", _enter_template, lambda: TEMPLATES),
    Door("the values in templates", _enter_filled, lambda: FILLINGS, JSON),
    Door("a pattern", _enter_pattern, lambda: EXPRESSIONS),
    Door("a journal", _enter_journal, cache(_journal_texts)),
    Door("the events of a journal", _enter_events, _event_texts, JSON_LINES),
    Door("a damaged session", _enter_damaged, cache(_journal_texts)),
    Door("a session from elsewhere", _enter_session, _event_texts, JSON_LINES),
    Door("who holds a session", _enter_holder, lambda: HOLDERS, JSON),
)
