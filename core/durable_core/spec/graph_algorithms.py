"""Cycles and reachability over names. Iterative: a chain of ten thousand tasks must not exhaust the stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def cycles(edges: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Cycles among ``edges`` (name to names), so that each knot of them shows at least one.

    No name stands in two of them. Each begins with the name that comes first in ``edges``. Names without an
    entry lead nowhere. Linear in the number of edges.
    """
    found: list[tuple[str, ...]] = []
    told: set[str] = set()
    done: set[str] = set()
    order = {name: index for index, name in enumerate(edges)}
    for start in edges:
        if start in done:
            continue
        path: dict[str, Iterator[str]] = {start: iter(edges[start])}
        while path:
            name = next(reversed(path))
            onward = next(path[name], None)
            if onward is None:
                path.popitem()
                done.add(name)
            elif onward in path:
                names = tuple(path)
                cycle = names[names.index(onward) :]
                if told.isdisjoint(cycle):
                    first = cycle.index(min(cycle, key=order.__getitem__))
                    found.append(cycle[first:] + cycle[:first])
                    told.update(cycle)
            elif onward in edges and onward not in done:
                path[onward] = iter(edges[onward])
    return tuple(found)


def reachable(start: str, edges: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """``start`` and all names that ``edges`` lead to from there."""
    reached = {start}
    waiting = [start]
    while waiting:
        for name in edges[waiting.pop()]:
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return frozenset(reached)
