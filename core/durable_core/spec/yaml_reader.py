"""YAML, read for its data and its positions, within bounds.

Built from the parser's events, not from its nodes, so that depth and size are checked while reading and a
bomb is refused before it is unpacked (docs/decisions/0014-yaml-from-events.md).

Plain words mean what YAML 1.2 says (`plain_words`), not what PyYAML resolves them to, which follows YAML 1.1.
Tags are refused. Aliases work, and so do merge keys (``<<``), which files of both versions use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

import yaml
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from durable_core.frozen import frozen
from durable_core.persistent.frozen_dict import JSON, FrozenDict
from durable_core.spec.plain_words import meaning
from durable_core.spec.problems import MAX_PROBLEMS, MORE, Problem
from durable_core.spec.reading import (
    MAX_DOCUMENT_DEPTH,
    MAX_KEY,
    MAX_VALUES,
    Position,
    Reading,
    ReadingStopped,
    SourcePlace,
    duplicate_key,
    long_key,
    too_deep,
    too_many,
)
from durable_core.spec.suggestions import did_you_mean

# libyaml reads ten times as fast; its events are the same
_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_TAG: Final = "tag:yaml.org,2002:"
_OLDER_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
_LINE_END: Final = re.compile("\r\n|\r|\n")
_BRACES_HINT: Final = 'Text that begins with {{ needs quotes: "{{ name }}".'


def read_yaml(text: str) -> Reading:
    """The one document in ``text``; every problem that reading can go on after, or the one it cannot."""
    reader = _Reader(text)
    try:
        data = reader.document()
    except ReadingStopped as stopped:
        return Reading(None, (*reader.problems, stopped.problem))
    except yaml.YAMLError as error:
        return Reading(None, (*reader.problems, _syntax_problem(error, text)))
    return Reading(data, tuple(reader.problems), reader.root)


def _events(text: str) -> Iterator[Event]:
    if not _OLDER_BREAKS.search(text):
        return _parsed(text)
    from durable_core.spec.line_breaks import events_with_older_breaks  # noqa: PLC0415  # few files have any

    return events_with_older_breaks(text, _parsed)


def _parsed(text: str) -> Iterator[Event]:
    events: Iterator[Event] = yaml.parse(text, Loader=_LOADER)
    return events


@frozen()
class _Anchored:
    """A value with an anchor: how many values it holds, itself included, and how many levels."""

    value: JSON
    values: int
    levels: int


class _Reader:
    """One pass over the events. Everything it changes is its own."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.events = _events(text)
        self.problems: list[Problem] = []
        self.root = SourcePlace()
        self.anchors: dict[str, _Anchored | None] = {}  # None while the anchored value is being read
        self.values = 0

    def document(self) -> JSON:
        """The data of the only document; None when there is none."""
        next(self.events)  # the stream's start
        if isinstance(next(self.events), StreamEndEvent):
            return None
        data, _ = self._value(next(self.events), self.root, 0)
        next(self.events)  # the document's end
        event = next(self.events)
        if not isinstance(event, StreamEndEvent):
            raise ReadingStopped(
                Problem(
                    "The file holds more than one YAML document.",
                    "",
                    *_position(event),
                    hint="Keep one workflow in a file; remove the second '---'.",
                )
            )
        return data

    def _value(self, event: Event, place: SourcePlace, depth: int) -> tuple[JSON, int]:
        """The value that begins with ``event``, and how many levels it has."""
        self._count(1, place, event)
        self._refuse_question(event, place)
        if isinstance(event, AliasEvent):
            return self._alias(event, place, depth)
        assert isinstance(event, NodeEvent), "the parser gives whole values"
        before = self.values - 1
        if event.anchor:
            self.anchors[event.anchor] = None
        self._refuse_tag(event, place)
        value: JSON
        if isinstance(event, ScalarEvent):
            value, levels = self._scalar(event, place), 0
        else:
            if depth >= MAX_DOCUMENT_DEPTH:
                raise ReadingStopped(too_deep(place.pointer, *_position(event)))
            if isinstance(event, SequenceStartEvent):
                value, levels = self._sequence(place, depth + 1)
            else:
                value, levels = self._mapping(place, depth + 1)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(value, self.values - before, levels)
        return value, levels

    def _sequence(self, place: SourcePlace, depth: int) -> tuple[JSON, int]:
        items: list[JSON] = []
        deepest = 0
        while not isinstance(event := next(self.events), SequenceEndEvent):
            inner = place.add(str(len(items)), _position(event))
            item, levels = self._value(event, inner, depth)
            items.append(item)
            deepest = max(deepest, levels)
        return tuple(items), deepest + 1

    def _mapping(self, place: SourcePlace, depth: int) -> tuple[JSON, int]:
        entries: dict[str, JSON] = {}
        merged: dict[str, JSON] = {}
        deepest = 0
        while not isinstance(event := next(self.events), MappingEndEvent):
            if _is_merge(event):
                value, levels = self._value(next(self.events), place, depth)
                self._merge(value, merged, place, event)
            else:
                key = self._key(event, place, depth)
                first = place.at(key)
                inner = place.add(key, _position(event))
                if key in entries and first is not None:
                    self._note(duplicate_key(key, inner.pointer, inner.position, first.position))
                value, levels = self._value(next(self.events), inner, depth)
                entries.setdefault(key, value)
            deepest = max(deepest, levels)
        return FrozenDict(entries | {key: merged[key] for key in merged if key not in entries}), deepest + 1

    def _key(self, event: Event, place: SourcePlace, depth: int) -> str:
        """The text of a key. A key of another kind is a problem; reading goes on with its text."""
        written = event.value if isinstance(event, ScalarEvent) else ""
        if len(written) > MAX_KEY:
            raise ReadingStopped(long_key(written, place, _position(event)))
        value, _ = self._value(event, SourcePlace(place, written), depth)
        if isinstance(value, str):
            return value
        if isinstance(value, tuple | FrozenDict):
            message = "A list or a mapping cannot be a key."
            self._note(Problem(message, place.pointer, *_position(event), hint=_BRACES_HINT))
            return written
        if written:
            message = f"The key {written} is read as {_kind(value)}, not as text."
            hint = f'Quote it: "{written}".'
        else:
            message, hint = "A key is missing before the ':'.", "Give the entry a name."
        self._note(Problem(message, SourcePlace(place, written).pointer, *_position(event), hint=hint))
        return written

    def _merge(self, value: JSON, merged: dict[str, JSON], place: SourcePlace, event: Event) -> None:
        """Take over what ``<<`` gives; of several mappings the first with a key wins."""
        sources = value if isinstance(value, tuple) else (value,)
        for source in sources:
            if not isinstance(source, FrozenDict):
                self._note(
                    Problem(
                        "'<<' takes over a mapping or a list of mappings.",
                        place.pointer,
                        *_position(event),
                        hint="Write '<<: *name', where &name is the anchor of a mapping.",
                    )
                )
                continue
            self._count(len(source), place, event)
            for key, item in source.items():
                merged.setdefault(key, item)

    def _alias(self, event: AliasEvent, place: SourcePlace, depth: int) -> tuple[JSON, int]:
        name = event.anchor or ""
        if name not in self.anchors:
            raise ReadingStopped(
                Problem(
                    f"The alias *{name} has no anchor &{name} before it.",
                    place.pointer,
                    *_position(event),
                    hint=did_you_mean(name, self.anchors) or "Quote the text if the * belongs to it.",
                )
            )
        anchored = self.anchors[name]
        if anchored is None:
            raise ReadingStopped(
                Problem(
                    f"The alias *{name} stands inside the value that it names.",
                    place.pointer,
                    *_position(event),
                    hint="A value cannot contain itself.",
                )
            )
        self._count(anchored.values - 1, place, event)
        if depth + anchored.levels > MAX_DOCUMENT_DEPTH:
            raise ReadingStopped(too_deep(place.pointer, *_position(event)))
        return anchored.value, anchored.levels

    def _scalar(self, event: ScalarEvent, place: SourcePlace) -> JSON:
        written: str = event.value
        if not event.implicit[0]:
            return written  # in quotes, or a block of text
        try:
            meant = meaning(written)
            if isinstance(meant, int | float) and written != json.dumps(meant):
                place.written = written
            return meant
        except ValueError as error:
            hint = f'Quote it if it is text: "{written[:40]}".'
            self._note(Problem(str(error), place.pointer, *_position(event), hint=hint))
        return written

    def _refuse_question(self, event: Event, place: SourcePlace) -> None:
        """PyYAML takes the ? of ``[?x]`` for the sign of a key; in YAML 1.2 it begins a text."""
        begin, end = (mark.index for mark in (event.start_mark, event.end_mark) if mark)
        if self.text[begin - 1 : begin] == "?" and end > begin:
            line, column = _position(event)
            message = "A text that begins with ? needs quotes between brackets or braces."
            self._note(Problem(message, place.pointer, line, column - 1, hint="Put it in quotes."))

    def _refuse_tag(self, event: Event, place: SourcePlace) -> None:
        tag: str | None = getattr(event, "tag", None)
        if tag:
            short = tag.replace(_TAG, "!!")
            self._note(
                Problem(
                    f"The YAML tag {short} is not allowed.",
                    place.pointer,
                    *_position(event),
                    hint="Remove the tag; quote the value if it has to be text.",
                )
            )

    def _note(self, problem: Problem) -> None:
        if len(self.problems) == MAX_PROBLEMS:
            raise ReadingStopped(MORE)
        self.problems.append(problem)

    def _count(self, values: int, place: SourcePlace, event: Event) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            raise ReadingStopped(too_many(place.pointer, *_position(event)))


