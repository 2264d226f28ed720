"""A workflow as a drawing, coloured by how far a session of it is."""

from __future__ import annotations

from durable_core.drawing import svg
from durable_core.planning.topology import pictured, statuses, topology
from durable_core.session.state import Session
from durable_core.spec.models import Spec


def workflow_svg(spec: Spec, session: Session | None = None) -> str:
    """``spec`` as an SVG document; how far each part is shows by its colour, when there is a ``session``."""
    drawn = topology(spec)
    reached = None if session is None else statuses(drawn, session)
    return svg(pictured(f"{spec.name} ({spec.pattern.type})", drawn, reached))
