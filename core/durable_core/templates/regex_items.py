"""Items of a pattern's parse tree: which characters they take, and which of them cannot take the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
"""Names of the items that repeat another, as Python's own reader of patterns calls them."""

SINGLES = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN"})
"""Names of the items that take exactly one character."""

_DISJOINT = frozenset({frozenset({"DIGIT", "SPACE"}), frozenset({"WORD", "SPACE"})})
_MEMBERS_PER_STEP: Final = 8
"""Members of a character class that are compared in the time of one step."""

Item = tuple[Any, Any]
"""An item as Python's reader gives it: its name, and what belongs to it."""


def flatten(items: Iterable[Item]) -> list[Item]:
    """The items in order, with plain groups opened: a group changes what is captured, not what is tried."""
    flat: list[Item] = []
    for op, argument in items:
        if str(op) == "SUBPATTERN":
            flat += flatten(argument[3])
        elif str(op) == "ATOMIC_GROUP":
            flat += flatten(argument)
        else:
            flat.append((op, argument))
    return flat


def single_cost(item: Item) -> int:
    """What it costs to look at one character, in steps: a class is compared member by member."""
    return 1 + len(item[1]) // _MEMBERS_PER_STEP if str(item[0]) == "IN" else 1


def is_single(items: Sequence[Item]) -> bool:
    """Whether the items are one that takes exactly one character."""
    return len(items) == 1 and str(items[0][0]) in SINGLES


def run_of(item: Item) -> Item | None:
    """The single character class that the item repeats, where it is such a run."""
    op, argument = str(item[0]), item[1]
    if op not in REPEATS:
        return None
    body = flatten(argument[2])
    return body[0] if is_single(body) else None


def next_items(items: list[Item]) -> tuple[list[Item], bool]:
    """What may stand next, up to the first item that must be there, and whether there was none such."""
    found: list[Item] = []
    for item in items:
        run = run_of(item)
        if run is None:
            return [*found, item], False
        found.append(run)
        if int(item[1][0]) > 0:
            return found, False
    return found, True


def disjoint(one: Item, other: Item, fold: bool) -> bool:
    """Whether no character matches both; False where that is not plain to see."""
    return _excludes(one, other, fold) or _excludes(other, one, fold)


def _excludes(item: Item, other: Item, fold: bool) -> bool:
    """Whether every character that `item` stands for is seen not to match `other`."""
    op, argument = str(item[0]), item[1]
    if op == "LITERAL":
        return not _matches(other, argument, fold)
    if op != "IN":
        return False
    for kind, member in argument:
        if str(kind) == "LITERAL" and not _matches(other, member, fold):
            continue
        if str(kind) == "CATEGORY" and _category_excludes(str(member), other):
            continue
        return False
    return True


def _category_excludes(category: str, other: Item) -> bool:
    if str(other[0]) != "IN":
        return False
    name = category.removeprefix("CATEGORY_")
    return all(
        str(kind) == "CATEGORY" and frozenset({name, str(member).removeprefix("CATEGORY_")}) in _DISJOINT
        for kind, member in other[1]
    )


def _matches(item: Item, code: int, fold: bool) -> bool:
    """Whether the item may match this character; True where that is not plain to see."""
    op, argument = str(item[0]), item[1]
    character = chr(code)
    if fold and (character.isalpha() or not character.isascii()):
        return True  # case folding joins letters, and signs like \u24d0, in ways not worth repeating here
    if op == "LITERAL":
        return bool(argument == code)
    if op == "NOT_LITERAL":
        return bool(argument != code)
    if op != "IN":
        return True
    members = [(str(kind), member) for kind, member in argument]
    if members[0][0] == "NEGATE":
        # [^...] cannot match what it names; whatever else it excludes only makes it narrower.
        return ("LITERAL", code) not in members
    return any(_member_matches(kind, member, character) for kind, member in members)


def _member_matches(kind: str, member: Any, character: str) -> bool:
    if kind == "LITERAL":
        return bool(member == ord(character))
    if kind == "RANGE":
        return bool(member[0] <= ord(character) <= member[1])
    letters = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}
    known = letters.get(str(member).removeprefix("CATEGORY_"))
    return known is None or re.match(known, character) is not None
