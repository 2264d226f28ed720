"""From a word on the command line to one session."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from durable_core.catalog.lookup import HERE, find, resumable
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.store.files.disk import in_words
from durable_shell.store.files.listing import Listed, list_sessions
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.plain import say


def all_sessions(environment: Environment) -> tuple[Listed, ...] | Exit:
    """Every session, or the exit code after saying why they can't be read as a whole."""
    try:
        return list_sessions(environment.home, now=time.time())
    except OSError as error:
        path = os.path.join(environment.home, "sessions")
        say(environment.stderr, *error_messages.store_unwritable(path, in_words(error)))
        return Exit.IO


def choose(environment: Environment, word: str) -> Listed | Exit:
    """The session that ``word`` means, or the exit code after saying why there is none."""
    known = all_sessions(environment)
    return known if isinstance(known, Exit) else choose_among(environment, known, word)


def choose_all(environment: Environment, words: Sequence[str]) -> tuple[Listed, ...] | Exit:
    """The sessions that ``words`` mean, each once; everybody is told of every word that means none."""
    known = all_sessions(environment)
    if isinstance(known, Exit):
        return known
    chosen = [choose_among(environment, known, word) for word in words]
    found = tuple(dict.fromkeys(one for one in chosen if not isinstance(one, Exit)))
    return next((one for one in chosen if isinstance(one, Exit)), found)


def choose_among(environment: Environment, known: Sequence[Listed], word: str) -> Listed | Exit:
    """The one of ``known`` that ``word`` means, or the exit code after saying why there is none."""
    found = resumable(known, folder=str(environment.cwd))[:1] if word == HERE else find(known, word)
    if len(found) == 1:
        return found[0]
    if not found:
        say(
            environment.stderr,
            error_messages.none_here() if word == HERE else error_messages.session_not_found(word),
        )
    else:
        lines = (f"{one.session_id}  {one.workflow}  {one.status}  {one.updated_at}" for one in found)
        say(environment.stderr, *error_messages.session_ambiguous(word, lines))
    return Exit.USAGE
