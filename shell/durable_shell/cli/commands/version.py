"""``strands version``: which versions are at work."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from durable_core.version import VERSION
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments


def run(arguments: Arguments, app: App) -> int:
    """Print the versions of this program, Python and the SDK on one line."""
    del arguments
    app.environment.stdout.write(
        f"strands-durable {VERSION}, Python {platform.python_version()},"
        f" strands-agents {version_of('strands-agents')}\n"
    )
    return Exit.DONE


def version_of(distribution: str) -> str:
    """The installed version of a distribution; ``(not installed)`` where there is none."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "(not installed)"
