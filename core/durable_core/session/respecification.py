"""What a changed spec makes of a session: all that is completed stays, the rest is judged anew."""

from __future__ import annotations

from dataclasses import replace

from durable_core.patterns import pattern_of
from durable_core.patterns.base import AskPerson, Respecified
from durable_core.session import events
from durable_core.session.projections import requests
from durable_core.session.state import Session
from durable_core.session.withdrawn import asking_alone_at
from durable_core.spec.models import Agent, Budgets, Spec
from durable_core.spec.settings import ModelSettings, model_settings
from durable_core.types import UnitId


def with_changed_spec(session: Session, event: events.SpecChanged) -> Session:
    """Gates whose question changed or went are asked anew; all that is completed stays."""
    before, earlier = _questions(session), session.spec
    session = _rebudgeted(session, event.spec.runtime.budgets)
    session = _unsaid(session, event.spec)
    session = session._replace(
        pattern=pattern_of(event.spec).evolve(session.pattern, Respecified(event.spec, session.variables)),
        spec=event.spec,
        source=event.source,
    )
    after = _questions(session)
    for unit in session.gates:
        if before.get(unit) != after.get(unit):
            session = _withdrawn(session, unit, earlier)
    return session


def _withdrawn(session: Session, unit: UnitId, earlier: Spec) -> Session:
    return session._replace(
        gates=session.gates.remove(unit),
        withdrawn=session.withdrawn.insert(unit, asking_alone_at(earlier, unit)),
    )


def _unsaid(session: Session, spec: Spec) -> Session:
    """What unfinished attempts left behind is dropped where their agent is another one now."""
    for progress in session.progress.values():
        name = progress.agent
        if name and _agent(session.spec, name) != _agent(spec, name):
            session = session.rolled_back(progress, 0)
    return session


def _agent(spec: Spec, name: str) -> tuple[Agent, ModelSettings] | None:
    """An agent as its model sees it, or None when there is none by that name.

    The model does not see how long it may take: whoever gives it more time wants it to go on from where it
    came to.
    """
    if name not in spec.agents:
        return None
    agent = spec.agents[name].model_copy(update={"timeouts": None})
    return agent, replace(model_settings(spec, name), timeout=None)


def _rebudgeted(session: Session, budgets: Budgets) -> Session:
    """Changed budgets hold, and are warned of anew; unchanged ones keep what a person allowed beyond them."""
    if budgets == session.spec.runtime.budgets:
        return session
    return session._replace(budgets=budgets, spending=session.spending._replace(warned=frozenset()))


def _questions(session: Session) -> dict[str, AskPerson]:
    """The gates that the pattern wants, with what they were worded from; their context may differ."""
    return {
        request.unit: request._replace(title="", place="", context={})
        for request in requests(session)
        if isinstance(request, AskPerson)
    }
