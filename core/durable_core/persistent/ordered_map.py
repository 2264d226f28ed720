"""OrderedMap: an immutable mapping that grows without being copied, in an order that is settled beforehand.

Results of concurrent work arrive in any order, and templates loop over them. So the order of the keys is the
spec's, not that of arrival, and two sessions that got the same results are equal. ``put`` costs O(log n) and
the older value stays valid. It is a Mapping, so templates read it like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from rpds import HashTrieMap

V_co = TypeVar("V_co", covariant=True)


class OrderedMap(Mapping[str, V_co]):
    """Values by name. Equal to any mapping with the same entries."""

    __slots__ = ("_items", "_order")
    _order: tuple[str, ...]
    _items: HashTrieMap[str, V_co]

    def __init__(self, order: Iterable[str], items: Mapping[str, V_co] | None = None) -> None:
        """The entries of ``items``, in the order of ``order``, which names every key there may ever be."""
        self._order = tuple(order)
        self._items = HashTrieMap((items or {}).items())

    def put(self, key: str, value: V_co) -> OrderedMap[V_co]:  # type: ignore[misc]  # covariant V_co is safe: self is never changed
        """These entries and ``value`` under ``key``, which the order names."""
        changed: OrderedMap[V_co] = OrderedMap.__new__(OrderedMap)
        changed._order = self._order
        changed._items = self._items.insert(key, value)
        return changed

    def __getitem__(self, key: str) -> V_co:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return (key for key in self._order if key in self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(len(self))

    def __repr__(self) -> str:
        return f"OrderedMap({dict(self)!r})"
