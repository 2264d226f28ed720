"""The colours of drawings. What a colour shows is in the text too."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from durable_core.drawing.pictures import BoxKind

INK: Final = "#1f2328"
"""Text in boxes."""

FAINT: Final = "#57606a"
"""Arrows, and the words beside them."""

PAPER: Final = "#ffffff"
"""What is drawn on."""

_RUNNING: Final = ("#ddf4ff", "#0969da")
_COMPLETED: Final = ("#dafbe1", "#1a7f37")

COLOURS: Final[Mapping[BoxKind, tuple[str, str]]] = MappingProxyType(
    {
        "plain": ("#f6f8fa", FAINT),
        "start": (INK, INK),
        "open": _RUNNING,
        "pending": ("#f6f8fa", "#8c959f"),
        "running": _RUNNING,
        "waiting": ("#fff8c5", "#9a6700"),
        "finished": _COMPLETED,
        "completed": _COMPLETED,
        "failed": ("#ffebe9", "#cf222e"),
    }
)
"""Fill and line of each kind of box; each pair differs in lightness too, for those who see no hues."""
