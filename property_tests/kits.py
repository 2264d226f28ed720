"""The kits of all patterns. A pattern that is listed here is held to every law."""

from __future__ import annotations

from property_tests.chain_kit import CHAIN
from property_tests.harness import Kit

KITS: tuple[Kit, ...] = (CHAIN,)
