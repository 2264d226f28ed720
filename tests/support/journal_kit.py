"""Journals with a right hash chain, made without the program, by the rule of docs/reference/journal.md."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def entries(journal: Path) -> list[dict[str, Any]]:
    """The lines of a journal, each as a JSON object."""
    return [json.loads(line) for line in journal.read_bytes().split(b"\n")[:-1]]


def chained(lines: Iterable[dict[str, Any]]) -> bytes:
    """A journal of ``lines``, with new sequence numbers and hashes."""
    previous, written = "0" * 64, []
    for number, line in enumerate(lines, start=1):
        fields = {"seq": number, "at": line["at"], "token": line["token"], "event": line["event"]}
        body = json.dumps(fields, separators=(",", ":"))[:-1]
        previous = hashlib.sha256((previous + body).encode()).hexdigest()
        written.append(f'{body},"hash":"{previous}"}}\n')
    return "".join(written).encode()


def with_event(lines: list[dict[str, Any]], at: int, event: dict[str, Any]) -> list[dict[str, Any]]:
    """``lines`` with ``event`` put in before the line at index ``at``."""
    beside = lines[min(at, len(lines) - 1)]
    return [*lines[:at], {**beside, "event": {"at": beside["at"], **event}}, *lines[at:]]


def cast_down(event: dict[str, Any]) -> dict[str, Any]:
    """An event of today, as JSON, in the first version of its form, as it stood on disks."""
    old = {**event, "type": _first(event["type"])}
    old.pop("writer", None)
    if "spec" in old:
        old["spec"] = {key: value for key, value in old["spec"].items() if key != "type"}
    if "decided" in old:
        old["decided"] = [_decided(one) for one in old["decided"]]
    return old


def _decided(one: dict[str, Any]) -> dict[str, Any]:
    old = {**one, "type": _first(one["type"])}
    return {**old, "way": {**old["way"], "variables": {"limit": 3}}} if "way" in old else old


def _first(form: str) -> str:
    return form.partition("/")[0] + "/1"
