"""The patterns that run: the one table of them.

A pattern's descriptor is loaded when it is first asked for: to check a chain, nothing of a graph is needed.
"""

# ruff: noqa: PLC0415  # a file has one pattern and must not pay for the others

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from durable_core.patterns.pattern import Pattern
    from durable_core.spec.models import Spec


def _descriptor(name: str) -> Pattern[Any, Any]:
    match name:
        case "chain":
            from durable_core.patterns.chain import descriptor as chain

            return chain.PATTERN
        case "workflow":
            from durable_core.patterns.workflow import descriptor as workflow

            return workflow.PATTERN
        case "routing":
            from durable_core.patterns.routing import descriptor as routing

            return routing.PATTERN
        case "parallel":
            from durable_core.patterns.parallel import descriptor as parallel

            return parallel.PATTERN
        case "orchestrator_workers":
            from durable_core.patterns.orchestrator_workers import descriptor as orchestrator_workers

            return orchestrator_workers.PATTERN
        case "evaluator_optimizer":
            from durable_core.patterns.evaluator_optimizer import descriptor as evaluator_optimizer

            return evaluator_optimizer.PATTERN
        case "graph":
            from durable_core.patterns.graph import descriptor as graph

            return graph.PATTERN
    raise KeyError(name)


class _Patterns(Mapping[str, "Pattern[Any, Any]"]):
    """Descriptors by the name that a spec gives in ``pattern.type``. Names alone load none."""

    _NAMES = (
        "chain",
        "workflow",
        "routing",
        "parallel",
        "orchestrator_workers",
        "evaluator_optimizer",
        "graph",
    )

    def __getitem__(self, name: str) -> Pattern[Any, Any]:
        return _descriptor(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._NAMES)

    def __contains__(self, name: object) -> bool:
        return name in self._NAMES

    def __len__(self) -> int:
        return len(self._NAMES)


PATTERNS: Final[Mapping[str, Pattern[Any, Any]]] = _Patterns()
"""Every pattern that runs. A spec with another pattern is valid but not supported yet (exit 18)."""


def pattern_of(spec: Spec) -> Pattern[Any, Any]:
    """The descriptor of the spec's pattern. KeyError for a pattern that does not run yet: check first."""
    return PATTERNS[spec.pattern.type]
