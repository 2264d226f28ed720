"""Specs, and what is written beside them."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from durable_core.spec.document import decode_bytes, read_document
from durable_core.spec.parse import parse_spec
from durable_core.spec.variables import file_values, resolve_variables
from durable_shell.providers.offline.script_file import load_script
from durable_shell.sources.config import CONFIG, load_config
from tests.fuzz.door import Door
from tests.fuzz.forms import JSON, YAML
from tests.fuzz.person import person
from tests.fuzz.sessions import event_texts

_DOCS: Final = Path(__file__).parents[2] / "docs"


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
    for text in event_texts():
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
    with person() as somebody:
        (somebody.home.path / "odd.yaml").write_bytes(raw)
        for line in ("validate", "plan", "explain"):
            somebody.asks(line, "odd.yaml")
        somebody.asks("plan", "odd.yaml", "--json")
        somebody.asks("plan", "odd.yaml", "--graph", "odd.svg")


def _enter_run(raw: bytes) -> None:
    """A workflow that runs, if it can be read, and is resumed."""
    with person() as somebody:
        (somebody.home.path / "odd.yaml").write_bytes(raw)
        inputs = [f"--var={name}=3" for name in set(_NAMES.findall(raw.decode("utf-8", "replace")))][:9]
        somebody.asks("run", "odd.yaml", *inputs, "--out", "out", "--no-input")
        for session_id in somebody.home.ids()[:1]:
            somebody.asks("resume", session_id, "--hitl-response", "yes", "--no-input")
            somebody.asks("sessions", "verify")
            somebody.asks("sessions", "show", session_id)


_NAMES: Final = re.compile(r"\b(?:topic|product|question|text|request|city|ticket)\b")


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


DOORS: Final = (
    Door("a spec as YAML", _enter_yaml, _specs, YAML),
    Door("a spec as JSON", _enter_json, _specs_as_json, JSON),
    Door("a spec at the command line", _enter_commands, _specs, YAML),
    Door("a spec that runs", _enter_run, _specs, YAML),
    Door("variables", _enter_variables, lambda: VARIABLES, YAML),
    Door("a script", _enter_script, lambda: SCRIPTS, YAML),
    Door("a config", _enter_config, lambda: CONFIGS, YAML),
)
