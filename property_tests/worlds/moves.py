"""Moves: what may happen next in a world, and schedules, which pick among them by number."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

Move = tuple[str, Callable[[], None]]
"""Something that may happen next: its name, and the function that makes it happen."""


def schedules(max_size: int = 40) -> st.SearchStrategy[list[int]]:
    """Moves by their number among those that are possible.

    0 is what a quiet world would do, and a quarter of all; the other calm moves come next, so half of all
    numbers are small. One schedule in four is long: on its own, Hypothesis hardly makes any longer than ten.
    """
    moves = st.just(0) | st.integers(0, 4) | st.integers(0, 60) | st.integers(0, 60)
    least = st.sampled_from((0, 0, 0, max_size // 2))
    return least.flatmap(lambda size: st.lists(moves, min_size=size, max_size=max_size))