def _is_merge(event: Event) -> bool:
    return isinstance(event, ScalarEvent) and event.value == "<<" and bool(event.implicit[0])


def _kind(value: JSON) -> str:
    if value is None:
        return "nothing (null)"
    return "a boolean" if isinstance(value, bool) else "a number"


def _position(event: Event) -> Position:
    assert event.start_mark, "events that were parsed have marks"
    return event.start_mark.line + 1, event.start_mark.column + 1


def _syntax_problem(error: yaml.YAMLError, text: str) -> Problem:
    what = getattr(error, "problem", None) or str(error)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(f"The file is not valid YAML: {what}.")
    lines = _LINE_END.split(text)
    line = lines[mark.line] if mark.line < len(lines) else ""
    return Problem(
        f"The file is not valid YAML: {what}.",
        "",
        mark.line + 1,
        mark.column + 1,
        hint=_syntax_hint(what, line, mark.column),
    )


def _syntax_hint(what: str, line: str, column: int) -> str:
    indentation = line[: len(line) - len(line.lstrip())]
    if "\t" in indentation or line[column : column + 1] == "\t":
        return "YAML is indented with spaces, not with tabs."
    if "mapping values" in what:
        return "Quote a text that holds ': ', or check the indentation of this line."
    if "cannot start any token" in what:
        return "Quote a text that begins with @, ` or %."
    if "end of stream" in what:
        return "A quote or bracket is opened and never closed."
    return "Check the indentation and the quotes of this line and the one above."
