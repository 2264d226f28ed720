"""Expected results: what filters, tests and methods of templates make of values whose shapes are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jinja2 import nodes

from durable_core.templates.sandbox import Sandbox
from durable_core.templates.shapes import (
    ANYTHING,
    GIVEN_NUMBER,
    GIVEN_TEXT,
    NULL,
    NUMBER,
    TEXT,
    TRUTH,
    Absent,
    Fields,
    KnownList,
    Many,
    OneOf,
    Plain,
    Shape,
    alternatives,
    character,
    counting_plain,
    elements,
    field,
    is_a,
    item,
    key_of,
    one_of,
)
from durable_core.templates.text import text_method

_TEXT_MAKING: Final = frozenset(
    """
    capitalize center e escape forceescape format indent join lower pprint regex_search replace safe string
    striptags title tojson trim truncate upper urlencode urlize wordwrap xmlattr
    """.split()
)
"""Filters that need their value, and give a text."""

_NUMBER_MAKING: Final = frozenset({"count", "int", "length", "wordcount"})
"""Filters that need their value, and give a number if they have no argument."""

_KEEPING: Final = frozenset({"list", "reverse", "sort", "unique"})
"""Filters that need their value, and give its elements."""

NEEDING_FILTERS: Final = frozenset(
    {*_TEXT_MAKING, *_NUMBER_MAKING, *_KEEPING}
    | {"attr", "dictsort", "first", "float", "last", "search", "sum"}
)
"""Filters that fail for a value that is not there."""

SHOWING_FILTERS: Final = _TEXT_MAKING | {"float", "int", "search", "sum", "wordcount"}
"""Of these, those that need all parts of their value, too."""

LOOKING_TESTS: Final = frozenset(
    """
    in == eq equalto != ne > gt greaterthan ge >= < lt lessthan <= le lower upper even odd divisibleby
    iterable
    """.split()
)
"""Tests that fail for a value that is not there; others ask what it is."""

_LISTS: Final = frozenset({"rsplit", "split", "splitlines"})
_TRIPLES: Final = frozenset({"partition", "rpartition"})
_NUMBERS: Final = frozenset({"count", "find", "index", "rfind", "rindex"})
_MAPPING_METHODS: Final = frozenset({"get", "items", "keys", "values"})


def has_method(shape: Shape, name: str) -> bool:
    """Whether the sandbox has a method of that name for such a value."""
    match shape:
        case Plain():
            sandbox = Sandbox()
            return is_a(shape, TEXT) and text_method(sandbox, sandbox.meter, "", name) is not None
        case Fields():
            return name in _MAPPING_METHODS
        case KnownList() | Many():
            return name in {"count", "index"}
        case _:
            return False


def method_result(shape: Shape, name: str) -> Shape:
    """What the method ``name`` gives; ANYTHING where a value of that shape has none."""
    match shape:
        case Fields() if name in {"items", "keys", "values"}:
            return _listed(shape, name)
        case Plain() if has_method(shape, name):
            return _called_of_text(name)
        case KnownList() | Many() if has_method(shape, name):
            return NUMBER
        case _:
            return ANYTHING


def got(shape: Shape, key: object, default: list[Shape]) -> Shape:
    """What ``get(key)`` of a mapping gives, where the key is known."""
    if not isinstance(shape, Fields) or not isinstance(key, str):
        return ANYTHING
    instead = default[0] if default else NULL
    found = [instead if isinstance(each, Absent) else each for each in alternatives(field(shape, key))]
    return one_of(found)


def _called_of_text(name: str) -> Shape:
    if name in _LISTS:
        return Many(TEXT)
    if name in _TRIPLES:
        return KnownList((TEXT, TEXT, TEXT), 3)
    if name in _NUMBERS:
        return NUMBER
    return TRUTH if name.startswith("is") or name in {"endswith", "startswith"} else TEXT


def _listed(shape: Fields, name: str) -> Shape:
    """The list that ``keys()``, ``values()`` or ``items()`` of a mapping gives."""
    if name == "keys":
        return Many(TEXT)
    parts = tuple(dict.fromkeys(shape.fields.values()))
    if shape.others is None and not any(map(_may_be_absent, parts)):
        shown = parts if name == "values" else tuple(KnownList((TEXT, part), 2) for part in parts)
        return KnownList(shown, len(shown))
    held = [each for part in parts for each in alternatives(part) if not isinstance(each, Absent)]
    there = one_of([*held, shape.others] if shape.others is not None else held)
    return Many(there if name == "values" else KnownList((TEXT, there), 2))


def _may_be_absent(shape: Shape) -> bool:
    return any(isinstance(each, Absent) for each in alternatives(shape))


def filtered(name: str, shape: Shape, *, plain: bool) -> Shape:
    """What a filter makes of a value that is there; it is ``plain`` if it has no arguments."""
    if name in {"first", "last"}:
        return one_of(_end(way, name) for way in alternatives(shape))
    if name in _TEXT_MAKING or (name == "reverse" and is_a(shape, TEXT)):
        return TEXT
    if name in _NUMBER_MAKING and plain:
        return NUMBER
    if name == "sum":
        return NUMBER if all(is_a(each, NUMBER) for each in elements(shape)) else ANYTHING
    if name in _KEEPING and (isinstance(shape, Fields | KnownList | Many) or is_a(shape, TEXT)):
        return Many(one_of(elements(shape)))
    return ANYTHING


def _end(shape: Shape, name: str) -> Shape:
    """What ``first`` or ``last`` gives; an empty list is no matter of shapes."""
    if isinstance(shape, Fields):
        return key_of(shape)
    found = (
        item(shape, 0 if name == "first" else -1) if isinstance(shape, KnownList | Many | Plain) else ANYTHING
    )
    return ANYTHING if isinstance(found, Absent) and found.holder is shape else found


def looked_up(shape: Shape, asked: Shape, key: str) -> Shape:
    """What ``value[...]`` gives for a key of which the shape alone is known, and how it is written."""
    match shape:
        case KnownList() | Many() if is_a(asked, NUMBER):
            return one_of(elements(shape))
        case Plain(word=TEXT.word) if is_a(asked, NUMBER):
            return character(shape)
        case Plain() | KnownList() | Many() if is_a(asked, TEXT):
            return Absent(shape, key)
        case _:
            return ANYTHING


def looks_through(shape: Shape) -> bool:
    """Whether something that is looked for there is looked at, too; in an empty list, nothing is."""
    return (
        is_a(shape, TEXT)
        or isinstance(shape, Fields | Many)
        or (isinstance(shape, KnownList) and shape.count > 0)
    )


def sliced(shape: Shape) -> Shape:
    """What ``value[start:stop]`` gives."""
    match shape:
        case Plain(word=TEXT.word, given=given):
            return GIVEN_TEXT if given else TEXT
        case KnownList() | Many() | Fields():
            return Many(one_of(elements(shape)))
        case _:
            return ANYTHING


def defaulted(shape: Shape, arguments: list[Shape]) -> Shape:
    """What ``default`` gives: the value, if it is there, or its first argument."""
    ways = alternatives(shape)
    there = [each for each in ways if not isinstance(each, Absent)]
    if len(there) == len(ways) and len(arguments) < 2 and all(map(_is_sure, ways)):
        return shape
    return one_of((*there, arguments[0] if arguments else TEXT))


def calculated(operator: str, left: Shape, right: Shape) -> Shape:
    """What ``left operator right`` gives."""
    texts = is_a(left, TEXT), is_a(right, TEXT)
    numbers = is_a(left, NUMBER, TRUTH), is_a(right, NUMBER, TRUTH)
    given = any(isinstance(each, Plain) and each.given for each in (left, right))
    if all(numbers):
        return GIVEN_NUMBER if given else NUMBER
    if operator == "+" and isinstance(left, KnownList | Many) and isinstance(right, KnownList | Many):
        return Many(one_of((*elements(left), *elements(right))))
    is_text = {"+": all(texts), "%": texts[0], "*": any(texts) and any(numbers)}.get(operator, False)
    if not is_text:
        return ANYTHING
    return GIVEN_TEXT if given else TEXT


def _is_sure(shape: Shape) -> bool:
    return type(shape) is not Shape and (not isinstance(shape, Plain) or shape.sure)


def holds(test: str, shape: Shape) -> bool | None:
    """Whether ``value is test`` holds; None where the shape does not say."""
    if type(shape) is Shape:
        return None
    if test in {"defined", "undefined", "none"}:
        is_it = is_a(shape, NULL) if test == "none" else isinstance(shape, Absent) is (test == "undefined")
        return is_it if _is_sure(shape) else None
    match test:
        case "string":
            return is_a(shape, TEXT)
        case "mapping":
            return isinstance(shape, Fields)
        case "number":
            return is_a(shape, NUMBER, TRUTH)
        case "boolean":
            return is_a(shape, TRUTH)
        case "sequence":
            return isinstance(shape, Fields | KnownList | Many) or is_a(shape, TEXT)
        case "integer" | "float":
            return None if is_a(shape, NUMBER) else False
        case _:
            return None


def truth_of(shape: Shape) -> bool | None:
    """Whether a value of that shape counts as true; None where the shape does not say."""
    match shape:
        case OneOf(shapes=ways):
            truths = {truth_of(way) for way in ways}
            return truths.pop() if len(truths) == 1 else None
        case Plain(truth=truth):
            return truth
        case KnownList(count=count):
            return count > 0
        case Many(filled=True) | Fields(filled=True):
            return True
        case Fields(fields=fields, others=None):
            return None if fields and all(map(_may_be_absent, fields.values())) else len(fields) > 0
        case _:
            return None


def assuming(test: nodes.Node, truth: bool, names: Mapping[str, Shape]) -> dict[str, Shape]:
    """What is known of the values of ``names`` where ``test`` came out as ``truth``."""
    known = dict(names)
    match test:
        case nodes.Name(name=name) if name in known:
            ways = [each for each in alternatives(known[name]) if truth_of(each) is not (not truth)]
            known[name] = one_of(_counting(each, truth) for each in ways)
        case nodes.Test(node=nodes.Name(name=name), name=kind, args=[]) if name in known:
            known[name] = one_of(
                each for each in alternatives(known[name]) if holds(kind, each) is not (not truth)
            )
        case nodes.Not(node=inner):
            return assuming(inner, not truth, known)
        case nodes.And(left=left, right=right) if truth:
            return assuming(right, True, assuming(left, True, known))
        case nodes.Or(left=left, right=right) if not truth:
            return assuming(right, False, assuming(left, False, known))
    return known


def _counting(shape: Shape, truth: bool) -> Shape:
    """The same, where it counts as true, or as false."""
    match shape:
        case Plain(word=word, sure=sure, given=given):
            return counting_plain(word, sure or truth, truth, given)
        case Many(element=element):
            return Many(element, filled=True) if truth else KnownList((), 0)
        case Fields(fields=fields, others=others, is_record=is_record):
            if truth and truth_of(shape) is None:
                return Fields(fields, others, is_record=is_record, filled=True)
            return shape if truth else Fields({})
        case _:
            return shape
