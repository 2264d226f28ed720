"""What changed between two specs, in people's words: one line for each change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, Final

from durable_core.spec.models import Spec

_LONG_TEXTS: Final = frozenset({
    "prompt", "input", "context_display", "revise_prompt", "from", "description",
})  # fmt: skip
"""Keys whose values are prose: that they changed is said, what they say is not."""

_SHORT: Final = 40
"""Longest value that is shown, in characters."""


def diff_specs(old: Spec, new: Spec) -> tuple[str, ...]:
    """Each difference as a line: ``runtime.max_tokens: 100 -> 200``, ``agents.writer.prompt changed``.

    A value that is spelled out and a default that says the same are no difference; nor is the order of keys,
    except among the nodes of a graph, where the first is the entry.
    """
    lines = list(_changes("", _plain(old), _plain(new)))
    before, after = _entry(old), _entry(new)
    if before and after and before != after:
        lines.append(f"pattern.config: the entry is {after}, it was {before}")
    return tuple(lines)


def _entry(spec: Spec) -> str | None:
    from durable_core.patterns import pattern_of  # noqa: PLC0415  # patterns are made of this package's models

    return pattern_of(spec).entry(spec.pattern.config)


def _plain(spec: Spec) -> Any:
    return spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _changes(path: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _mapping_changes(path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_changes(path, old, new)
    elif _canonical(old) != _canonical(new):
        shown = not _is_prose(path) and _is_short(old) and _is_short(new)
        # quotes are noise between two texts, and the whole difference between 0 and "0"
        show = str if isinstance(old, str) and isinstance(new, str) else _canonical
        yield f"{path}: {show(old)} -> {show(new)}" if shown else f"{path} changed"


def _mapping_changes(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in [*old, *(key for key in new if key not in old)]:
        inner = f"{path}.{key}" if path else key
        if key not in new:
            yield f"{inner} removed"
        elif key not in old:
            shown = not _is_prose(inner) and _is_short(new[key])
            yield f"{inner} added: {_canonical(new[key])}" if shown else f"{inner} added"
        else:
            yield from _changes(inner, old[key], new[key])


def _list_changes(path: str, old: list[Any], new: list[Any]) -> Iterator[str]:
    """Entries matched by their id where they have one, else by what stays the same around them."""
    if _has_ids(old) and _has_ids(new):
        before, after = ({entry["id"]: entry for entry in entries} for entries in (old, new))
        for name in [*before, *(name for name in after if name not in before)]:
            inner = f"{path}[{name}]"
            if name not in after:
                yield f"{inner} removed"
            elif name not in before:
                yield f"{inner} added"
            else:
                yield from _changes(inner, before[name], after[name])
        if list(before) != list(after) and before.keys() == after.keys():
            yield f"{path}: another order"
        return
    matcher = SequenceMatcher(None, list(map(_canonical, old)), list(map(_canonical, new)), autojunk=False)
    for _, start, end, new_start, new_end in matcher.get_opcodes():
        both = min(end - start, new_end - new_start)
        for offset in range(both):
            yield from _changes(f"{path}[{new_start + offset}]", old[start + offset], new[new_start + offset])
        yield from (f"{path}[{index}] removed" for index in range(start + both, end))
        yield from (f"{path}[{index}] added" for index in range(new_start + both, new_end))


def _has_ids(entries: list[Any]) -> bool:
    ids = [entry.get("id") for entry in entries if isinstance(entry, Mapping)]
    return bool(entries) and all(ids) and len(set(ids)) == len(entries)


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _is_prose(path: str) -> bool:
    return path.rpartition(".")[2] in _LONG_TEXTS


def _is_short(value: Any) -> bool:
    if isinstance(value, Mapping | list):
        return False
    text = _canonical(value)
    return len(text) <= _SHORT and "\n" not in text
