"""What no number in a session's files exceeds, so that it can be shown, added to and compared."""

from __future__ import annotations

from math import isfinite
from typing import Final

LAST_MOMENT: Final = 253_402_300_799.0
"""The last second of the year 9999, in seconds since the epoch: ISO 8601 writes years with four digits."""

MOST_COUNTED: Final = 2**62
"""What no count exceeds: two of them can be added, and compared with any number."""

MOST_REPORTED: Final = 10**12
"""What no model call takes, in tokens: a hundred thousand times the longest context that there is (10**7).
Four million such calls are still fewer than MOST_COUNTED, so that no sum of a session is out of bounds."""


def finite(text: str) -> float:
    """The number that JSON text writes as ``text``.

    Raises ValueError for what JSON can't write again: ``NaN``, ``Infinity``, ``1e999``. For
    ``json.loads(..., parse_float=finite, parse_constant=finite)``.
    """
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text[:20]} is no number of JSON")
    return number
