"""When a folder came into being, where the file system keeps that.

A copy, an unpacked archive and a restored backup are born anew, whatever other times they are given; a
folder that is renamed or written in is not. Python tells it of some systems only, so on Linux the C library
is asked.
"""

from __future__ import annotations

import os
import struct
import sys
from typing import Final

_AT_EMPTY_PATH: Final = 0x1000
_STATX_BTIME: Final = 0x800
_SIZE: Final = 256
"""Bytes of a ``struct statx``, whose form is the same on all machines."""
_BTIME_AT: Final = 80


def born_at(descriptor: int) -> float | None:
    """When an open file or folder came into being, in seconds since the epoch; None if that is not known."""
    born = getattr(os.fstat(descriptor), "st_birthtime", None)
    if isinstance(born, int | float):
        return float(born)
    return _asked_of_linux(descriptor) if sys.platform == "linux" else None


def _asked_of_linux(descriptor: int) -> float | None:
    import ctypes

    try:
        statx = ctypes.CDLL(None).statx
    except (OSError, AttributeError):  # a C library that has none
        return None
    answer = ctypes.create_string_buffer(_SIZE)
    if statx(descriptor, b"", _AT_EMPTY_PATH, _STATX_BTIME, answer) != 0:
        return None
    (told,) = struct.unpack_from("=I", answer.raw)
    seconds, nanoseconds = struct.unpack_from("=qI", answer.raw, _BTIME_AT)
    return float(seconds + nanoseconds / 1e9) if told & _STATX_BTIME else None
