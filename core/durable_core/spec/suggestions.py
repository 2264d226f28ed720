"""The nearest known word to a mistyped one. Importing this module is cheap: the command line uses it too."""

from __future__ import annotations

from collections.abc import Iterable

_ALIKE = 0.6
"""How alike two words must be to be a guess worth printing, 0..1; difflib's own threshold."""

_LONGEST = 100
"""Longest word compared, in characters: difflib is quadratic, and no one mistypes a word this long."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The word of ``known`` that ``word`` was most likely meant to be, or None when none is alike.

    Case does not count; of equally alike words the first in alphabetical order is taken.
    """
    if len(word) > _LONGEST:
        return None
    from difflib import get_close_matches  # noqa: PLC0415  # needed for mistakes only

    by_folded = {candidate.casefold(): candidate for candidate in sorted(known, reverse=True)}
    matches = get_close_matches(word.casefold(), sorted(by_folded), n=1, cutoff=_ALIKE)
    return by_folded[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The hint for a mistyped word, or None when nothing known is alike."""
    guess = nearest(word, known)
    return None if guess is None else f"Did you mean '{guess}'?"


def listed(known: Iterable[str], most: int = 12) -> str:
    """The known words for a message, in their order, quoted; at most ``most`` of them are spelled out."""
    words = tuple(known)
    shown = ", ".join(f"'{word}'" for word in words[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"
