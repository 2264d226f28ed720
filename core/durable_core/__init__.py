"""The core: agent workflows as pure state machines, usable on their own.

``import durable_core`` is enough in a notebook; what is named below is loaded when it is first used::

    spec = durable_core.parse_spec(text).unwrap()
    state = durable_core.chain.initial(spec)
    durable_core.chain.wanted(state)

``session`` is the machine around all patterns, ``codec`` its events as JSON, ``documents`` what a session's
folder shows, ``rendering`` the templates. Nothing here reads a file, has a clock, or opens a connection.
"""

# ruff: noqa: PLC0415  # listing sessions imports durable_core.catalog.lookup and must not pay for pydantic

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from durable_core import session
    from durable_core.journal import codec
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
    from durable_core.templates import rendering
    from durable_core.views import documents

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
    "codec",
    "documents",
    "rendering",
]


def __getattr__(name: str) -> object:
    match name:
        case "session":
            import durable_core.session

            return durable_core.session
        case "rendering":
            import durable_core.templates.rendering

            return durable_core.templates.rendering
        case "documents":
            import durable_core.views.documents

            return durable_core.views.documents
        case "codec":
            import durable_core.journal.codec

            return durable_core.journal.codec
        case _ if name in __all__:
            import durable_core.notebook

            return getattr(durable_core.notebook, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
