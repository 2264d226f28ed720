"""The core: agent workflows as pure state machines, usable on their own.

``import durable_core`` is enough in a notebook; what is named below is loaded when it is first used::

    spec = durable_core.parse_spec(text).unwrap()
    state = durable_core.chain.initial(spec)
    durable_core.chain.wanted(state)

``session`` is the machine around all patterns, ``wire`` its events as JSON, ``views`` what a session's folder
shows, ``templates`` the sandbox. Nothing here reads a file, has a clock, or opens a connection.
"""

# ruff: noqa: PLC0415  # listing sessions imports durable_core.finding and must not pay for pydantic

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from durable_core import session, templates, views, wire
    from durable_core.notebook import (
        MACHINES,
        Spec,
        chain,
        evaluator_optimizer,
        graph,
        orchestrator_workers,
        parallel,
        parse_spec,
        routing,
        workflow,
    )

__all__ = [
    "Spec",
    "parse_spec",
    "MACHINES",
    "chain",
    "workflow",
    "routing",
    "parallel",
    "orchestrator_workers",
    "evaluator_optimizer",
    "graph",
    "session",
    "templates",
    "views",
    "wire",
]


def __getattr__(name: str) -> object:
    match name:
        case "session":
            import durable_core.session

            return durable_core.session
        case "templates":
            import durable_core.templates

            return durable_core.templates
        case "views":
            import durable_core.views

            return durable_core.views
        case "wire":
            import durable_core.wire

            return durable_core.wire
        case _ if name in __all__:
            import durable_core.notebook

            return getattr(durable_core.notebook, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
