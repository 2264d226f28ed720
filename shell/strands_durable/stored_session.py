"""Sessions, looked at from Python: what each unit was asked and answered, and what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from durable_core.catalog.listing import Listed, Query
from durable_core.catalog.lookup import newest_first
from durable_core.planning.workflow_drawing import workflow_svg
from durable_core.session import Doubt, Event, SessionStarted, doubts, evolve, open_gates, start
from durable_core.session import Session as SessionState
from durable_core.session.state import Gate, WrittenArtifact
from durable_core.spec.models import Spec
from durable_core.types import Json, UnitId, Usage
from durable_core.views.units import Units, units_of
from durable_shell.operations.history import show_session_now
from durable_shell.operations.lookup import choose, listing
from durable_shell.operations.orders import answer_gate, settle_doubt
from durable_shell.runtime.ports import Clock
from durable_shell.store.port import Store
from strands_durable.outcome import Outcome
from strands_durable.surroundings import StoreLike, app_for, store_of


def sessions(
    *,
    store: StoreLike = None,
    status: str | None = None,
    workflow: str | None = None,
    name: str | None = None,
    limit: int | None = None,
) -> tuple[Listed, ...]:
    """The sessions of a store, the newest first: those that fit all that is given, at most ``limit``.

    ``status`` is running, paused, completed, failed, interrupted (its process died, or was stopped) or
    damaged; ``workflow`` is the name in the workflow's file, ``name`` the one that the session was given. No
    journal is read. Raises StoreFailed when the store can't be read.
    """
    query = Query(statuses=() if status is None else (status,), workflow=workflow, name=name)
    return newest_first(listing(store_of(app_for(store)), query))[:limit]


class Session:
    """A session as its journal tells it, at the moment at which it was opened.

    Nothing is held open and nothing is locked: ``reload`` reads it again. A notebook shows it as a drawing
    and a table.
    """

    def __init__(self, session_id: str, store: Store, clock: Clock | None = None) -> None:
        """Read the session ``session_id`` of an open store; programs use ``Session.open``."""
        self._store = store
        self._app = app_for(store, clock=clock)
        self._id = session_id
        self.reload()

    @classmethod
    def open(cls, session: str, *, store: StoreLike = None, clock: Clock | None = None) -> Session:
        """The session by its id, a prefix of it, its name, or ``@latest``.

        ``store`` is a URL, a folder, or None for the place of the command line. Raises OperationError when
        there is no such session or several fit, StoreFailed when it is damaged or can't be read.
        """
        app = app_for(store, clock=clock)
        opened = store_of(app)
        return cls(choose(app, opened, session).session_id, opened, clock)

    def reload(self) -> Session:
        """Read the journal again, and give this session. Raises StoreFailed."""
        shown = show_session_now(self._store, self._id)
        self._events = shown.events
        self._state = shown.session
        self._status = str(shown.document["metadata"]["status"])
        self._units = units_of(shown.events)
        return self

    # --- what it is -----------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """Its id, a lower-case UUID."""
        return self._id

    @property
    def name(self) -> str | None:
        """The name that it was given at its start, if any."""
        return self._state.name

    @property
    def spec(self) -> Spec:
        """The workflow as it runs now."""
        return self._state.spec

    @property
    def variables(self) -> Mapping[str, Json]:
        """The variables as they are now. A secret's place is taken by a reference to it."""
        return self._state.variables

    @property
    def created_at(self) -> float:
        """When it began, in seconds since the epoch, UTC."""
        return self._state.created_at

    @property
    def updated_at(self) -> float:
        """When its last event was decided, in seconds since the epoch, UTC."""
        return self._state.updated_at

    # --- how far it is --------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """running, paused, completed, failed, or interrupted: not at rest, and nobody drives it."""
        return self._status

    @property
    def outcome(self) -> Outcome:
        """How it ended, as ``run`` gives it."""
        return Outcome.of(self._state)

    @property
    def result(self) -> str | None:
        """The workflow's answer; None unless it is completed."""
        return self.outcome.result

    @property
    def error(self) -> str | None:
        """Why it failed, in a sentence; None unless it did."""
        return self.outcome.error

    @property
    def usage(self) -> Usage:
        """What it has cost so far, in tokens."""
        return self._state.spending.usage

    @property
    def artifacts(self) -> tuple[WrittenArtifact, ...]:
        """The files that it has written, in the order of the spec."""
        return self.outcome.artifacts

    @property
    def units(self) -> Units:
        """Its units in the order in which they started, by place or by id: ``session.units["steps/0"]``.

        Each has ``id``, ``agent``, ``prompt``, ``answer``, ``status``, ``started_at`` and ``ended_at``
        (seconds since the epoch, UTC), ``usage`` (tokens), ``attempts`` and ``tool_calls``.
        """
        return self._units

    @property
    def events(self) -> tuple[Event, ...]:
        """The events of its journal, oldest first."""
        return self._events

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The questions to people that are open, oldest first."""
        return open_gates(self._state)

    @property
    def in_doubt(self) -> tuple[Doubt, ...]:
        """The tool calls that may have done their work or not, oldest first, while nobody drives it."""
        return doubts(self._state)

    def replay(self) -> Iterator[tuple[Event, SessionState]]:
        """Each event with the state of the core's machine after it, oldest first."""
        state: SessionState | None = None
        for event in self._events:
            if state is None:
                assert isinstance(event, SessionStarted)
                state = start(event)
            else:
                state = evolve(state, event)
            yield event, state

    # --- what a person can do -------------------------------------------------------------------------

    def answer(self, gate: UnitId | None, text: str) -> None:
        """Answer an open gate; None for the only one. ``resume`` acts on it.

        Raises OperationError when there is no such gate or it takes no such answer, and StoreFailed when
        another process drives the session. Nothing is written then.
        """
        answer_gate(self._app, self._store, self._id, text, gate=gate)
        self.reload()

    def settle(self, unit: UnitId, result: str | None, *, call: str | None = None) -> None:
        """Say what became of a tool call in doubt: its ``result``, or None to have it called again.

        ``call`` names it where the unit has several. Raises as ``answer`` does.
        """
        settle_doubt(self._app, self._store, self._id, unit, call=call, result=result)
        self.reload()

    # --- how it looks ---------------------------------------------------------------------------------

    def svg(self) -> str:
        """The workflow as an SVG drawing, coloured by how far each part is."""
        return workflow_svg(self.spec, self._state)

    def __repr__(self) -> str:
        return f"<Session {self.id}: {self.spec.name}, {self.status}>"

    def _repr_html_(self) -> str:
        from strands_durable.session_page import session_html

        return session_html(self)
