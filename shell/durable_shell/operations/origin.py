"""A session that came from elsewhere: what it brings is shown, and a person says once that it may run here.

Its journal is somebody else's word. It says where files are written and whether they replace others, which
secrets are asked for and which tools run; whoever resumes it has chosen none of that.
"""

from __future__ import annotations

from collections.abc import Callable

from durable_core.session import Session
from durable_core.types import Json
from durable_shell.cli.exit_codes import Exit
from durable_shell.errors import OperationError, done
from durable_shell.store.port import Store

Trusts = Callable[[tuple[str, ...]], bool]
"""Told in lines what a session brings; whether it may run here."""


def nobody_trusts(lines: tuple[str, ...]) -> bool:
    """Where nobody can be asked, and nobody has said it."""
    del lines
    return False


def brought(store: Store, session: Session) -> dict[str, Json]:
    """Whether a session began here, and what it asks for beside the options. Raises StoreFailed."""
    from durable_core.session.belongings import belongings

    brings = belongings(session)
    return {
        "from_elsewhere": not done(store.is_ours(session.id)),
        "secrets": list(brings.secrets),
        "tools": list(brings.tools),
    }


def check_origin(store: Store, session: Session, trusts: Trusts) -> None:
    """Whether ``session`` began in this store, or ``trusts`` says it may run. Raises OperationError."""
    if done(store.is_ours(session.id)):
        return
    from durable_core.session.belongings import belongings
    from durable_shell.terminal.messages import origin as origin_messages

    lines = origin_messages.from_elsewhere(belongings(session))
    if not trusts(lines):
        raise OperationError(Exit.USAGE, *origin_messages.not_trusted(session.id, lines))
    done(store.trust(session.id))
