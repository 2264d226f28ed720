"""What a regular expression may cost at worst, before it is run.

Python's matcher backtracks: `(a+)+$` over thirty letters takes minutes, and nothing can stop it meanwhile,
for it keeps the interpreter's lock. So the pattern's parse tree is read first. A backtracking matcher tries,
from each start, every way of passing the pattern. Two numbers say how many there are in a text of n
characters, each as a sum of powers of n: the `ways` in which a part can match, and the `work` of trying
all of them. The work of a sequence is that of each part, once for every way of passing the parts before it.

- a repetition without a small upper bound has n ways; what it repeats must itself have exactly one way
  through, else the ways grow exponentially and the pattern is refused;
- a bounded repetition and an alternation multiply the ways;
- a look ahead or back is passed in one way, whatever it cost to find that;
- a repetition is free when everything after it may be empty (the first try succeeds), or when the
  characters just before and just after it are ones that it cannot match: then giving one back never helps,
  and runs entered at different places do not overlap. `Score:\\s*(\\d+)` is linear by this rule.

The judgement errs to the costly side only. What is left is a number of steps, which the caller bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest
from re import _parser  # type: ignore[attr-defined]  # no public name but one that warns it will go away
from typing import Any, Final

from durable_core.frozen import frozen

MAX_PATTERN = 500
"""Length of a regular expression, in characters: longer ones are generated, not written."""

MAX_BOUND = 100
"""Bound of a repetition such as ``x{0,100}``, in repeats: one that may run further is counted as if it had
no bound."""

MAX_RANGES = 500_000
"""Size of all ranges of a pattern such as ``[a-z]`` together, in characters: Python spreads them out one by
one."""

LAZY_COST = 4
"""Cost of a lazy repetition such as ``x*?``, in greedy ones: a greedy one runs ahead in one go."""

LOOP_COST = 16
"""Cost of one round of a repeated group, in characters: the matcher notes where each round began."""

MAX_WAYS = 10**12
"""Ways in which a regular expression may match, in ways: no search is paid for that tries so many, and
counting stops here so that numbers stay small."""

STEPS_OF_MAKING: Final = 8_192
"""Work of making the matcher of a pattern, in steps for each of its characters: it is read twice."""

STEPS_OF_RANGING: Final = 50
"""Work of spreading out a range, in steps for each of its characters: three times that where case is
folded."""

MAX_STEPS = 20_000_000
"""Work of comparing one answer with the pattern of its gate, in steps: less than a second."""

SEARCH_STEPS = 2_000_000_000
"""Work of one search of a scripted answer's expression, in steps: about what one rendering may do."""

LEAST_ANSWER = 200
"""Length of an answer that the pattern of a gate must be able to judge with that work, in characters: what
people type into one line. A pattern that cannot is refused before the run."""

_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_SINGLES = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN"})
_DISJOINT = frozenset({frozenset({"DIGIT", "SPACE"}), frozenset({"WORD", "SPACE"})})
_BEGINNINGS = frozenset({"AT_BEGINNING", "AT_BEGINNING_STRING"})
_MEMBERS_PER_STEP: Final = 8
"""Members of a character class that are compared in the time of one step."""

Item = tuple[Any, Any]


class UnsafePattern(ValueError):
    """The pattern is not a regular expression, or one whose cost cannot be bounded."""


@frozen()
class Growth:
    """A number that grows with the length n of the text: the sum of `factors[k] * (n + 1) ** k`."""

    factors: tuple[int, ...] = (1,)

    def at(self, length: int) -> int:
        """The number for a text of ``length`` characters."""
        total = 0
        for factor in reversed(self.factors):
            total = total * (length + 1) + factor
        return total

    def plus(self, other: Growth) -> Growth:
        """The sum of both."""
        pairs = zip_longest(self.factors, other.factors, fillvalue=0)
        return Growth(tuple(min(one + another, MAX_WAYS) for one, another in pairs))

    def times(self, other: Growth) -> Growth:
        """The product of both, or one as hopeless."""
        if len(self.factors) + len(other.factors) - 2 > _MOST_DEGREE:
            return _HOPELESS
        product = [0] * (len(self.factors) + len(other.factors) - 1)
        for degree, factor in enumerate(self.factors):
            for more, another in enumerate(other.factors):
                product[degree + more] = min(product[degree + more] + factor * another, MAX_WAYS)
        return Growth(tuple(product))


_MOST_DEGREE: Final = 32
"""Highest degree that is reckoned with; no text of any use can be searched at such a cost."""

_HOPELESS: Final = Growth((0,) * _MOST_DEGREE + (MAX_WAYS,))

ONE = Growth()


@frozen()
class Cost:
    """In how many ways a part can match from one start, and what it takes to try them all, in steps."""

    ways: Growth = ONE
    work: Growth = ONE

    def then(self, following: Cost) -> Cost:
        """Both parts, one behind the other."""
        return Cost(self.ways.times(following.ways), self.work.plus(self.ways.times(following.work)))


