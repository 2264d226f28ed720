"""The plan: what a run of a spec would do, as far as that is known before anything ran.

Prompts are rendered where variables and a step's own constants decide them; elsewhere the template is given,
with the names that only a run will know.
"""

from __future__ import annotations

from collections.abc import Mapping

from returns.result import Success

from durable_core.frozen import frozen
from durable_core.patterns import pattern_of
from durable_core.patterns.topology import Link, Node, Topology
from durable_core.spec.models import Spec
from durable_core.spec.settings import ModelSettings, model_settings
from durable_core.spec.template_names import TemplatePlace, templates
from durable_core.spec.undefined_names import undefined_names
from durable_core.spec.variables import missing_inputs
from durable_core.templates.rendering import render
from durable_core.types import Json, UnitId


@frozen(kw_only=True)
class PlannedUnit:
    """A unit that may run.

    ``after`` are the units that come before it, each with the condition of the link ("" for none).
    ``prompt`` is what will be sent or asked, when that is known now; else ``template`` is given as written,
    ``open_names`` are the names that a run fills in, and ``needs`` the variables that it has to be given.
    ``prompt`` and ``template`` are None when the pattern's default applies.
    """

    unit: UnitId
    agent: str | None
    model: ModelSettings | None
    after: tuple[tuple[UnitId, str], ...]
    prompt: str | None
    template: str | None
    open_names: tuple[str, ...]
    needs: tuple[str, ...]
    tools: tuple[str, ...]
    repeats: str


@frozen(kw_only=True)
class Plan:
    """A spec's plan.

    ``budgets`` holds the limits that are set; ``artifacts`` the paths as templates. ``needs`` are the
    variables that a run has to be given, beside those that it is.
    """

    workflow: str
    pattern: str
    max_parallel: int
    budgets: Mapping[str, float]
    needs: tuple[str, ...]
    units: tuple[PlannedUnit, ...]
    artifacts: tuple[str, ...]


def plan(spec: Spec, variables: Mapping[str, Json]) -> Plan:
    """What a run of ``spec`` with ``variables`` would do, in the order of the spec."""
    drawn = pattern_of(spec).topology(spec.pattern.config)
    places = {place.pointer: place for place in templates(spec)}
    budgets = spec.runtime.budgets
    limits = {
        "max_steps": budgets.max_steps,
        "max_tokens": budgets.max_tokens,
        "max_duration_s": budgets.max_duration_s,
    }
    return Plan(
        workflow=spec.name,
        pattern=spec.pattern.type,
        max_parallel=spec.runtime.max_parallel,
        budgets={name: limit for name, limit in limits.items() if limit is not None},
        needs=_needs(spec, variables),
        units=tuple(
            _planned(spec, drawn, node, places.get(node.template_at), variables) for node in drawn.nodes
        ),
        artifacts=tuple(artifact.path for artifact in spec.outputs.artifacts),
    )


def explain(spec: Spec) -> tuple[str, ...]:
    """The workflow in sentences, one a line."""
    drawn = pattern_of(spec).topology(spec.pattern.config)
    article = "an" if spec.pattern.type[0] in "aeiou" else "a"
    first = f"{spec.name} is {article} {spec.pattern.type} workflow of {_counted(len(drawn.nodes), 'unit')}."
    lines = [first if spec.description is None else f"{first} {spec.description.strip()}"]
    lines += [_sentence(drawn, node) for node in drawn.nodes]
    runtime = spec.runtime
    model = f" {runtime.model_id}" if runtime.model_id else ""
    lines.append(
        f"Models run on {runtime.provider}{model}; at most {_counted(runtime.max_parallel, 'unit')} at once."
    )
    retries = runtime.failure_policy.retries
    lines.append(
        f"A fault that may pass is tried again {_counted(retries, 'time')}."
        if retries
        else "A fault is not tried again."
    )
    for name, limit in plan(spec, {}).budgets.items():
        lines.append(f"It stops when {name} reaches {limit:g}; raising the limit goes on.")
    for artifact in spec.outputs.artifacts:
        lines.append(f"At the end it writes {artifact.path}.")
    return tuple(lines)


def _planned(
    spec: Spec, drawn: Topology, node: Node, place: TemplatePlace | None, variables: Mapping[str, Json]
) -> PlannedUnit:
    prompt: str | None = None
    open_names: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    if place is not None:
        open_names = (place.looked_at & place.names) - set(place.constants)
        needs = place.needed - place.names - set(variables)
        if not open_names and not needs:
            rendered = render(place.source, {**variables, **place.constants}, place=node.unit)
            prompt = rendered.unwrap() if isinstance(rendered, Success) else None
    agent = None if node.agent is None else spec.agents[node.agent]
    return PlannedUnit(
        unit=node.unit,
        agent=node.agent,
        model=None if node.agent is None else model_settings(spec, node.agent),
        after=tuple((link.source, link.when) for link in drawn.links if link.target == node.unit),
        prompt=prompt,
        template=None if prompt is not None or place is None else place.source,
        open_names=tuple(sorted(open_names)),
        needs=tuple(sorted(needs)),
        tools=() if agent is None else tuple(agent.tools or ()),
        repeats=node.repeats,
    )


def _needs(spec: Spec, variables: Mapping[str, Json]) -> tuple[str, ...]:
    """Required inputs first, in the order of the spec, then what templates use and no input declares."""
    required = [missing.name for missing in missing_inputs(spec, variables)]
    undeclared = {each.name for each in undefined_names(spec, variables) if each.can_be_given}
    return (*required, *sorted(undeclared - {*required}))


def _sentence(drawn: Topology, node: Node) -> str:
    who = "a person is asked" if node.agent is None else f"{node.agent} works"
    before = [link for link in drawn.links if link.target == node.unit]
    after = f", after {' and '.join(_before(link) for link in before)}" if before else " at the start"
    repeats = f", {node.repeats}" if node.repeats else ""
    return f"{node.unit}: {who}{after}{repeats}."


def _before(link: Link) -> str:
    return f"{link.source} (when {link.when})" if link.when else link.source


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
