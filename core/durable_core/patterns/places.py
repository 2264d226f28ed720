"""Places: the templates of the steps that patterns are made of, with the names that each may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from durable_core.patterns.scopes import Heard, Scope
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.models import AgentNode, AgentTask, HumanStep, Step
from durable_core.spec.template_names import TemplatePlace

CONFIG_AT = "/pattern/config"
"""The JSON pointer of a pattern's config."""


def text_place(
    pointer: str, source: str | None, names: frozenset[str], constants: Mapping[str, object] = FrozenDict()
) -> Iterator[TemplatePlace]:
    """A text at ``pointer`` that may be left out."""
    if source is not None:
        yield TemplatePlace(pointer, source, "text", names, constants)


def part_places(
    pointer: str, part: Step | AgentTask | AgentNode | HumanStep | None, names: frozenset[str]
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
            yield from text_place(f"{pointer}/input", source, names | frozenset(constants), constants)
        case _:
            yield from text_place(f"{pointer}/input", part.input, names)


def row_places(
    pointer: str, steps: Iterable[Step | HumanStep], scope: Scope[Any], heard: Heard
) -> Iterator[TemplatePlace]:
    """The templates of steps one after another; ``heard`` may have answered before the first."""
    for index, step in enumerate(steps):
        yield from part_places(f"{pointer}/{index}", step, scope.offered(heard))
        heard = heard.then(step)
