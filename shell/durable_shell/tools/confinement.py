"""Where built-in tools and artifacts may write: a folder, no way out of it, and never into a store."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from durable_core.frozen import frozen

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

LONGEST_PATH: Final = 4_000
"""Characters: Linux opens paths of 4,095 bytes, and the working folder comes first."""

MOST_FOLDERS: Final = 100
"""Folders that a path may go through. Each is looked at from the top, so that the work grows with the square;
what people make is seldom deeper than 20."""


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
        if len(path) > LONGEST_PATH or path.count("/") > MOST_FOLDERS:
            raise OutOfBounds(
                f"the path has more than {LONGEST_PATH} characters or {MOST_FOLDERS} folders in it"
            )
        root = self.folder.resolve()
        try:
            target = (root / path).resolve()
            goes_round = os.path.islink(target)
        except UnicodeEncodeError:
            raise OutOfBounds("the path holds half of a character") from None
        except (OSError, RuntimeError) as error:  # a loop of links, up to Python 3.12
            raise OutOfBounds(f"the path {path} can't be followed: {error}") from None
        if goes_round:  # the same, from Python 3.13 on
            raise OutOfBounds(f"the path {path} can't be followed: its links go round")
        if target != root and root not in target.parents:
            raise OutOfBounds(f"the path {path} leads out of the working folder")
        if is_closed(target, self.closed):
            raise OutOfBounds(f"the path {path} leads into the sessions' own folder")
        return target

    @contextlib.contextmanager
    def opened_parent(self, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """The folder that holds what ``path`` means, as a descriptor, and the name in it.

        What was checked is what is opened, whoever moves folders meanwhile: from the working folder down, no
        link is followed. With ``make``, missing folders are made. Raises OutOfBounds as ``inside`` does, and
        OSError.
        """
        root = self.folder.resolve()
        *above, name = self.inside(path).relative_to(root).parts or (".",)
        folder = os.open(root, _FOLDER)
        try:
            for part in above:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, dir_fd=folder)
                below = os.open(part, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = below
            yield folder, name
        finally:
            os.close(folder)


def is_closed(path: Path, closed: Iterable[Path]) -> bool:
    """Whether ``path``, links followed, is one of the folders ``closed`` or lies below one.

    A path of which the end does not exist yet is judged as well. Some file systems take names of another
    case for the same folder, so folders are compared too, not only names. Raises OSError for links that go
    round.
    """
    real = path.resolve()
    above = (real, *real.parents)
    folders = [folder.resolve() for folder in closed]
    if any(folder in above for folder in folders):
        return True
    kept_out = {_identity(folder) for folder in folders} - {None}
    return any(_identity(folder) in kept_out for folder in above)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        known = path.stat()
    except OSError:
        return None  # not there yet
    return known.st_dev, known.st_ino
