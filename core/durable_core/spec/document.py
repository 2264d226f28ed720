"""Documents: the text of a spec file as plain data, with the place of every entry.

Two readers stand behind this door, one for YAML and one for JSON; both give frozen JSON and the position of
each key and item. What would hurt later is refused here: too much of anything, YAML tags, duplicate keys,
numbers that JSON cannot hold, characters that no editor shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from itertools import chain
from types import MappingProxyType
from typing import Final, Literal

from returns.result import Failure, Result, Success

from durable_core.frozen import frozen
from durable_core.persistent.frozen_dict import JSON, FrozenDict
from durable_core.spec.json_reader import read_json
from durable_core.spec.problems import Problem, at_most
from durable_core.spec.reading import (
    MAX_BYTES,
    Position,
    Positions,
    Reading,
    SourcePlace,
    Spellings,
)
from durable_core.spec.source import decoded
from durable_core.spec.yaml_reader import read_yaml

Format = Literal["yaml", "json"]

DocumentKind = Literal["workflow", "agent", "variables", "config"]
"""What a file is for: whoever reads that theirs is not one should also read what one is."""

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""What YAML calls unprintable, and the byte order mark, which has no place inside a text. Named one by one:
to compile the opposite, all that is printable, takes forty times as long."""

_UNUSABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""What an escape can put into a text and no file, model or terminal takes: NUL and half characters."""

_PADDED: Final = re.compile("[-+]?0[0-9]")

_WHAT_IT_IS: Final[Mapping[DocumentKind, str]] = MappingProxyType(
    {
        "workflow": "a workflow is a mapping of keys to values",
        "agent": "an agent is a mapping of keys to values",
        "variables": "variables are a mapping of names to values",
        "config": "the configuration is a mapping of keys to values",
    }
)

_HINTS: Final[Mapping[DocumentKind, str]] = MappingProxyType(
    {
        "workflow": "A workflow has at least version, name, runtime, agents and pattern.",
        "agent": "An agent has at least a prompt.",
        "variables": "Write each variable as 'name: value', on a line of its own.",
        "config": "All that it may hold is retention, such as 'retention: {older_than: 30d}'.",
    }
)


@frozen()
class Document:
    """A spec file that could be read.

    ``data`` is its content. ``positions`` has, by JSON pointer, the line and column (from 1) of each mapping
    entry's key and of each list item. ``written`` has, by pointer, how numbers and booleans were written that
    JSON would write in another way, such as 010 or 1e3.
    """

    data: FrozenDict[str, JSON]
    positions: Positions
    written: Spellings

    def place(self, pointer: str) -> Position:
        """The position of ``pointer``, or of the nearest thing around it that the file spells out."""
        return _place(self.positions, pointer)

    @property
    def is_padded(self) -> bool:
        """Whether it holds numbers with leading zeros: postal codes and the like, mostly."""
        return any(_PADDED.match(place.written or "") for place in self.written.places())

    def as_text(self, pointers: Iterable[str]) -> Document:
        """The same with text at those of ``pointers`` that name a number with leading zeros: its digits."""
        root = self.written.root
        named = (root.below(pointer) for pointer in pointers)
        texts = {place for place in named if place and place.written and _PADDED.match(place.written)}
        if not texts:
            return self
        items = self.data.items()
        return replace(
            self, data=FrozenDict({key: _replaced(item, root.at(key), texts) for key, item in items})
        )


def decode_bytes(raw: bytes) -> Result[str, tuple[Problem, ...]]:
    """The bytes of a spec file as text: at most 10 MiB of UTF-8, with or without a byte order mark."""
    if len(raw) > MAX_BYTES:
        return Failure((_too_big(),))
    return decoded(raw).alt(lambda bad: (bad.problem,))


def read_document(
    text: str,
    *,
    format: Format,  # noqa: A002  # the word users know
    kind: DocumentKind = "workflow",
) -> Result[Document, tuple[Problem, ...]]:
    """The document in ``text``, or every problem with it as a document.

    What its keys mean is not looked at here, only that the file is YAML or JSON, that its root is a mapping,
    and that it stays within bounds: 10 MiB, 100,000 values, 100 levels.
    """
    document, problems = read_partly(text, format, kind)
    return Failure(problems) if problems or document is None else Success(document)


def read_partly(
    text: str, form: Format, kind: DocumentKind = "workflow"
) -> tuple[Document | None, tuple[Problem, ...]]:
    """The same for those who go on in spite of problems: what could be read, and all problems."""
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return None, (_too_big(),)
    unprintable = _UNPRINTABLE.search(text)
    if unprintable:
        return None, (_unprintable(text, unprintable.start()),)
    reading = read_yaml(text) if form == "yaml" else read_json(text)
    unusable = (_with_position(problem, reading) for problem in _unusable_texts(reading.data, SourcePlace()))
    problems = at_most(chain(reading.problems, unusable))
    if isinstance(reading.data, FrozenDict):
        return Document(reading.data, reading.positions, Spellings(reading.root)), problems
    return None, problems or (_wrong_root(reading, kind),)


def _too_big() -> Problem:
    # its size is not told: whoever read it may have stopped at the bound
    return Problem(
        f"The file is too big: the most is {MAX_BYTES:,} bytes.",
        hint="A spec names its large inputs; pass them with --var or --var-file.",
    )


def _unprintable(text: str, index: int) -> Problem:
    return Problem(
        f"The file holds the character U+{ord(text[index]):04X}, which cannot be printed.",
        line=text.count("\n", 0, index) + 1,
        column=index - (text.rfind("\n", 0, index) + 1) + 1,
        hint="Remove it, or write it as an escape inside double quotes.",
    )


def _unusable_texts(value: JSON, place: SourcePlace) -> Iterator[Problem]:
    """The problems of texts that escapes made unusable, keys included, without their positions."""
    match value:
        case str() if found := _UNUSABLE.search(value):
            yield Problem(
                f"The text holds U+{ord(found.group()):04X}, which cannot be written down.",
                place.pointer,
                hint="Remove the escape that makes it.",
            )
        case FrozenDict():
            for key, item in value.items():
                inner = SourcePlace(place, key)
                yield from _unusable_texts(key, inner)
                yield from _unusable_texts(item, inner)
        case tuple():
            for index, item in enumerate(value):
                yield from _unusable_texts(item, SourcePlace(place, str(index)))


def _with_position(problem: Problem, reading: Reading) -> Problem:
    line, column = _place(reading.positions, problem.pointer)
    return replace(problem, line=line, column=column)


def _replaced(value: JSON, place: SourcePlace | None, texts: Set[SourcePlace]) -> JSON:
    """``value``, which stands at ``place``, with what is written at ``texts`` in the place of numbers."""
    if place is None:
        return value  # it came by an alias, and stands elsewhere
    match value:
        case FrozenDict():
            return FrozenDict({key: _replaced(item, place.at(key), texts) for key, item in value.items()})
        case tuple():
            return tuple(_replaced(item, place.at(str(n)), texts) for n, item in enumerate(value))
        case _:
            return place.written if place in texts else value


def _place(positions: Mapping[str, Position], pointer: str) -> Position:
    while pointer and pointer not in positions:
        pointer = pointer.rpartition("/")[0]
    return positions.get(pointer, (1, 1))


def _wrong_root(reading: Reading, kind: DocumentKind) -> Problem:
    if reading.data is None:
        message = "The file is empty."
    else:
        what = "a list" if isinstance(reading.data, tuple) else "a single value"
        message = f"The file holds {what}, but {_WHAT_IT_IS[kind]}."
    return Problem(message, line=1, column=1, hint=_HINTS[kind])
