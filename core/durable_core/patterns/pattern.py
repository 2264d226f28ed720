"""The descriptor of a pattern: its machine, and all that the rest of the program knows of it.

Each pattern defines one beside its machine. The checks of a spec, the session, the plan, the drawings, the
views, the documentation and the property kits read it, and none of them knows a pattern by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from returns.result import Result

from durable_core.frozen import frozen
from durable_core.patterns.base import PatternCommand, PatternVerdict, Refusal, Request
from durable_core.patterns.scopes import Scope
from durable_core.patterns.topology import Topology
from durable_core.spec.models import Spec
from durable_core.spec.problems import Problem
from durable_core.spec.template_names import TemplateNames
from durable_core.spec.units import SpecUnit
from durable_core.types import Json, UnitId

_Config = TypeVar("_Config")
_State = TypeVar("_State")


def _no_problems(_config: Any) -> Iterable[Problem]:
    return ()


def _no_entry(_config: Any) -> str | None:
    return None


@frozen(kw_only=True)
class Pattern(Generic[_Config, _State]):
    """One pattern.

    ``initial`` to ``verdict`` are its machine (see ``durable_core.patterns.base``), ``events`` the types of
    what it decides. The others look at a config alone, but for ``view``:

    - ``template_names``: its templates with the names that each may use, and the names that artifacts see;
    - ``scopes``: the same for people, one scope for each kind of place;
    - ``units``: the parts that call an agent or ask a person, in the order of the document;
    - ``topology``: what may run, and what leads to what;
    - ``problems``: what is wrong with a config whose parts are all right;
    - ``entry``: the part that runs first, where the order of its keys says so; else None;
    - ``view``: the fields of ``pattern_state.json``, given the units that failed.
    """

    events: tuple[type[Any], ...]
    initial: Callable[[Spec], _State]
    decide: Callable[[_State, PatternCommand], Result[tuple[Any, ...], Refusal]]
    evolve: Callable[[_State, Any], _State]
    wanted: Callable[[_State], tuple[Request, ...]]
    verdict: Callable[[_State], PatternVerdict]
    template_names: Callable[[_Config], TemplateNames]
    scopes: tuple[Scope[Any], ...]
    units: Callable[[_Config], Iterable[SpecUnit]]
    topology: Callable[[_Config], Topology]
    view: Callable[[_State, tuple[UnitId, ...]], dict[str, Json]]
    problems: Callable[[_Config], Iterable[Problem]] = _no_problems
    entry: Callable[[_Config], str | None] = _no_entry
