"""BitSet: an immutable set of places in a list, small and in order.

Which of ten thousand tasks are ready must not be found by looking at ten thousand tasks. The set is a whole
number whose bit i is set when position i is in it: adding, removing and finding the first few cost a copy of
some hundred machine words at most, and a set has one form however it came about.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from durable_core.frozen import frozen


@frozen()
class BitSet:
    """A set of whole numbers from 0; bit i of ``bits`` says whether i is in it."""

    bits: int = 0

    def including(self, position: int) -> BitSet:
        """This set and ``position``."""
        return BitSet(self.bits | 1 << position)

    def without(self, position: int) -> BitSet:
        """This set but ``position``."""
        return BitSet(self.bits & ~(1 << position))

    def first(self, limit: int) -> tuple[int, ...]:
        """The lowest ``limit`` positions, in order; all when there are no more."""
        return tuple(islice(self, limit))

    def __contains__(self, position: int) -> bool:
        return self.bits >> position & 1 == 1

    def __iter__(self) -> Iterator[int]:
        bits = self.bits
        while bits:
            lowest = bits & -bits
            yield lowest.bit_length() - 1
            bits ^= lowest

    def __bool__(self) -> bool:
        return self.bits != 0
