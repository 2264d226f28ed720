"""What may stand where a file should be."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final


def _link(place: Path) -> None:
    place.rename(place.with_name("aside"))
    place.symlink_to("aside")


def _folder(place: Path) -> None:
    place.unlink()
    place.mkdir()


def _pipe(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


def _socket(place: Path) -> None:
    place.unlink()
    os.mknod(place, stat.S_IFSOCK | 0o600)


STAND_INS: Final[dict[str, tuple[Callable[[Path], None], str]]] = {
    "link": (_link, "a symbolic link stands there; links are not followed"),
    "folder": (_folder, "a folder stands where a file should be"),
    "pipe": (_pipe, "not a regular file"),
    "socket": (_socket, "not a regular file"),
}
"""Each puts itself in the place of a file, and what is said of it."""
