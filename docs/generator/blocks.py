"""Blocks: the generated parts of pages that people write. The rest of a page is left as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

_BLOCK = re.compile(r"(<!-- generated: ([\w/ -]+?) -->\n).*?(<!-- end of generated -->)", re.DOTALL)
_BEGIN = re.compile(r"<!-- generated: ")


def filled(page: str, blocks: Mapping[str, Callable[[], str]]) -> str:
    """``page`` with the text of every block made anew.

    Raises KeyError for a block that nobody makes, and ValueError for one that has no end.
    """
    found = _BLOCK.findall(page)
    if len(found) != len(_BEGIN.findall(page)):
        raise ValueError("a generated block has no end")
    return _BLOCK.sub(lambda match: f"{match[1]}\n{blocks[match[2]]().strip()}\n\n{match[3]}", page)


def names(page: str) -> tuple[str, ...]:
    """The names of the blocks in ``page``, in order."""
    return tuple(match[1] for match in _BLOCK.findall(page))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; what stands in its cells may hold ``|`` and line ends."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def plain(docstring: str | None) -> str:
    """A docstring as Markdown: one paragraph a line, ``code`` with single backticks."""
    paragraphs = (" ".join(part.split()) for part in (docstring or "").split("\n\n"))
    return "\n\n".join(part for part in paragraphs if part).replace("``", "`")
