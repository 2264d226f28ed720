"""The nearest known word to a mistyped one. Importing this module is cheap: the command line uses it too."""

from __future__ import annotations

from collections.abc import Iterable

_ALIKE = 0.6
"""How alike two words must be to be a guess worth printing, 0..1; difflib's own threshold."""

_LONGEST = 100
"""Longest word compared, in characters: no one mistypes a word this long."""

_MOST = 1_000
"""Most known words compared with a word: of more, the first in alphabetical order."""

_WORK = 500_000
"""Work of one guess: the cubes of the lengths of the words compared in full, which is what comparing them may
take. Some hundred words of common length that are made of the same letters, or one of 100 characters."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The word of ``known`` that ``word`` was most likely meant to be, or None when none is alike.

    Case does not count. Of equally alike words the last in alphabetical order is taken, as difflib has it.
    What it takes is bounded: where very many words look alike from afar, some are not looked at closely.
    """
    if len(word) > _LONGEST:
        return None
    from difflib import SequenceMatcher  # noqa: PLC0415  # needed for mistakes only

    folded = word.casefold()
    words = sorted(each for each in known if len(each) <= _LONGEST)
    same = next((each for each in words if each.casefold() == folded), None)
    if same is not None:
        return same
    matcher = SequenceMatcher()
    matcher.set_seq2(folded)  # what it learns of this one it keeps
    from_afar = []  # with the most that the likeness can be, which is quickly found
    for each in words[:_MOST]:
        matcher.set_seq1(each.casefold())
        if matcher.real_quick_ratio() >= _ALIKE and (most := matcher.quick_ratio()) >= _ALIKE:
            from_afar.append((most, each))
    best, work = (_ALIKE, ""), _WORK
    for most, each in sorted(from_afar, reverse=True):
        if most < best[0] or work <= 0:
            break  # no other is more alike
        work -= len(each) ** 2 * len(word)
        matcher.set_seq1(each.casefold())
        best = max(best, (matcher.ratio(), each))
    return best[1] or None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The hint for a mistyped word, or None when nothing known is alike."""
    guess = nearest(word, known)
    return None if guess is None else f"Did you mean '{guess}'?"


def listed(known: Iterable[str], most: int = 12) -> str:
    """The known words for a message, in their order, quoted; at most ``most`` of them are spelled out."""
    words = tuple(known)
    shown = ", ".join(f"'{word}'" for word in words[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"
