"""Questions that a changed spec withdrew: what became of each.

A gate whose question went, moved or reads otherwise is not open any more. Whoever answers it all the same is
told so: the answer belongs to what was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from durable_core.patterns import pattern_of
from durable_core.patterns.topology import stands_for
from durable_core.spec.models import HumanStep, Spec
from durable_core.spec.units import units
from durable_core.types import UnitId

Withdrawn = Mapping[UnitId, HumanStep | None]
"""By its unit, the part of a spec that each question was asked by; None where several are the same."""


def asking_at(spec: Spec, unit: UnitId) -> HumanStep | None:
    """The part of ``spec`` that asks the question at ``unit``; None if none does."""
    return next((step for at, step in _gates(spec) if stands_for(at, unit)), None)


def asking_alone_at(spec: Spec, unit: UnitId) -> HumanStep | None:
    """The same, and None as well if others ask the same: nobody could tell which of them is where later."""
    asking = asking_at(spec, unit)
    return asking if sum(step == asking for _, step in _gates(spec)) == 1 else None


def became_of(unit: UnitId, asking: HumanStep | None, spec: Spec) -> str:
    """What became of the question at ``unit``, which ``asking`` asked, under ``spec``: a sentence."""
    now, moved = asking_at(spec, unit), ""
    if asking is not None and now != asking:
        moved = next((at for at, step in _gates(spec) if step == asking), "")
    if now is not None and not moved:
        return f"the question at {unit} was changed in the spec file and is asked anew"
    place = f" (it is at {moved.removesuffix('/*')} now)" if moved else ""
    return f"the question at {unit} is no longer there in the changed spec file{place}"


def all_of(withdrawn: Withdrawn, spec: Spec) -> str:
    """The same of all questions that were ``withdrawn``, in one sentence."""
    return "; ".join(became_of(unit, withdrawn[unit], spec) for unit in sorted(withdrawn))


def not_there(open_units: Iterable[UnitId], before: Spec, after: Spec) -> Withdrawn:
    """Those of the questions that are open under ``before`` which ``after`` does not ask in their places."""
    return {
        unit: asking_alone_at(before, unit)
        for unit in open_units
        if asking_at(after, unit) != asking_at(before, unit)
    }


def _gates(spec: Spec) -> Iterator[tuple[UnitId, HumanStep]]:
    asking = {one.pointer: one.gate for one in units(spec) if one.gate is not None}
    for node in pattern_of(spec).topology(spec.pattern.config).nodes:
        pointer = node.template_at.rpartition("/")[0]
        if pointer in asking:
            yield node.unit, asking[pointer]
