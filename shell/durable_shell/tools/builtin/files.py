"""The built-in tools ``file_read`` and ``file_write``."""

from __future__ import annotations

import os
import stat
from typing import Final

from durable_core.characters import whole
from durable_core.frozen import frozen
from durable_shell.tools.confinement import Workplace

MAX_FILE: Final = 256 * 1024
"""Bytes of one reading: about 64,000 tokens, which already is much for a model."""

MOST_WRITTEN: Final = 4 * 1024 * 1024
"""Bytes of one file: longer than any answer of a model."""


@frozen()
class FileTools:
    """Reads and writes text files of one workplace."""

    workplace: Workplace

    def file_read(self, path: str, offset: int = 0) -> str:
        """Read a text file.

        Args:
            path: The file, relative to the working folder.
            offset: The byte to begin at, to go on in a long file.
        """
        # a pipe would block for ever, so it is opened without waiting and then refused
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            with (
                self.workplace.opened_parent(path) as (folder, name),
                open(name, "rb", opener=lambda name, _: os.open(name, flags, dir_fd=folder)) as file,
            ):
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise ValueError(f"{path} is no file")
                size = os.fstat(file.fileno()).st_size
                if offset > size:
                    return f"[the file ends at byte {size}]"
                file.seek(max(offset, 0))
                data = file.read(MAX_FILE)
                left = size - file.tell()
        except OSError as error:
            raise ValueError(f"{path} can't be read: {error.strerror}") from None
        text = data.decode("utf-8", errors="replace")
        more = f"\n[{left} bytes more, from offset {max(offset, 0) + len(data)} on]" if left > 0 else ""
        return text + more

    def file_write(self, path: str, content: str) -> str:
        """Write a text file, in the place of one that is there.

        Args:
            path: The file, relative to the working folder.
            content: The whole text.
        """
        data = whole(content).encode()
        if len(data) > MOST_WRITTEN:
            raise ValueError(f"the text is longer than {MOST_WRITTEN} bytes")
        try:
            with self.workplace.opened_parent(path, make=True) as (folder, name):
                _replace(folder, name, data)
        except OSError as error:
            raise ValueError(f"{path} can't be written: {error.strerror}") from None
        return f"Wrote {len(data)} bytes to {path}."


def _replace(folder: int, name: str, data: bytes) -> None:
    """Put a file with ``data`` under ``name`` into the open ``folder``, whole or not at all."""
    temporary = f".writing-{os.urandom(8).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        with open(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(temporary, dir_fd=folder)
        raise
