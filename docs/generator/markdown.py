"""Markdown for the generated parts of pages: tables, and docstrings as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


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
