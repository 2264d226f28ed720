"""Texts made safe to show: what models and files wrote neither steers a terminal nor breaks a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, Final

from durable_core.characters import undirected, whole

MOST_OF_A_LINE: Final = 1_000
"""Characters that a name or a message may have, whoever wrote it: what is longer nobody reads to its end."""

MOST_OF_A_PATH: Final = 4_096
"""Characters of a path that is shown whole, as its end says where it leads."""

MOST_LISTED: Final = 20
"""Names, or lines, that one message lists."""

_MOST_OF_A_NAME: Final = 300
"""Characters of each of them."""

_CONTROLS = {
    code: None for code in [*range(0x20), 0x7F, *range(0x80, 0xA0)] if code not in (ord("\n"), ord("\t"))
}
"""C0 and C1 control characters and DEL (ECMA-48), but for the newline and the tab."""

_SPACED: Mapping[int, str | None] = {
    **_CONTROLS,
    **dict.fromkeys(map(ord, "\n\r\t\u2028\u2029"), " "),
}

_ESCAPED: Mapping[int, str] = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
"""DEL and the C1 controls, which JSON may have as they are."""

_WITHOUT_SIGNS = str.maketrans({"✓": "OK:", "⚠": "!", "…": "..."})


def printable(text: str) -> str:
    """The text without control characters, so that it can't colour, move, erase or retitle a terminal.

    Marks that turn the direction of a line become escapes, half a character becomes U+FFFD.
    """
    return undirected(whole(text.translate(_CONTROLS)))


def one_line(text: str, most: int = MOST_OF_A_LINE) -> str:
    """The same for a name or a message that has one line: newlines and tabs become spaces.

    What is longer than ``most`` is cut.
    """
    beginning = text[: 2 * most]  # a mark of direction becomes six characters, others become none
    return shortened(printable(beginning.translate(_SPACED)), most)


def some(names: Iterable[str], most: int = MOST_LISTED) -> list[str]:
    """The first of ``names``, each on one line, and how many more there are."""
    rest = iter(names)
    shown = [shortened(one_line(name), _MOST_OF_A_NAME) for name in islice(rest, most)]
    more = sum(1 for _ in rest)
    return [*shown, f"and {more} more"] if more else shown


def json_text(document: object, default: Callable[[Any], Any] | None = None) -> str:
    """A JSON document for programs, indented by two. In it, controls, marks of direction and halves are
    escapes."""
    import json  # here, as most commands print none

    written = json.dumps(document, indent=2, ensure_ascii=False, default=default)
    return undirected(written.translate(_ESCAPED)).encode("utf-8", "backslashreplace").decode("utf-8")


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and ``...`` if it is longer than ``most`` characters (at least 4)."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def encodable(text: str, encoding: str | None) -> str:
    """The text as a stream of this encoding can write it; None means any character will do.

    Our own signs get words of their own; any other character that is missing becomes an escape.
    """
    if encoding is None:
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_WITHOUT_SIGNS).encode(encoding, "backslashreplace").decode(encoding)
    return text


def short_id(session_id: str) -> str:
    """The first eight characters of a session id, and dots."""
    return f"{one_line(session_id)[:8]}..."
