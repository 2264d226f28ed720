"""Text in drawings: made safe, cut where it is too long, and measured without a font."""

from __future__ import annotations

from math import fsum
from typing import Final
from unicodedata import east_asian_width

from durable_core.characters import undirected

LONGEST_LINE: Final = 44
"""Characters of a line that are shown; more make a box wider than people read at a glance."""

LONGEST_TITLE: Final = 80
"""Characters of a title that are shown."""

_SLIM, _ROUND, _BROAD, _FULL = 0.36, 0.58, 0.97, 1.08
"""Widths of four sorts of characters, in parts of the font's size; see ``width``."""

_CAPITAL: Final = 0.74

_SLIM_LETTERS: Final = frozenset("fijlrtI.,:;'|!/()[] -\\`")
_BROAD_LETTERS: Final = frozenset("mwMW@%\u2026\u2014")


def on_one_line(text: str) -> str:
    """Without line ends and control characters, which XML does not take; marks of direction are escapes."""
    return " ".join("".join(char if char.isprintable() else " " for char in undirected(text)).split())


def shown(text: str, longest: int = LONGEST_LINE) -> str:
    """``text`` on one line of at most ``longest`` characters; where it is cut, the last is an ellipsis."""
    line = on_one_line(text)
    return line if len(line) <= longest else line[: longest - 1] + "\u2026"


def width(text: str, size: float) -> float:
    """Pixels that ``text`` takes in a sans-serif font of ``size`` pixels, on the wide side.

    Arial's widths, rounded up, for each sort of letter: a box that is a little too wide does no harm.
    """
    return size * fsum(map(_share, text))  # the same in each version of Python


def _share(char: str) -> float:
    if char in _SLIM_LETTERS:
        return _SLIM
    if char in _BROAD_LETTERS:
        return _BROAD
    if east_asian_width(char) in "WF":
        return _FULL
    return _CAPITAL if char.isupper() else _ROUND
