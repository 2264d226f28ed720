"""A program that tells what it finds around it, and then ends as it is told to.

python what_it_finds.py exit STATUS | kill SIGNAL | wait
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from typing import Any


def found() -> dict[str, Any]:
    """What a program can tell of where it runs, the same for each that is started in the same way."""
    return {
        "argv": sys.argv,
        "path": sys.path,
        "folder": os.getcwd(),
        "variables": dict(os.environ),
        "input": sys.stdin.read(),
        "streams": [
            (one.encoding, one.errors, one.line_buffering, one.isatty(), one.fileno())
            for one in (sys.stdin, sys.stdout, sys.stderr)
        ],
        "descriptors": sorted(fd for fd in range(64) if _is_open(fd)),
        "signals": [str(signal.getsignal(number)) for number in _plain_signals()],
        "group": os.getpgid(0),
        "session": os.getsid(0),
        "umask": _umask(),
        "threads": [thread.name for thread in threading.enumerate()],
        "main": sys.modules["__main__"].__name__,
    }


def main() -> int:
    """Tell, and end."""
    alone = {"pid": os.getpid(), "drawn": random.random()}
    print(json.dumps([found(), alone]), flush=True)
    match sys.argv[1:]:
        case ["exit", status]:
            return int(status)
        case ["kill", number]:
            os.kill(os.getpid(), int(number))
        case ["wait"]:
            while True:
                time.sleep(3600)
    return 70


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _plain_signals() -> list[signal.Signals]:
    return sorted(signal.valid_signals() & set(signal.Signals))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


if __name__ == "__main__":
    sys.exit(main())
