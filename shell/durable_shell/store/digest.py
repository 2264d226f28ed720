"""The digest of a conversation, which its messages and marks carry: whoever opens a journal compares it."""

from __future__ import annotations

import hashlib
import json

from durable_core.types import Json


def chain_digest(previous: str, message: Json) -> str:
    """The digest of a conversation that grew by ``message``: SHA-256, as 64 hexadecimal digits.

    It covers the previous digest (ASCII; empty at the beginning) and the message as compact JSON with
    sorted keys, in ASCII, so equal digests mean equal conversations.
    """
    text = json.dumps(message, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((previous + text).encode("ascii")).hexdigest()
