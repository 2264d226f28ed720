"""Whether the project of a session was moved to the current folder.

Imports little, so that finding a session stays quick.
"""

from __future__ import annotations

import hashlib
import os

from durable_core.paths import is_below, relocated


def folder_is_gone(folder: str) -> bool:
    """Whether the folder that a session was started in is not there any more. Older ones do not say it."""
    return folder != "" and not os.path.isdir(folder)


def moved_here(folder: str, spec_path: str, spec_hash: str, here: str) -> str | None:
    """Where the spec of a session is, if the ``folder`` that it was started in is the folder ``here`` now.

    That is so when ``folder`` is gone and a file with the spec's SHA-256 ``spec_hash`` (hex) is at the same
    place below ``here``. None otherwise.
    """
    if not is_below(spec_path, folder) or not folder_is_gone(folder):
        return None
    path = relocated(spec_path, folder, here)
    try:
        with open(path, "rb") as file:
            return path if hashlib.sha256(file.read()).hexdigest() == spec_hash else None
    except (OSError, ValueError):
        return None
