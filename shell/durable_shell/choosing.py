"""From a word on the command line to one session."""

from __future__ import annotations

from collections.abc import Sequence

from durable_core.finding import find
from durable_shell.environment import Environment
from durable_shell.screens import texts
from durable_shell.screens.plain import say
from durable_shell.store.listing import Listed, list_sessions


def choose(environment: Environment, word: str, sessions: Sequence[Listed] | None = None) -> Listed | None:
    """The session that ``word`` means; None after saying why there is none (exit 2)."""
    known = list_sessions(environment.home) if sessions is None else sessions
    found = find(known, word)
    if len(found) == 1:
        return found[0]
    if not found:
        say(environment.stderr, texts.session_not_found(word))
    else:
        lines = (f"{one.session_id}  {one.workflow}  {one.status}  {one.updated_at}" for one in found)
        say(environment.stderr, *texts.session_ambiguous(word, lines))
    return None
