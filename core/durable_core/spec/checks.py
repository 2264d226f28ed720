"""Cross checks: what no part of a spec can know alone.

Every check yields problems with pointers and no positions; the door adds those. Nothing here stops at the
first problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.base_types import LONGEST_WAIT_S
from durable_core.spec.cross_references import either_or, pointed, second_ones, unknown_name
from durable_core.spec.models import Spec
from durable_core.spec.problems import Problem, path_of, pointer_of
from durable_core.spec.template_names import HOW_TO_KEEP_BRACES, TemplatePlace, templates
from durable_core.spec.tool_refs import GROUPS, guardrails_of, short_name, tool_names, tools_by_name
from durable_core.spec.units import agent_uses, tool_uses, units
from durable_core.spec.variables import declared_problems

_PATTERN = "/pattern/config"


def check_spec(spec: Spec, written: Mapping[str, str] = FrozenDict()) -> Iterator[Problem]:
    """Everything that is wrong with a spec whose parts are all right, in no particular order.

    ``written`` is that of its document, for the messages.
    """
    yield from _agent_references(spec)
    yield from _tool_references(spec)
    yield from _forbidden_tools(spec)
    yield from _human_steps(spec)
    yield from _either_or(spec)
    yield from _long_waits(spec, written)
    yield from _duplicates(spec)
    yield from declared_problems(spec, written)
    yield from _pattern_problems(spec)
    yield from _template_problems(spec)


def check_structure(spec: Spec) -> tuple[Problem, ...]:
    """What no version of this program ever took: agents that there are not, steps that lead nowhere."""
    return (*_agent_references(spec), *_pattern_problems(spec))


def _agent_references(spec: Spec) -> Iterator[Problem]:
    for pointer, name in agent_uses(spec):
        if name not in spec.agents:
            yield unknown_name("agent", name, pointer, spec.agents)


def _tool_references(spec: Spec) -> Iterator[Problem]:
    known = tool_names(spec)
    for pointer, names in tool_uses(spec):
        for index, name in enumerate(names):
            if name not in known:
                yield unknown_name("tool", name, f"{pointer}/{index}", sorted(known))
    policies = known - {*GROUPS}
    for name in spec.tools.in_doubt:
        if name not in policies:
            yield unknown_name("tool", name, pointer_of("tools", "in_doubt", name), sorted(policies))


def _forbidden_tools(spec: Spec) -> Iterator[Problem]:
    """What the guardrails forbid is told before the run, and not only kept from the agents."""
    named = tools_by_name(spec)
    guardrail = guardrails_of(spec, named)
    forbidden = {
        name: found
        for name, refs in named.items()
        if (found := [(ref.name, by) for ref in refs if (by := guardrail(ref)) is not None])
    }
    for pointer, names in tool_uses(spec):
        for index, name in enumerate(names):
            for tool, by in forbidden.get(name, ()):
                at = f"{pointer}/{index}"
                message = f"{path_of(at)}: security.guardrails.{by} forbids the tool '{tool}'."
                yield Problem(message, at, hint="Remove the tool here, or change the guardrail.")


def _human_steps(spec: Spec) -> Iterator[Problem]:
    """Patterns for answers have to be safe to run, and a default has to pass its own."""
    for pointer, gate, *_ in units(spec):
        if gate is None or gate.validation is None or gate.validation.pattern is None:
            continue
        from durable_core.templates.regex_cost import UnsafePattern, accepts, judged  # noqa: PLC0415  # few have a pattern

        pattern = gate.validation.pattern
        at = f"{pointer}/validation/pattern"
        try:
            judged(pattern)
            at = f"{pointer}/default"
            if gate.default is not None and not accepts(pattern, gate.default):
                hint = f"Answers here must match {pattern}."
                yield Problem(f"{path_of(at)} would not be accepted as an answer.", at, hint=hint)
        except UnsafePattern as error:
            yield Problem(f"{path_of(at)} cannot be used: {error}.", at)


def _either_or(spec: Spec) -> Iterator[Problem]:
    """Keys that exclude or bound each other."""
    for index, server in enumerate(spec.tools.mcp):
        if (server.command is None) == (server.url is None):
            yield either_or(pointer_of("tools", "mcp", index), "command", "url")
    policy = spec.runtime.failure_policy
    # a default is not held against the person who wrote only the other one
    if {"wait_min", "wait_max"} <= policy.model_fields_set and policy.wait_min > policy.wait_max:
        message = (
            f"runtime.failure_policy waits at least {policy.wait_min} s and at most {policy.wait_max} s."
        )
        yield Problem(message, "/runtime/failure_policy/wait_min", hint="Make wait_min the shorter one.")


def _long_waits(spec: Spec, written: Mapping[str, str]) -> Iterator[Problem]:
    policy = spec.runtime.failure_policy
    for key, seconds in (("wait_min", policy.wait_min), ("wait_max", policy.wait_max)):
        if seconds > LONGEST_WAIT_S:
            at = pointer_of("runtime", "failure_policy", key)
            message = f"{path_of(at)} must be at most {LONGEST_WAIT_S}, not {written.get(at) or seconds}."
            yield Problem(message, at, hint="After longer, resume the session: what is completed stays.")


def _duplicates(spec: Spec) -> Iterator[Problem]:
    yield from second_ones("tag", pointed("/tags/{}", spec.tags))
    yield from second_ones("skill", pointed("/skills/{}/id", (skill.id for skill in spec.skills)))
    servers = pointed("/tools/mcp/{}/id", (server.id for server in spec.tools.mcp))
    services = pointed("/tools/http_executors/{}/id", (service.id for service in spec.tools.http_executors))
    yield from second_ones("tool", chain(servers, services))
    functions = (short_name(tool.callable) for tool in spec.tools.python)
    yield from second_ones("Python tool", pointed("/tools/python/{}", functions))
    artifacts = pointed("/outputs/artifacts/{}/path", (artifact.path for artifact in spec.outputs.artifacts))
    # what a template becomes is known at the end only
    yield from second_ones("artifact", ((pointer, path) for pointer, path in artifacts if "{" not in path))


def _pattern_problems(spec: Spec) -> Iterable[Problem]:
    """What only the pattern can say of its config."""
    from durable_core.patterns import pattern_of  # noqa: PLC0415  # patterns are made of this package's models

    return pattern_of(spec).problems(spec.pattern.config)


def _template_problems(spec: Spec) -> Iterator[Problem]:
    for place in templates(spec):
        if place.has_markup:
            yield from _template_problem(place)


def _template_problem(place: TemplatePlace) -> Iterator[Problem]:
    from durable_core.templates.rendering import (  # noqa: PLC0415  # no markup, no Jinja
        check_expression,
        check_template,
    )

    is_condition = place.use == "condition"
    wrong = check_expression(place.source) if is_condition else check_template(place.source)
    if wrong is not None:
        what = "condition" if is_condition else "template"
        message = f"The {what} {path_of(place.pointer)} cannot be read: {wrong.rstrip('.')}."
        yield Problem(message, place.pointer, hint=_template_hint(place))


def _template_hint(place: TemplatePlace) -> str | None:
    if place.use != "condition":
        return HOW_TO_KEEP_BRACES
    if " contains " in place.source:
        return "Write \"'word' in nodes.name.response\" in place of 'contains'."
    return None
