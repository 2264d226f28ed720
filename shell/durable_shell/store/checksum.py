"""The check that ``session.json`` carries: a list shows that view without asking the journal."""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping
from typing import Any

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
