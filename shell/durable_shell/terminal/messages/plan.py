"""A plan as lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from durable_core.planning.plan import Plan, PlannedUnit
from durable_shell.terminal.messages.errors import variable_options
from durable_shell.terminal.safe_text import one_line, printable


def plan_lines(plan: Plan) -> Iterator[str]:
    """The plan: a head of a few lines, then each unit with what comes before it and what it is sent."""
    limits = ", ".join(f"{name} {limit:g}" for name, limit in plan.budgets.items()) or "none"
    yield f"Workflow: {one_line(plan.workflow)} ({plan.pattern})"
    yield f"At once: at most {plan.max_parallel}"
    yield f"Budgets: {limits}"
    if plan.needs:
        yield f"Needs: {variable_options(plan.needs)}"
    for unit in plan.units:
        yield ""
        yield from _unit(unit)
    if plan.artifacts:
        yield ""
    for path in plan.artifacts:
        yield f"Artifact: {one_line(path)}"


def _unit(unit: PlannedUnit) -> Iterator[str]:
    who = "a person" if unit.agent is None else one_line(unit.agent)
    repeats = f" ({unit.repeats})" if unit.repeats else ""
    yield f"{one_line(unit.unit)}: {who}{repeats}"
    if unit.model is not None:
        yield f"  Model: {unit.model.provider} {one_line(unit.model.model_id or '(default)')}"
    for source, when in unit.after:
        yield f"  After: {one_line(source)}{f' when {one_line(when)}' if when else ''}"
    if unit.tools:
        yield f"  Tools: {', '.join(one_line(tool) for tool in unit.tools)}"
    text = unit.prompt if unit.prompt is not None else unit.template
    if text is None:
        yield "  Prompt: the pattern's own"
        return
    if unit.open_names:
        yield f"  Known only when it runs: {', '.join(unit.open_names)}"
    if unit.needs:
        yield f"  Needs: {variable_options(unit.needs)}"
    yield "  Prompt:" if unit.prompt is not None else "  Template:"
    for line in printable(text).splitlines():
        yield f"    {line}"
