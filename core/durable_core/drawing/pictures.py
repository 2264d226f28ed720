"""What can be drawn: boxes, and arrows between them."""

from __future__ import annotations

from typing import Literal

from durable_core.frozen import frozen

BoxKind = Literal[
    "plain", "start", "open", "pending", "running", "waiting", "finished", "completed", "failed"
]
"""What a box shows, which decides its colour: a verdict, how far a unit is, or nothing (``plain``).

``start`` is a dot, where a machine begins.
"""


@frozen()
class Box:
    """A box with ``lines`` of text, the first in bold; ``name`` is unique in its picture."""

    name: str
    lines: tuple[str, ...]
    kind: BoxKind = "plain"


@frozen()
class Arrow:
    """An arrow between two boxes, by their names, with ``lines`` of text beside it."""

    source: str
    target: str
    lines: tuple[str, ...] = ()


@frozen()
class Picture:
    """Boxes and arrows, in the order in which they are met when one reads on from the first box."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
