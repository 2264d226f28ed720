"""Where built-in tools and artifacts may write: a folder, no way out of it, and never into a store."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from durable_core.frozen import frozen


class OutOfBounds(ValueError):
    """A path that a tool may not touch; the text tells the model."""


@frozen()
class Workplace:
    """Files below ``folder`` may be touched, but for those below ``closed`` (the sessions themselves)."""

    folder: Path
    closed: tuple[Path, ...] = ()

    def inside(self, path: str) -> Path:
        """The real path that ``path`` means, links followed. Raises OutOfBounds when it lies outside."""
        if not path.strip() or "\0" in path:
            raise OutOfBounds("the path is empty or holds a NUL character")
        root = self.folder.resolve()
        try:
            target = (root / path).resolve()
            goes_round = os.path.islink(target)
        except (OSError, RuntimeError) as error:  # a loop of links, up to Python 3.12
            raise OutOfBounds(f"the path {path} can't be followed: {error}") from None
        if goes_round:  # the same, from Python 3.13 on
            raise OutOfBounds(f"the path {path} can't be followed: its links go round")
        if target != root and root not in target.parents:
            raise OutOfBounds(f"the path {path} leads out of the working folder")
        if is_closed(target, self.closed):
            raise OutOfBounds(f"the path {path} leads into the sessions' own folder")
        return target


def is_closed(path: Path, closed: Iterable[Path]) -> bool:
    """Whether ``path``, links followed, is one of the folders ``closed`` or lies below one.

    A path of which the end does not exist yet is judged as well. Raises OSError for links that go round.
    """
    real = path.resolve()
    return any(real == folder or folder in real.parents for folder in map(Path.resolve, closed))
