"""Tests of workflows: play one with scripted answers, and kill it everywhere.

Both run in memory, in this process, without models, files and the agents SDK::

    from strands_durable.testing import crash_everywhere, play

    def test_the_writer_is_told_the_facts():
        played = play("tea.yaml", {"drink": "tea"}, answers={"researcher": "Leaves.", "writer": "A report."})
        assert played.units["steps/1"].prompt == "Write about: Leaves."
        assert played.status == "completed"

``ScriptedModels``, ``SteppingClock`` and ``CountedIds`` are for tests of a whole run: hand them to
``strands_durable.run``. In pytest the first two functions are the fixtures ``strands_play`` and
``strands_crash_everywhere``. What is named below is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from durable_core.types import Fault
    from strands_durable.testing.adapters import CountedIds, ScriptedModels, SteppingClock
    from strands_durable.testing.answers import Asked, Unanswered
    from strands_durable.testing.crashes import CrashDifference, crash_everywhere
    from strands_durable.testing.memory_session import MemorySession, Refused
    from strands_durable.testing.player import Played, play

__all__ = [
    "play",
    "Played",
    "Asked",
    "Unanswered",
    "crash_everywhere",
    "CrashDifference",
    "ScriptedModels",
    "SteppingClock",
    "CountedIds",
    "MemorySession",
    "Refused",
    "Fault",
]

_HOMES: Final = MappingProxyType(
    {
        "play": "strands_durable.testing.player",
        "Played": "strands_durable.testing.player",
        "Asked": "strands_durable.testing.answers",
        "Unanswered": "strands_durable.testing.answers",
        "ScriptedModels": "strands_durable.testing.adapters",
        "SteppingClock": "strands_durable.testing.adapters",
        "CountedIds": "strands_durable.testing.adapters",
        "crash_everywhere": "strands_durable.testing.crashes",
        "CrashDifference": "strands_durable.testing.crashes",
        "MemorySession": "strands_durable.testing.memory_session",
        "Refused": "strands_durable.testing.memory_session",
        "Fault": "durable_core.types",
    }
)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
