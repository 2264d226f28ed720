"""``strands resume ID`` (and ``run --resume ID``): the session is claimed first, and all the rest follows.

Only then is the core brought in, some tenths of a second's work: of many processes that resume one session,
all but one are told at once who has it.
"""

from __future__ import annotations

from durable_shell.app import App
from durable_shell.cli.parser import Arguments
from durable_shell.errors import StoreFailed
from durable_shell.operations.lookup import choose
from durable_shell.store.port import StoreError


def run(arguments: Arguments, app: App) -> int:
    """Find the session, claim it, see what changed in the world, and drive it on."""
    chosen = choose(app, app.open_store("strands resume"), arguments.word("ID"))
    return resume_by_id(arguments, app, chosen.session_id, spec_path=arguments.text("--spec"))


def resume_by_id(arguments: Arguments, app: App, session_id: str, *, spec_path: str | None) -> int:
    """Resume the session ``session_id`` and give the exit code. Raises OperationError.

    ``spec_path`` is where its spec is now; None where the session says it.
    """
    store = app.open_store(f"strands resume {session_id}")
    claim = store.claim(session_id, now=app.clock.now())
    if isinstance(claim, StoreError):
        raise StoreFailed(claim)
    try:
        from durable_shell.cli.session_run import resume_claimed

        return resume_claimed(arguments, app, store, session_id, spec_path=spec_path)
    finally:
        claim.let_go()
