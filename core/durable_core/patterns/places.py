"""Places: the templates of the steps that patterns are made of, with the names that each may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from durable_core.patterns.records import AgentStepRecord, HumanStepRecord, record_shape
from durable_core.patterns.scopes import Heard, Scope
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import AgentNode, AgentTask, HumanStep, Step
from durable_core.spec.template_names import TemplatePlace
from durable_core.templates.shapes import KnownList, Shape, shape_of

CONFIG_AT = "/pattern/config"
"""The JSON pointer of a pattern's config."""


def text_place(
    pointer: str,
    source: str | None,
    names: Mapping[str, Shape],
    constants: Mapping[str, object] = FrozenDict(),
) -> Iterator[TemplatePlace]:
    """A text at ``pointer`` that may be left out."""
    if source is not None:
        yield TemplatePlace(pointer, source, "text", names, constants)


def part_places(
    pointer: str, part: Step | AgentTask | AgentNode | HumanStep | None, names: Mapping[str, Shape]
) -> Iterator[TemplatePlace]:
    """The templates of a step, task or node, if it is there. A step may use its own variables too."""
    match part:
        case None:
            return
        case HumanStep(prompt=prompt, context_display=display):
            yield from text_place(f"{pointer}/prompt", prompt, names)
            yield from text_place(f"{pointer}/context_display", display, names)
        case Step(input=source, vars=own):
            constants = own or FrozenDict()
            own_names = {name: shape_of(value) for name, value in constants.items()}
            yield from text_place(f"{pointer}/input", source, FrozenDict({**names, **own_names}), constants)
        case _:
            yield from text_place(f"{pointer}/input", part.input, names)


def row_places(
    pointer: str, steps: Iterable[Step | HumanStep], scope: Scope[Any], heard: Heard
) -> Iterator[TemplatePlace]:
    """The templates of steps one after another; ``heard`` may have answered before the first."""
    row = tuple(steps)
    records = row_records(row)
    for index, step in enumerate(row):
        known = FrozenDict({"steps": KnownList(records, index)})
        yield from part_places(f"{pointer}/{index}", step, scope.offered(heard, known=known))
        heard = heard.then(step)


def row_records(steps: Iterable[Step | HumanStep]) -> tuple[Shape, ...]:
    """The shapes of the records of steps, once they are done."""
    return tuple(
        record_shape(HumanStepRecord if isinstance(s, HumanStep) else AgentStepRecord) for s in steps
    )


def whole_row(steps: Iterable[Step | HumanStep]) -> KnownList:
    """The shape of ``steps`` once all of them are done."""
    records = row_records(steps)
    return KnownList(records, len(records))
