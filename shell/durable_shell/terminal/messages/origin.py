"""What is said of a session that came from elsewhere."""

from __future__ import annotations

from typing import Final

from durable_core.session.belongings import Belongings
from durable_shell.terminal.safe_text import MOST_OF_A_PATH, one_line, some

_MOST_LISTED: Final = 60
"""Names of each kind that are listed: who is asked for more of them had better not agree unseen."""


def from_elsewhere(brought: Belongings) -> tuple[str, ...]:
    """What a session brings that nobody chose here, a line each."""
    force = "replace files that are there" if brought.force else "replace nothing"
    return (
        f"  writes artifacts to {one_line(brought.out, MOST_OF_A_PATH)}, and they {force}",
        f"  was started in {one_line(brought.folder) or 'a folder that it does not name'}",
        f"  its workflow: {one_line(brought.spec_path) or 'from no file'}",
        f"  asks for secrets: {_listed(brought.secrets)}",
        f"  uses tools: {_listed(brought.tools)}",
    )


def not_trusted(session_id: str, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Nobody has said that the session may run here. Exit 2."""
    return (
        "Error: The session did not begin here, and nobody has confirmed yet that it may run here. It",
        *lines,
        f"Nothing has run. If that is what you want, say so once: strands resume {session_id} --trust",
    )


def trust_question(lines: tuple[str, ...]) -> str:
    """Asked on a terminal, before anything runs."""
    told = "\n".join(lines)
    return f"The session did not begin here. It\n{told}\nMay it run here? [y/N]: "


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(some(names, _MOST_LISTED)) or "none"
