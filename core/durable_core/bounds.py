"""What no number in a session's files exceeds, so that it can be shown, added to and compared."""

from __future__ import annotations

from typing import Final

LAST_MOMENT: Final = 253_402_300_799.0
"""The last second of the year 9999, in seconds since the epoch: ISO 8601 writes years with four digits."""

MOST_COUNTED: Final = 2**62
"""What no count exceeds: two of them can be added, and compared with any number."""
