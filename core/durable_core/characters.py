"""Characters that come in halves.

A program that counts in UTF-16 can cut a character beyond U+FFFF in two, and models, streams and files
made by such programs hold the halves (surrogates). Python keeps them in its texts; no UTF-8 has them.
"""

from __future__ import annotations

import re
from typing import Final

_HALVES: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
_PAIR_BASE: Final = 0x10000 - (0xD800 << 10) - 0xDC00

REPLACEMENT: Final = "\ufffd"
"""What stands for half of a character whose other half is missing: Unicode's own sign for that."""


def whole(text: str) -> str:
    """``text`` with halves of characters joined where they meet, and U+FFFD in the place of lone ones."""
    return text if text.isascii() else _HALVES.sub(lambda found: _joined(found[0]) or REPLACEMENT, text)


def rejoined(text: str) -> str:
    """``text`` with halves of characters joined where they meet; lone ones stay."""
    return text if text.isascii() else _HALVES.sub(lambda found: _joined(found[0]) or found[0], text)


def _joined(halves: str) -> str:
    return chr((ord(halves[0]) << 10) + ord(halves[1]) + _PAIR_BASE) if len(halves) == 2 else ""
