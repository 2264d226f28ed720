"""The session machine: everything that the seven patterns share.

Theory of operation. A session is its events. ``start`` makes the first state of the first event,
``evolve`` folds each later one in, and ``replay`` does both for a whole journal. From a state follow
``wanted`` (the attempts that may start), ``verdict`` (whether it is open, waiting or ended) and, for each
attempt about to start, its ``brief`` (what to send or write, with all templates rendered). Whoever
carries briefs out reports back with commands; ``decide`` turns a command into events, or into nothing when
it is stale.

    state = replay(events)
    while verdict(state) is Open:
        for attempt in wanted(state):       # start it, carry out brief(state, attempt), report
            ...
        state = evolve_all(state, decide(state, report))

Nothing here knows a pattern by name, has a clock, or touches the world.

A name below is loaded when it is first used: to show a session, nothing of what runs one is needed.
"""

# ruff: noqa: PLC0415  # as above

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from durable_core.session.decision import decide
    from durable_core.session.events import Event, SessionStarted
    from durable_core.session.evolution import evolve, evolve_all, given_up, start
    from durable_core.session.history import replay
    from durable_core.session.in_doubt import Doubt, doubts
    from durable_core.session.rendering import ArtifactText, Brief, Question, Recovered, brief
    from durable_core.session.scheduling import Attempt, WriteArtifact, open_gates, status, verdict, wanted
    from durable_core.session.state import Options, Session
    from durable_core.session.turns import Answer, NoAnswer, Turn
    from durable_core.spec.source import Source

__all__ = [
    "Answer",
    "Attempt",
    "Brief",
    "ArtifactText",
    "Doubt",
    "Event",
    "NoAnswer",
    "Options",
    "Question",
    "Recovered",
    "Session",
    "SessionStarted",
    "Source",
    "Turn",
    "WriteArtifact",
    "brief",
    "decide",
    "doubts",
    "evolve",
    "evolve_all",
    "given_up",
    "open_gates",
    "replay",
    "start",
    "status",
    "verdict",
    "wanted",
]


def __getattr__(name: str) -> object:
    home: ModuleType
    match name:
        case "decide":
            import durable_core.session.decision

            home = durable_core.session.decision
        case "Doubt" | "doubts":
            import durable_core.session.in_doubt

            home = durable_core.session.in_doubt
        case "Event" | "SessionStarted":
            import durable_core.session.events

            home = durable_core.session.events
        case "evolve" | "evolve_all" | "given_up" | "start":
            import durable_core.session.evolution

            home = durable_core.session.evolution
        case "replay":
            import durable_core.session.history

            home = durable_core.session.history
        case "ArtifactText" | "Brief" | "Question" | "Recovered" | "brief":
            import durable_core.session.rendering

            home = durable_core.session.rendering
        case "Attempt" | "WriteArtifact" | "open_gates" | "status" | "verdict" | "wanted":
            import durable_core.session.scheduling

            home = durable_core.session.scheduling
        case "Options" | "Session":
            import durable_core.session.state

            home = durable_core.session.state
        case "Source":
            import durable_core.spec.source

            home = durable_core.spec.source
        case "Answer" | "NoAnswer" | "Turn":
            import durable_core.session.turns

            home = durable_core.session.turns
        case _:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(home, name)


def __dir__() -> list[str]:
    return sorted(__all__)