NO_COST: Final = Cost(ONE, Growth((0,)))
ONE_EACH: Final = Growth((0, 1))
"""As many as a place of the text: one for each character, and one for its end."""


@frozen()
class Guarded:
    """A pattern that may run: what a search costs from each of about `n / period` starts, and a full match.

    ``making`` is what reading the pattern itself took, in the same steps.
    """

    regex: re.Pattern[str]
    search: Cost
    match: Cost
    period: int
    unbounded: int
    making: int

    def steps(self, length: int) -> int:
        """An upper estimate of steps, of about a character each, to search ``length`` characters."""
        starts = length // self.period + 1
        return starts * self.search.work.at(length) + self._free(self.search, length)

    def full_steps(self, length: int) -> int:
        """The same for comparing the whole of a text of ``length`` characters with the pattern."""
        return self.match.work.at(length) + self._free(self.match, length)

    def _free(self, cost: Cost, length: int) -> int:
        # Free runs do not overlap: all of one together pass the text once, for each way of getting there that
        # does not depend on the text. Where ways grow with the text, they outnumber what is free.
        return length * (1 + self.unbounded * cost.ways.factors[0])


@lru_cache(maxsize=256)
def guarded(pattern: str) -> Guarded:
    """The pattern with its cost. Raises `UnsafePattern` saying what is wrong and how to write it instead."""
    if len(pattern) > MAX_PATTERN:
        raise UnsafePattern(f"the pattern has more than {MAX_PATTERN} characters")
    try:
        tree = _parser.parse(pattern)
        ranged = _ranged(tree)
        if ranged > MAX_RANGES:
            raise UnsafePattern(f"the ranges of the pattern hold more than {MAX_RANGES:,} characters")
        regex = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise UnsafePattern(f"the pattern is not a regular expression: {error}") from None
    items = _flatten(tree)
    fold = bool(regex.flags & re.IGNORECASE) or re.search(r"\(\?[a-zA-Z]*i", pattern) is not None
    search, match = (_Reckoner(fold, place).sequence(items) for place in ("found", "whole"))
    making = len(pattern) * STEPS_OF_MAKING + ranged * (3 if fold else 1) * STEPS_OF_RANGING
    return Guarded(regex, search, match, _period(items, fold), _runs(tree), making)


def judged(pattern: str) -> Guarded:
    """The pattern of a gate, which can judge any answer that a person may type within ``MAX_STEPS``.

    Raises `UnsafePattern`, also for one that could not.
    """
    guard = guarded(pattern)
    if guard.full_steps(LEAST_ANSWER) > MAX_STEPS:
        raise UnsafePattern(
            f"comparing it with an answer of {LEAST_ANSWER} characters can take for ever;"
            " use fewer repetitions that can match the same text, or give each an upper bound such as {1,20}"
        )
    return guard


def accepts(pattern: str, answer: str) -> bool:
    """Whether the whole of ``answer`` matches. Raises `UnsafePattern` when that may take for ever."""
    guard = guarded(pattern)
    if guard.full_steps(len(answer)) > MAX_STEPS:
        raise UnsafePattern(f"an answer of {len(answer):,} characters cannot be compared with it in due time")
    return guard.regex.fullmatch(answer) is not None


def found_in(pattern: str, text: str) -> bool:
    """Whether the pattern is found in ``text``. Raises `UnsafePattern` when that may take for ever."""
    guard = guarded(pattern)
    if guard.steps(len(text)) > SEARCH_STEPS:
        raise UnsafePattern(f"a text of {len(text):,} characters cannot be searched with it in due time")
    return guard.regex.search(text) is not None


def _ranged(part: Any) -> int:
    """How many characters the ranges of a parse tree hold, each counted as often as it is named."""
    if isinstance(part, tuple) and len(part) == 2 and str(part[0]) == "RANGE":
        return int(part[1][1] - part[1][0] + 1)
    if isinstance(part, tuple | list | _parser.SubPattern):
        return sum(_ranged(inner) for inner in part)
    return 0


def _runs(part: Any) -> int:
    """How many repetitions of a parse tree have no small bound."""
    if isinstance(part, _parser.SubPattern | list):
        return sum(_runs(item) for item in part)
    if not isinstance(part, tuple):
        return 0
    unbounded = len(part) == 2 and str(part[0]) in _REPEATS and int(part[1][1]) > MAX_BOUND
    return unbounded + sum(_runs(inner) for inner in part)


def _period(items: Sequence[Item], fold: bool) -> int:
    """The least distance between two places where the fixed text that begins every match may stand.

    At least 1. For `<answer>` it is 8; for `aaaa` it is 1, since it may begin at every letter of a run.
    """
    fixed = ""
    for op, code in items:
        if str(op) != "LITERAL":
            break
        fixed += chr(code)
    if fold and not fixed.isascii():
        return 1  # other letters fold in ways not worth repeating here
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


