"""Paths as texts: absolute, with slashes. Whether anything is there is for the shell to see.

Imports nothing, so that finding a session stays quick.
"""

from __future__ import annotations


def is_below(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or in it, as they are written. Nothing is below the empty path, nor is
    what climbs out with ``..`` below anything, wherever it leads.
    """
    if folder == "" or ".." in path.split("/"):
        return False
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def relocated(path: str, old: str, new: str) -> str:
    """Where ``path`` is when the folder ``old`` has become ``new``. What is not below ``old`` stays."""
    if not is_below(path, old):
        return path
    return (new.rstrip("/") + path[len(old.rstrip("/")) :]).rstrip("/") or "/"


def moved_project(old_spec: str, new_spec: str) -> tuple[str, str]:
    """The folder that was moved, and what it has become, by where the spec was and where it is now.

    What is the same at the ends of the two paths was moved with the folder. The spec's own folder is always
    part of the move, also when the spec has another name now.
    """
    old, new = old_spec.split("/")[:-1], new_spec.split("/")[:-1]
    while len(old) > 1 and len(new) > 1 and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return "/".join(old) or "/", "/".join(new) or "/"
