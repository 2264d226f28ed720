"""The topology of a workflow, how far a session is in it, and its picture.

One topology serves the plan, the explanation and the drawings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from durable_core.drawing.pictures import Arrow, Box, Picture
from durable_core.patterns import pattern_of
from durable_core.patterns.topology import Topology, stands_for
from durable_core.session.scheduling import open_gates
from durable_core.session.state import Session
from durable_core.spec.models import Spec
from durable_core.types import UnitId, UnitStatus


def topology(spec: Spec) -> Topology:
    """The topology of ``spec``, whatever its pattern."""
    return pattern_of(spec).topology(spec.pattern.config)


def statuses(drawn: Topology, session: Session) -> Mapping[UnitId, UnitStatus]:
    """How far each node of ``drawn`` is in ``session``. Of its units, the strongest status counts."""
    found: dict[UnitId, UnitStatus] = {node.unit: "pending" for node in drawn.nodes}
    for unit, status in _unit_statuses(session):
        for node in drawn.nodes:
            if stands_for(node.unit, unit):
                found[node.unit] = status
    return found


def pictured(title: str, drawn: Topology, reached: Mapping[UnitId, UnitStatus] | None) -> Picture:
    """``drawn`` as a picture; each node has the text and the colour of how far it is, if that is given."""
    boxes = []
    for node in drawn.nodes:
        status = None if reached is None else reached[node.unit]
        lines = (node.unit, node.agent or "a person", node.repeats, status)
        boxes.append(Box(node.unit, tuple(line for line in lines if line), status or "plain"))
    arrows = (Arrow(link.source, link.target, (link.when,) if link.when else ()) for link in drawn.links)
    return Picture(title, tuple(boxes), tuple(arrows))


def _unit_statuses(session: Session) -> Iterator[tuple[UnitId, UnitStatus]]:
    """Weakest first, so that what is going on now covers what was done before."""
    for done in session.done:
        yield done.unit, "completed"
    for unit in sorted(session.progress):
        if session.progress[unit].running:
            yield unit, "running"
    for gate in open_gates(session):
        yield gate.unit, "waiting"
    for failure in session.failures:
        yield failure.unit, "failed"
