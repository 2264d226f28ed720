"""The built-in tool ``current_time``."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

LONGEST_NAME: Final = 100
"""Characters of a time zone's name: the longest there is has 32. Each part of a name is looked for as a
folder, and imported as a package."""


def current_time(timezone: str = "UTC") -> str:
    """Tell the date and time of now, in ISO 8601.

    Args:
        timezone: The name of a time zone, such as Europe/Berlin.
    """
    if len(timezone) > LONGEST_NAME:
        raise ValueError(f"there is no time zone with a name of more than {LONGEST_NAME} characters")
    try:
        zone = ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"there is no time zone {timezone}") from None
    return datetime.now(zone).isoformat(timespec="seconds")
