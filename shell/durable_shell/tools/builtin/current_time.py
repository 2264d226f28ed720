"""The built-in tool ``current_time``."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def current_time(timezone: str = "UTC") -> str:
    """Tell the date and time of now, in ISO 8601.

    Args:
        timezone: The name of a time zone, such as Europe/Berlin.
    """
    try:
        zone = ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"there is no time zone {timezone}") from None
    return datetime.now(zone).isoformat(timespec="seconds")
