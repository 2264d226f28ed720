"""What a regular expression from a template may cost at worst, before it is run.

Python's matcher backtracks: `(a+)+$` over thirty letters takes minutes, and there is no clock here to stop
it. So the pattern's parse tree is read first. A backtracking matcher tries, from each start, every way of
passing the pattern; that number is bounded by `ways * n ** degree` for a text of n characters:

- a repetition without a small upper bound adds one to the degree; what it repeats must itself have exactly
  one way through, else the ways grow exponentially and the pattern is refused;
- a bounded repetition and an alternation multiply the ways;
- a repetition is free when everything after it may be empty (the first try succeeds), or when the
  characters just before and just after it are ones that it cannot match: then giving one back never helps,
  and runs entered at different places do not overlap. `Score:\\s*(\\d+)` is linear by this rule.

The judgement errs to the costly side only. What is left is a number of steps, which the caller charges.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]  # no public name but one that warns it will go away
from typing import Any

from durable_core.frozen import frozen

MAX_PATTERN = 500
"""Length of a regular expression, in characters: longer ones are generated, not written."""

MAX_BOUND = 100
"""Bound of a repetition such as ``x{0,100}``, in repeats: one that may run further is counted as if it had
no bound."""

LAZY_COST = 4
"""Cost of a lazy repetition such as ``x*?``, in greedy ones: a greedy one runs ahead in one go."""

MAX_WAYS = 10**12
"""Ways in which a regular expression may match, in ways: no search is paid for that tries so many, and
counting stops here so that numbers stay small."""

_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_SINGLES = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN"})
_DISJOINT = frozenset({frozenset({"DIGIT", "SPACE"}), frozenset({"WORD", "SPACE"})})

Item = tuple[Any, Any]


class UnsafePattern(ValueError):
    """The pattern is not a regular expression, or one whose cost cannot be bounded."""


@frozen()
class Guarded:
    """A pattern that may run: at most `ways * n ** degree` tries from each of about `n / period` starts."""

    regex: re.Pattern[str]
    ways: int
    degree: int
    period: int
    length: int

    def steps(self, length: int) -> int:
        """An upper estimate of single-character steps to search a text of `length` characters."""
        starts = length // self.period + 1
        # Beyond degree 8 no text of any use can be searched: the cut keeps the power small.
        tries = starts * self.ways * int(max(length, 1) ** min(self.degree, 8))
        return tries * (1 + self.length // 16)


@lru_cache(maxsize=256)
def guarded(pattern: str) -> Guarded:
    """The pattern with its cost. Raises `UnsafePattern` saying what is wrong and how to write it instead."""
    if len(pattern) > MAX_PATTERN:
        raise UnsafePattern(f"the pattern has more than {MAX_PATTERN} characters")
    try:
        regex = re.compile(pattern)
        tree = list(_parser.parse(pattern))
    except (re.error, RecursionError, OverflowError) as error:
        raise UnsafePattern(f"the pattern is not a regular expression: {error}") from None
    items = _flatten(tree)
    fold = bool(regex.flags & re.IGNORECASE) or re.search(r"\(\?[a-zA-Z]*i", pattern) is not None
    ways, degree = _sequence(items, fold, whole=True)
    return Guarded(regex, ways, degree, _period(items), len(items))


def _period(items: Sequence[Item]) -> int:
    """The least distance between two places where the fixed text that begins every match may stand.

    At least 1. For `<answer>` it is 8; for `aaaa` it is 1, since it may begin at every letter of a run.
    """
    fixed = ""
    for op, code in items:
        if str(op) != "LITERAL":
            break
        fixed += chr(code)
    folded = fixed.lower()
    return next(
        (step for step in range(1, len(folded)) if folded[step:] == folded[:-step]), max(len(folded), 1)
    )


def _flatten(items: Iterable[Item]) -> list[Item]:
    """The items in order, with plain groups opened: a group changes what is captured, not what is tried."""
    flat: list[Item] = []
    for op, argument in items:
        if str(op) == "SUBPATTERN":
            flat += _flatten(argument[3])
        elif str(op) == "ATOMIC_GROUP":
            flat += _flatten(argument)
        else:
            flat.append((op, argument))
    return flat


def _sequence(items: list[Item], fold: bool, *, whole: bool = False) -> tuple[int, int]:
    ways, degree = 1, 0
    for index, item in enumerate(items):
        if _is_free_run(items, index, fold, whole):
            continue
        more_ways, more_degree = _item(item, fold)
        ways, degree = min(ways * more_ways, MAX_WAYS), degree + more_degree
    return ways, degree


def _item(item: Item, fold: bool) -> tuple[int, int]:
    op, argument = str(item[0]), item[1]
    if op in _SINGLES or op == "AT":
        return 1, 0
    if op in _REPEATS:
        ways, degree = _repeat(*argument, fold=fold)
        return (ways * LAZY_COST, degree) if op == "MIN_REPEAT" and degree else (ways, degree)
    if op == "BRANCH":
        costs = [_sequence(_flatten(branch), fold) for branch in argument[1]]
        return min(sum(ways for ways, _ in costs), MAX_WAYS), max(degree for _, degree in costs)
    if op in {"ASSERT", "ASSERT_NOT"}:
        return _sequence(_flatten(argument[1]), fold)
    if op == "GROUPREF":
        return 1, 1  # comparing with what a group held costs up to its length
    raise UnsafePattern(f"the pattern uses a construct that is not supported here ({op.lower()})")


def _repeat(least: int, most: int, body: Iterable[Item], *, fold: bool) -> tuple[int, int]:
    ways, degree = _sequence(_flatten(body), fold)
    if int(most) > MAX_BOUND:
        if (ways, degree) != (1, 0):
            raise UnsafePattern(
                "the pattern repeats a repetition or a choice without bound, which can take for ever;"
                " repeat a single character class instead, or give an upper bound such as {1,20}"
            )
        return 1, 1
    rounds = int(most)
    inside = min(ways, 2**20) ** rounds if ways > 1 else 1
    return min(inside * max(rounds - int(least) + 1, rounds), MAX_WAYS), degree * rounds


def _is_free_run(items: list[Item], index: int, fold: bool, whole: bool) -> bool:
    """Whether the item is a run of one character class that never makes the matcher try again."""
    run = _run(items[index])
    if run is None or int(items[index][1][0]) > MAX_BOUND:
        return False
    after, reached_end = _neighbours(items[index + 1 :])
    if reached_end:
        return whole  # the end of a branch or of a repeated group is not the end of the match
    before, reached_start = _neighbours(items[:index][::-1])
    if reached_start:
        return False
    return all(_disjoint(run, other, fold) for other in (*before, *after))


def _run(item: Item) -> Item | None:
    """The single character class that the item repeats, where it is such a run."""
    op, argument = str(item[0]), item[1]
    if op not in _REPEATS:
        return None
    body = _flatten(argument[2])
    return body[0] if len(body) == 1 and str(body[0][0]) in _SINGLES else None


def _neighbours(items: list[Item]) -> tuple[list[Item], bool]:
    """What may stand next, up to the first item that must be there, and whether there was none such."""
    found: list[Item] = []
    for item in items:
        run = _run(item)
        if run is None:
            return [*found, item], False
        found.append(run)
        if int(item[1][0]) > 0:
            return found, False
    return found, True


def _disjoint(one: Item, other: Item, fold: bool) -> bool:
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
    if fold and character.isalpha():
        return True  # case folding joins letters in ways not worth repeating here
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
