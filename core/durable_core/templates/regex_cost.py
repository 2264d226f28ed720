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
from re import _parser  # type: ignore[attr-defined]  # no public name but one that warns it will go away
from typing import Any, Final

from durable_core.frozen import frozen
from durable_core.templates.regex_growth import NO_COST, ONE, ONE_EACH, Cost, Growth
from durable_core.templates.regex_items import (
    REPEATS,
    SINGLES,
    Item,
    disjoint,
    flatten,
    is_single,
    next_items,
    run_of,
    single_cost,
)

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

_BEGINNINGS = frozenset({"AT_BEGINNING", "AT_BEGINNING_STRING"})


class UnsafePattern(ValueError):
    """The pattern is not a regular expression, or one whose cost cannot be bounded."""


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

    def first_steps(self, length: int) -> int:
        """The same for looking whether such a text begins with what the pattern matches."""
        return self.search.work.at(length) + self._free(self.search, length)

    def full_steps(self, length: int) -> int:
        """The same for comparing the whole of a text of ``length`` characters with the pattern."""
        return self.match.work.at(length) + self._free(self.match, length)

    def _free(self, cost: Cost, length: int) -> int:
        # Free runs do not overlap: all of one together pass the text once, for each way of getting there that
        # does not depend on the text. Where ways grow with the text, they outnumber what is free.
        return length * (1 + self.unbounded * cost.ways.factors[0])


@lru_cache(maxsize=256)
def guarded(pattern: str, flags: int = 0) -> Guarded:
    """The pattern with its cost. Raises `UnsafePattern` saying what is wrong and how to write it instead."""
    if len(pattern) > MAX_PATTERN:
        raise UnsafePattern(f"the pattern has more than {MAX_PATTERN} characters")
    try:
        tree = _parser.parse(pattern, flags)
        ranged = _ranged(tree)
        if ranged > MAX_RANGES:
            raise UnsafePattern(f"the ranges of the pattern hold more than {MAX_RANGES:,} characters")
        regex = re.compile(pattern, flags)
    except (re.error, RecursionError, OverflowError) as error:
        raise UnsafePattern(f"the pattern is not a regular expression: {error}") from None
    items = flatten(tree)
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


def begins(guard: Guarded, text: str) -> bool:
    """Whether ``text`` begins with what it matches. Raises `UnsafePattern` when that may take for ever."""
    if guard.first_steps(len(text)) > MAX_STEPS:
        raise UnsafePattern(f"a text of {len(text):,} characters cannot be compared with it in due time")
    return guard.regex.match(text) is not None


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
    unbounded = len(part) == 2 and str(part[0]) in REPEATS and int(part[1][1]) > MAX_BOUND
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
        return _Reckoner(self.fold).sequence(flatten(items))

    def _item(self, item: Item) -> Cost:
        op, argument = str(item[0]), item[1]
        if op in SINGLES or op == "AT":
            return Cost(work=Growth((single_cost(item),)))
        if op in REPEATS:
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
        each = inner.work if is_single(flatten(body)) else inner.work.plus(ONE).times(Growth((LOOP_COST,)))
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
        run = run_of(items[index])
        if run is None or int(argument[0]) > MAX_BOUND:
            return None
        if not self._is_free(run, items, index):
            return None
        most = int(argument[1]) if int(argument[1]) <= MAX_BOUND else int(argument[0])
        return Cost(work=Growth(((most + 1) * single_cost(run) * (LAZY_COST if op == "MIN_REPEAT" else 1),)))

    def _is_free(self, run: Item, items: list[Item], index: int) -> bool:
        after, reached_end = next_items(items[index + 1 :])
        if reached_end:
            return self.place == "found"  # elsewhere the end of the items is not yet the end of the match
        before, reached_start = next_items([item for item in items[:index][::-1] if not self._begins(item)])
        if reached_start and self.place != "whole":
            return False  # a search enters the run again at each of its characters
        return all(disjoint(run, other, self.fold) for other in (*before, *after))

    def _begins(self, item: Item) -> bool:
        return self.place == "whole" and str(item[0]) == "AT" and str(item[1]) in _BEGINNINGS
