"""``strands sessions repair ID``: views are written anew; a damaged journal is cut before its damage."""

from __future__ import annotations

from durable_core.journal.examination import Examination
from durable_shell.app import App
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.errors import OperationError
from durable_shell.operations.lookup import choose
from durable_shell.operations.repair import repair_session
from durable_shell.terminal.confirmation import agrees
from durable_shell.terminal.messages import maintenance as maintenance_messages
from durable_shell.terminal.plain import say


def run(arguments: Arguments, app: App) -> int:
    """Say what is wrong, ask if work would be lost, and put it right."""
    store = app.open_store("strands sessions repair")
    session_id = choose(app, store, arguments.word("ID")).session_id
    consent = _Consent(app.environment, session_id, force=arguments.flag("--force"))
    rebuilt = repair_session(app, store, session_id, consent)
    if rebuilt is not None:
        lines = maintenance_messages.session_repaired(session_id, rebuilt.views, rebuilt.aside)
        say(app.environment.stderr, *lines)
    return Exit.DONE


class _Consent:
    """Implements ``durable_shell.operations.repair.RepairConsent``."""

    def __init__(self, environment: Environment, session_id: str, *, force: bool) -> None:
        self._environment = environment
        self._session_id = session_id
        self._force = force

    def agrees(self, seen: Examination) -> bool:
        """Say what is wrong, and ask if a repair may lose work. Raises OperationError if it may not be."""
        session_id, stderr = self._session_id, self._environment.stderr
        if not seen.findings:
            say(stderr, maintenance_messages.session_whole(session_id, len(seen.events)))
            return False
        for one in seen.findings:
            say(stderr, maintenance_messages.finding(session_id, one.path, one.line, one.problem, one.remedy))
        if seen.hopeless:
            raise OperationError(Exit.SESSION_UNUSABLE)
        if seen.loses_work:
            self._ask(seen)
        return True

    def journal_cut(self, events: int, kept: str) -> None:
        """Say it."""
        say(self._environment.stderr, maintenance_messages.journal_cut(events, kept))

    def _ask(self, seen: Examination) -> None:
        session_id, environment = self._session_id, self._environment
        say(environment.stderr, maintenance_messages.repair_loses(seen.lost, cuts=seen.cuts))
        if self._force:
            return
        if not environment.can_ask:
            raise OperationError(Exit.USAGE, maintenance_messages.repair_needs_force(session_id))
        if not agrees(environment, maintenance_messages.repair_question(session_id)):
            raise OperationError(Exit.SESSION_UNUSABLE, *maintenance_messages.not_repaired(session_id))