@frozen()
class _Reckoner:
    """Reckons the cost of a sequence of items.

    ``place`` says which sequence it is: one that is ``found`` anywhere in a text, one that the ``whole`` of
    a text must match, or a part ``within`` another.
    """

    fold: bool
    place: str = "within"

    def sequence(self, items: list[Item]) -> Cost:
        cost = NO_COST
        for index, item in enumerate(items):
            cost = cost.then(self._free_run(items, index) or self._item(item))
        return cost

    def _inner(self, items: Iterable[Item]) -> Cost:
        return _Reckoner(self.fold).sequence(_flatten(items))

    def _item(self, item: Item) -> Cost:
        op, argument = str(item[0]), item[1]
        if op in _SINGLES or op == "AT":
            return Cost(work=Growth((_single(item),)))
        if op in _REPEATS:
            return self._repeat(op, *argument)
        if op == "BRANCH":
            costs = [self._inner(branch) for branch in argument[1]]
            ways, work = costs[0].ways, costs[0].work.plus(ONE)
            for cost in costs[1:]:
                ways, work = ways.plus(cost.ways), work.plus(cost.work.plus(ONE))
            return Cost(ways, work)
        if op in {"ASSERT", "ASSERT_NOT"}:
            return Cost(work=self._inner(argument[1]).work.plus(ONE))
        if op == "GROUPREF":
            return Cost(work=ONE_EACH)  # comparing with what a group held costs up to its length
        raise UnsafePattern(f"the pattern uses a construct that is not supported here ({op.lower()})")

    def _repeat(self, op: str, least: int, most: int, body: Iterable[Item]) -> Cost:
        inner = self._inner(body)
        each = inner.work if _is_single(_flatten(body)) else inner.work.plus(ONE).times(Growth((LOOP_COST,)))
        if op == "MIN_REPEAT":
            each = each.times(Growth((LAZY_COST,)))
        if int(most) > MAX_BOUND:
            if inner.ways != ONE:
                raise UnsafePattern(
                    "the pattern repeats a repetition or a choice without bound, which can take for ever;"
                    " repeat a single character class instead, or give an upper bound such as {1,20}"
                )
            ways, work = ONE_EACH, each.times(ONE_EACH)
        else:
            ways, work = self._rounds(int(least), int(most), inner.ways, each)
        return Cost(ONE if op == "POSSESSIVE_REPEAT" else ways, work)

    def _rounds(self, least: int, most: int, ways: Growth, each: Growth) -> tuple[Growth, Growth]:
        """The ways of going round from ``least`` to ``most`` times, and what that takes."""
        so_far, all_ways, work = ONE, Growth((0,)), ONE
        for done in range(most + 1):
            if done >= least:
                all_ways = all_ways.plus(so_far)
            if done < most:
                work = work.plus(so_far.times(each))
                so_far = so_far.times(ways)
        return all_ways, work

    def _free_run(self, items: list[Item], index: int) -> Cost | None:
        """The cost of a run of one character class that never makes the matcher try again; else None."""
        op, argument = str(items[index][0]), items[index][1]
        run = _run(items[index])
        if run is None or int(argument[0]) > MAX_BOUND:
            return None
        if not self._is_free(run, items, index):
            return None
        most = int(argument[1]) if int(argument[1]) <= MAX_BOUND else int(argument[0])
        return Cost(work=Growth(((most + 1) * _single(run) * (LAZY_COST if op == "MIN_REPEAT" else 1),)))

    def _is_free(self, run: Item, items: list[Item], index: int) -> bool:
        after, reached_end = _neighbours(items[index + 1 :])
        if reached_end:
            return self.place == "found"  # elsewhere the end of the items is not yet the end of the match
        before, reached_start = _neighbours([item for item in items[:index][::-1] if not self._begins(item)])
        if reached_start and self.place != "whole":
            return False  # a search enters the run again at each of its characters
        return all(_disjoint(run, other, self.fold) for other in (*before, *after))

    def _begins(self, item: Item) -> bool:
        return self.place == "whole" and str(item[0]) == "AT" and str(item[1]) in _BEGINNINGS


def _single(item: Item) -> int:
    """What it costs to look at one character, in steps: a class is compared member by member."""
    return 1 + len(item[1]) // _MEMBERS_PER_STEP if str(item[0]) == "IN" else 1


def _is_single(items: Sequence[Item]) -> bool:
    return len(items) == 1 and str(items[0][0]) in _SINGLES


def _run(item: Item) -> Item | None:
    """The single character class that the item repeats, where it is such a run."""
    op, argument = str(item[0]), item[1]
    if op not in _REPEATS:
        return None
    body = _flatten(argument[2])
    return body[0] if _is_single(body) else None


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
