"""The core: agent workflows as pure state machines, usable on their own.

``import durable_core`` is enough in a notebook; what is named below is loaded when it is first used. A
pattern is a machine of its own::

    spec = durable_core.parse_spec(text).unwrap()
    state = durable_core.chain.initial(spec)
    durable_core.chain.wanted(state)

and a session is the machine around any of them, driven by its commands and made of its events::

    first = durable_core.SessionStarted(at=0.0, session_id="by hand", spec=spec, ...)
    state = durable_core.start(first)
    for attempt in durable_core.wanted(state):
        durable_core.brief(state, attempt)  # what to send; report back with a command
    decided = durable_core.decide(state, durable_core.commands.Answered(...)).unwrap()
    state = durable_core.evolve_all(state, decided)

``codec`` turns events into JSON and back, ``documents`` and ``units_of`` show a session, ``topology`` and
``drawing`` draw a workflow, ``rendering`` fills templates in. Nothing here reads a file, has a clock, or
opens a connection.
"""

# ruff: noqa: PLC0415  # listing sessions imports durable_core.catalog.lookup and must not pay for pydantic

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from durable_core import drawing, session
    from durable_core.notebook import (
        PATTERNS,
        Completed,
        Exhausted,
        Failed,
        Fault,
        Finished,
        Mark,
        Open,
        Options,
        Responded,
        SessionStarted,
        Source,
        Spec,
        Usage,
        Waiting,
        brief,
        chain,
        codec,
        commands,
        decide,
        documents,
        evaluator_optimizer,
        events,
        evolve,
        evolve_all,
        graph,
        open_gates,
        orchestrator_workers,
        parallel,
        parse_spec,
        rendering,
        replay,
        routing,
        start,
        status,
        topology,
        units_of,
        verdict,
        wanted,
        workflow,
    )

__all__ = [
    "Spec",
    "parse_spec",
    "PATTERNS",
    "chain",
    "workflow",
    "routing",
    "parallel",
    "orchestrator_workers",
    "evaluator_optimizer",
    "graph",
    "Completed",
    "Responded",
    "session",
    "SessionStarted",
    "Source",
    "Options",
    "start",
    "replay",
    "wanted",
    "brief",
    "commands",
    "events",
    "decide",
    "evolve",
    "evolve_all",
    "verdict",
    "status",
    "open_gates",
    "Open",
    "Waiting",
    "Finished",
    "Failed",
    "Exhausted",
    "Mark",
    "Usage",
    "Fault",
    "codec",
    "documents",
    "units_of",
    "topology",
    "drawing",
    "rendering",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        import durable_core.notebook

        return getattr(durable_core.notebook, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
