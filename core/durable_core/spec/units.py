"""Units: the parts of a pattern that call an agent or ask a person, and what they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from durable_core.spec.models import AgentNode, AgentTask, HumanStep, Spec, Step
from durable_core.spec.problems import pointer_of


class SpecUnit(NamedTuple):
    """A part of a pattern's config that calls an agent or asks a person.

    ``pointer`` is its JSON pointer. One that asks has a ``gate``, and no ``agent``; ``agent_at`` and
    ``tools_at`` point to where the agent and the tools are named (``tools`` is None where they are not).
    ``constants`` are the names that the part itself gives a value.
    """

    pointer: str
    gate: HumanStep | None = None
    agent: str | None = None
    agent_at: str = ""
    tools: tuple[str, ...] | None = None
    tools_at: str = ""
    constants: frozenset[str] = frozenset()


def agent_unit(pointer: str, agent: str) -> SpecUnit:
    """A part that names its agent under ``agent``."""
    return SpecUnit(pointer, agent=agent, agent_at=f"{pointer}/agent")


def step_unit(pointer: str, step: Step | HumanStep | AgentTask | AgentNode) -> SpecUnit:
    """A step, a task or a node."""
    if isinstance(step, HumanStep):
        return SpecUnit(pointer, gate=step)
    unit = agent_unit(pointer, step.agent)
    if isinstance(step, Step):
        return unit._replace(
            tools=step.tool_overrides,
            tools_at=f"{pointer}/tool_overrides",
            constants=frozenset(step.vars or ()),
        )
    return unit


def step_units(pointer: str, steps: Iterable[Step | HumanStep | AgentTask]) -> Iterator[SpecUnit]:
    """Those of a list at ``pointer``."""
    return (step_unit(f"{pointer}/{index}", step) for index, step in enumerate(steps))


def optional_unit(pointer: str, step: Step | HumanStep | None) -> Iterator[SpecUnit]:
    """A step that may be left out."""
    if step is not None:
        yield step_unit(pointer, step)


def units(spec: Spec) -> tuple[SpecUnit, ...]:
    """The parts of the spec's pattern, in the order of the document."""
    from durable_core.patterns import pattern_of  # noqa: PLC0415  # patterns are made of this package's models

    return tuple(pattern_of(spec).units(spec.pattern.config))


def agent_uses(spec: Spec) -> Iterator[tuple[str, str]]:
    """Every name of an agent in the pattern, with its JSON pointer."""
    return ((unit.agent_at, unit.agent) for unit in units(spec) if unit.agent is not None)


def tool_uses(spec: Spec) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every list of tools that an agent, step or worker may use, with its JSON pointer."""
    for name, agent in spec.agents.items():
        if agent.tools is not None:
            yield pointer_of("agents", name, "tools"), agent.tools
    for unit in units(spec):
        if unit.tools is not None:
            yield unit.tools_at, unit.tools


def names_of_agents(spec: Spec) -> dict[str, frozenset[str]]:
    """The prompts of the agents that the pattern uses, by their JSON pointers.

    With each go the names that any step of that agent has under ``vars``.
    """
    names: dict[str, frozenset[str]] = {}
    for unit in units(spec):
        if unit.agent is not None:
            pointer = pointer_of("agents", unit.agent, "prompt")
            names[pointer] = names.get(pointer, frozenset()) | unit.constants
    return names
