"""Cross references: the problems of names that are missing, given twice, or in each other's way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from durable_core.spec.problems import Problem, path_of
from durable_core.spec.suggestions import did_you_mean, listed


def unknown_name(what: str, name: str, pointer: str, known: Iterable[str]) -> Problem:
    """``pointer`` names ``what`` (an agent, say), and none of ``known`` has that name."""
    words = tuple(known)
    hint = did_you_mean(name, words) or (f"There is {listed(words)}." if words else None)
    return Problem(f"{path_of(pointer)} names the {what} '{name}', which does not exist.", pointer, hint=hint)


def either_or(pointer: str, one: str, other: str) -> Problem:
    """What stands at ``pointer`` has neither of two keys, or both."""
    message = f"{path_of(pointer)} needs either '{one}' or '{other}', and not both."
    return Problem(message, pointer, hint=f"Write one of '{one}' and '{other}'.")


def pointed(pointer: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each name with its pointer, whose {} is the name's index."""
    return ((pointer.format(index), name) for index, name in enumerate(names))


def second_ones(what: str, named: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """One problem for each name (with its pointer) that an earlier one has too."""
    first: dict[str, str] = {}
    for pointer, name in named:
        if name in first:
            hint = f"The first is {path_of(first[name])}; rename or remove one."
            yield Problem(f"{path_of(pointer)}: there is a second {what} '{name}'.", pointer, hint=hint)
        first.setdefault(name, pointer)
