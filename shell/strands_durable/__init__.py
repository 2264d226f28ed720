"""strands-durable from Python: run workflows, resume and look at their sessions, test them.

``import strands_durable`` is cheap; what is named below is loaded when it is first used::

    import strands_durable as sd

    outcome = sd.run("tea.yaml", {"drink": "tea"})
    outcome.status, outcome.result

    session = sd.Session.open(outcome.session_id)
    session.units["steps/0"].answer

Sessions are the same as the command line's: what one has begun the other can resume, answer and show. Bad
input is an OperationError with the words of the command line; nothing here prints, reads standard input or
exits.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from durable_core.catalog.listing import Listed
    from durable_core.session import events
    from durable_core.session.state import Gate
    from durable_core.spec.models import Spec
    from durable_core.types import Fault, Usage
    from durable_core.views.units import ToolCallRecord, UnitAttempt, UnitRecord, Units
    from durable_shell.errors import OperationError, StoreFailed
    from durable_shell.operations.problems import SpecInvalid
    from strands_durable.outcome import Outcome
    from strands_durable.runs import resume, resume_async, run, run_async
    from strands_durable.specs import load
    from strands_durable.stored_session import Session, sessions

__all__ = [
    "run",
    "resume",
    "run_async",
    "resume_async",
    "Outcome",
    "Session",
    "sessions",
    "Listed",
    "load",
    "Spec",
    "Units",
    "UnitRecord",
    "UnitAttempt",
    "ToolCallRecord",
    "events",
    "Gate",
    "Fault",
    "Usage",
    "OperationError",
    "SpecInvalid",
    "StoreFailed",
]

_HOMES: Final = MappingProxyType(
    {
        "run": "strands_durable.runs",
        "resume": "strands_durable.runs",
        "run_async": "strands_durable.runs",
        "resume_async": "strands_durable.runs",
        "Outcome": "strands_durable.outcome",
        "Session": "strands_durable.stored_session",
        "sessions": "strands_durable.stored_session",
        "Listed": "durable_core.catalog.listing",
        "load": "strands_durable.specs",
        "Spec": "durable_core.spec.models",
        "Units": "durable_core.views.units",
        "UnitRecord": "durable_core.views.units",
        "UnitAttempt": "durable_core.views.units",
        "ToolCallRecord": "durable_core.views.units",
        "events": "durable_core.session",
        "Gate": "durable_core.session.state",
        "Fault": "durable_core.types",
        "Usage": "durable_core.types",
        "OperationError": "durable_shell.errors",
        "SpecInvalid": "durable_shell.operations.problems",
        "StoreFailed": "durable_shell.errors",
    }
)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
