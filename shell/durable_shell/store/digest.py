"""The digests of what is stored: of a conversation, which whoever opens a journal compares, and of
``session.json``, which a list shows without asking the journal.

A list of sessions goes through here, so this module imports nothing that is slow to load.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from durable_core.types import Json

CHECK = "crc32"
"""The field of session.json that holds its ``check_of``."""


def check_of(document: Mapping[str, Any]) -> str:
    """The CRC-32 of what session.json says of the session and of its own age: eight hex digits.

    A list must notice a changed byte. The variables are not covered: people may edit them.
    """
    text = json.dumps([document.get("as_of"), document.get("metadata")], sort_keys=True)
    return f"{binascii.crc32(text.encode('ascii')):08x}"


def is_intact(document: Mapping[str, Any]) -> bool:
    """Whether session.json is as it was written, the variables not considered. One without a check passes."""
    return document.get(CHECK) in (None, check_of(document))


def chain_digest(previous: str, message: Json) -> str:
    """The digest of a conversation that grew by ``message``: SHA-256, as 64 hexadecimal digits.

    It covers the previous digest (ASCII; empty at the beginning) and the message as compact JSON with
    sorted keys, in ASCII, so equal digests mean equal conversations.
    """
    import hashlib  # here, as a list of sessions needs none of it

    text = json.dumps(message, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((previous + text).encode("ascii")).hexdigest()
