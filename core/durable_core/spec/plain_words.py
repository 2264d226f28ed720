"""What a plain word in YAML means, by the core schema of YAML 1.2 (chapter 10.3 of its specification).

Only ``true`` and ``false`` are booleans: ``no``, ``on`` and ``yes`` are text, and so are dates, ``10:30`` and
``1_000``. ``010`` is ten, ``0o10`` is eight.
"""

from __future__ import annotations

import re
from typing import Final

from durable_core.spec.reading import number_trouble

_NULL: Final = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE: Final = frozenset(("true", "True", "TRUE"))
_FALSE: Final = frozenset(("false", "False", "FALSE"))
_NUMBER: Final = re.compile(
    r"(?P<whole>[-+]?[0-9]+)"
    r"|0o(?P<octal>[0-7]+)"
    r"|0x(?P<hexadecimal>[0-9a-fA-F]+)"
    r"|(?P<real>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<unreal>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)


def meaning(word: str) -> str | int | float | bool | None:
    """What ``word``, written without quotes, means. ValueError, with a sentence, for no number JSON has."""
    if word in _NULL:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    number = _NUMBER.fullmatch(word)
    if number is None:
        return word
    digits = number[0] if number["unreal"] is None else number[0].replace(".", "")
    based = number["octal"] or number["hexadecimal"]
    # digits of another base are a shorter way to write a longer number: the same bound does for them
    trouble = number_trouble("0" * len(word) if based else digits)
    if trouble:
        raise ValueError(trouble)
    if based:
        return int(based, 8 if number["octal"] else 16)
    return int(digits) if number["whole"] else float(digits)
