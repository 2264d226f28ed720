"""Costs that grow with the length of a text: what ``regex_cost`` reckons with."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from durable_core.frozen import frozen

MAX_WAYS = 10**12
"""Ways in which a regular expression may match, in ways: no search is paid for that tries so many, and
counting stops here so that numbers stay small."""


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
"""One way, or one step, whatever the length."""


@frozen()
class Cost:
    """In how many ways a part can match from one start, and what it takes to try them all, in steps."""

    ways: Growth = ONE
    work: Growth = ONE

    def then(self, following: Cost) -> Cost:
        """Both parts, one behind the other."""
        return Cost(self.ways.times(following.ways), self.work.plus(self.ways.times(following.work)))


NO_COST: Final = Cost(ONE, Growth((0,)))
"""The cost of no items at all: one way through, and nothing to do."""
ONE_EACH: Final = Growth((0, 1))
"""As many as a place of the text: one for each character, and one for its end."""
