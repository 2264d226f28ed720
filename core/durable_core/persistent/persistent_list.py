"""PersistentList: an immutable list that grows at its end without being copied.

A tuple that grows by one copies itself, so a chain of 10,000 steps would pay for all earlier steps at
each step. It keeps its items in a persistent hash trie (rpds, the same library that the SDK's schema
checker brings in), so ``append`` costs O(log n) and the older value stays valid. It is a Sequence, so
templates index, slice, count and loop over it like over any list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar, overload

from rpds import HashTrieMap

T_co = TypeVar("T_co", covariant=True)


class PersistentList(Sequence[T_co], Generic[T_co]):
    """A persistent sequence. Equal to any PersistentList with the same items in the same order."""

    __slots__ = ("_items", "_length")
    _items: HashTrieMap[int, T_co]
    _length: int

    def __init__(self, items: Iterable[T_co] = ()) -> None:
        pairs = list(enumerate(items))
        self._items = HashTrieMap(pairs)
        self._length = len(pairs)

    @classmethod
    def _of(cls, items: HashTrieMap[int, T_co], length: int) -> PersistentList[T_co]:
        made = cls.__new__(cls)
        made._items = items
        made._length = length
        return made

    def append(self, item: T_co) -> PersistentList[T_co]:  # type: ignore[misc]  # safe: self never changes
        """These items and ``item`` after them."""
        return PersistentList._of(self._items.insert(self._length, item), self._length + 1)

    def until(self, length: int) -> PersistentList[T_co]:
        """The first ``length`` items; all of them when there are no more than that."""
        items = self._items
        for index in range(max(length, 0), self._length):
            items = items.remove(index)
        return PersistentList._of(items, min(max(length, 0), self._length))

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> T_co: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[T_co, ...]: ...

    def __getitem__(self, index: int | slice) -> T_co | tuple[T_co, ...]:
        if isinstance(index, slice):
            return tuple(self._items[i] for i in range(*index.indices(self._length)))
        position = index + self._length if index < 0 else index
        if not 0 <= position < self._length:
            raise IndexError(f"item {index} of {self._length}")
        return self._items[position]

    def __iter__(self) -> Iterator[T_co]:
        return (self._items[i] for i in range(self._length))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, PersistentList)
            and self._length == other._length
            and self._items == other._items
        )

    def __hash__(self) -> int:
        return hash((self._length, tuple(self[-3:])))

    def __repr__(self) -> str:
        return f"PersistentList({list(self)!r})"
