"""Cross checks: what no part of a spec can know alone.

Every check yields problems with pointers and no positions; the door adds those. Nothing here stops at the
first problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from durable_core.spec.graph_algorithms import cycles, reachable
from durable_core.spec.models import (
    GraphConfig,
    HumanStep,
    ParallelConfig,
    RoutingConfig,
    Spec,
    WorkflowConfig,
)
from durable_core.spec.problems import Problem, path_of, pointer_of
from durable_core.spec.suggestions import did_you_mean, listed
from durable_core.spec.template_names import TemplatePlace, templates
from durable_core.spec.tool_refs import GROUPS, forbidden, short_name, tool_names, tools_named
from durable_core.spec.units import agent_uses, tool_uses, units
from durable_core.spec.variables import declared_problems
from durable_core.templates.regex_cost import UnsafePattern, guarded
from durable_core.templates.rendering import check_expression, check_template

_PATTERN = "/pattern/config"


def check_spec(spec: Spec) -> tuple[Problem, ...]:
    """Everything that is wrong with a spec whose parts are all right, in no particular order."""
    return (
        *_agent_references(spec),
        *_tool_references(spec),
        *_forbidden_tools(spec),
        *_human_steps(spec),
        *_either_or(spec),
        *_duplicates(spec),
        *declared_problems(spec),
        *_pattern_problems(spec),
        *_template_problems(spec),
    )


def _unknown(what: str, name: str, pointer: str, known: Iterable[str]) -> Problem:
    words = tuple(known)
    hint = did_you_mean(name, words) or (f"There is {listed(words)}." if words else None)
    return Problem(f"{path_of(pointer)} names the {what} '{name}', which does not exist.", pointer, hint=hint)


def _agent_references(spec: Spec) -> Iterator[Problem]:
    for pointer, name in agent_uses(spec):
        if name not in spec.agents:
            yield _unknown("agent", name, pointer, spec.agents)


def _tool_references(spec: Spec) -> Iterator[Problem]:
    known = tool_names(spec)
    for pointer, names in tool_uses(spec):
        for index, name in enumerate(names):
            if name not in known:
                yield _unknown("tool", name, f"{pointer}/{index}", sorted(known))
    policies = known - {*GROUPS}
    for name in spec.tools.in_doubt:
        if name not in policies:
            yield _unknown("tool", name, pointer_of("tools", "in_doubt", name), sorted(policies))


def _forbidden_tools(spec: Spec) -> Iterator[Problem]:
    """What the guardrails forbid is told before the run, and not only kept from the agents."""
    for pointer, names in tool_uses(spec):
        for index, name in enumerate(names):
            for ref in tools_named(spec, name):
                guardrail = forbidden(spec, ref)
                if guardrail is not None:
                    at = f"{pointer}/{index}"
                    message = f"{path_of(at)}: security.guardrails.{guardrail} forbids the tool '{ref.name}'."
                    yield Problem(message, at, hint="Remove the tool here, or change the guardrail.")


def _human_steps(spec: Spec) -> Iterator[Problem]:
    """Patterns for answers have to be safe to run, and a default has to pass its own."""
    for pointer, unit in units(spec):
        if not isinstance(unit, HumanStep) or unit.validation is None or unit.validation.pattern is None:
            continue
        pattern = unit.validation.pattern
        try:
            regex = guarded(pattern).regex
        except UnsafePattern as error:
            at = f"{pointer}/validation/pattern"
            yield Problem(f"{path_of(at)} cannot be used: {error}.", at)
            continue
        if unit.default is not None and not regex.fullmatch(unit.default):
            at = f"{pointer}/default"
            hint = f"Answers here must match {pattern}."
            yield Problem(f"{path_of(at)} would not be accepted as an answer.", at, hint=hint)


def _either_or(spec: Spec) -> Iterator[Problem]:
    """Keys that exclude or bound each other."""
    for index, server in enumerate(spec.tools.mcp):
        if (server.command is None) == (server.url is None):
            yield _one_of(pointer_of("tools", "mcp", index), "command", "url")
    if isinstance(spec.pattern.config, GraphConfig):
        for index, edge in enumerate(spec.pattern.config.edges):
            if (edge.to is None) == (edge.choose is None):
                yield _one_of(f"{_PATTERN}/edges/{index}", "to", "choose")
    policy = spec.runtime.failure_policy
    # a default is not held against the person who wrote only the other one
    if {"wait_min", "wait_max"} <= policy.model_fields_set and policy.wait_min > policy.wait_max:
        message = (
            f"runtime.failure_policy waits at least {policy.wait_min} s and at most {policy.wait_max} s."
        )
        yield Problem(message, "/runtime/failure_policy/wait_min", hint="Make wait_min the shorter one.")


def _one_of(pointer: str, one: str, other: str) -> Problem:
    message = f"{path_of(pointer)} needs either '{one}' or '{other}', and not both."
    return Problem(message, pointer, hint=f"Write one of '{one}' and '{other}'.")


def _duplicates(spec: Spec) -> Iterator[Problem]:
    yield from _twice("tag", _pointed("/tags/{}", spec.tags))
    yield from _twice("skill", _pointed("/skills/{}/id", (skill.id for skill in spec.skills)))
    servers = _pointed("/tools/mcp/{}/id", (server.id for server in spec.tools.mcp))
    services = _pointed("/tools/http_executors/{}/id", (service.id for service in spec.tools.http_executors))
    yield from _twice("tool", chain(servers, services))
    functions = (short_name(tool.callable) for tool in spec.tools.python)
    yield from _twice("Python tool", _pointed("/tools/python/{}", functions))
    artifacts = _pointed("/outputs/artifacts/{}/path", (artifact.path for artifact in spec.outputs.artifacts))
    # what a template becomes is known at the end only
    yield from _twice("artifact", ((pointer, path) for pointer, path in artifacts if "{" not in path))
    config = spec.pattern.config
    if isinstance(config, WorkflowConfig):
        yield from _twice("task", _pointed(_PATTERN + "/tasks/{}/id", (task.id for task in config.tasks)))
        for index, task in enumerate(config.tasks):
            yield from _twice("dependency", _pointed(f"{_PATTERN}/tasks/{index}/deps/{{}}", task.deps))
    if isinstance(config, ParallelConfig):
        names = (branch.id for branch in config.branches)
        yield from _twice("branch", _pointed(_PATTERN + "/branches/{}/id", names))


def _pointed(pointer: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each name with its pointer, whose {} is the name's index."""
    return ((pointer.format(index), name) for index, name in enumerate(names))


def _twice(what: str, named: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for pointer, name in named:
        if name in first:
            hint = f"The first is {path_of(first[name])}; rename or remove one."
            yield Problem(f"{path_of(pointer)}: there is a second {what} '{name}'.", pointer, hint=hint)
        first.setdefault(name, pointer)


def _pattern_problems(spec: Spec) -> Iterator[Problem]:
    match spec.pattern.config:
        case WorkflowConfig() as config:
            yield from _workflow_problems(config)
        case RoutingConfig() as config:
            yield from _routing_problems(config)
        case GraphConfig() as config:
            yield from _graph_problems(config)
        case _:
            pass


def _workflow_problems(config: WorkflowConfig) -> Iterator[Problem]:
    # of two tasks with one id, which is a problem of its own, the first counts
    pointers = {task.id: f"{_PATTERN}/tasks/{index}" for index, task in reversed([*enumerate(config.tasks)])}
    deps = {task.id: task.deps for task in reversed(config.tasks)}
    deps = {task.id: deps[task.id] for task in config.tasks}
    for index, task in enumerate(config.tasks):
        for number, dep in enumerate(task.deps):
            if dep not in deps:
                pointer = f"{_PATTERN}/tasks/{index}/deps/{number}"
                yield _unknown("task", dep, pointer, (known for known in deps if known != task.id))
    for cycle in cycles(deps):
        yield Problem(
            f"These tasks wait for each other: {' -> '.join((*cycle, cycle[0]))}.",
            f"{pointers[cycle[0]]}/deps",
            hint="Remove one of these dependencies.",
        )


def _routing_problems(config: RoutingConfig) -> Iterator[Problem]:
    if not config.routes:
        hint = "Give each route a name and, under 'then', its steps."
        yield Problem(f"{path_of(_PATTERN)}.routes has no route.", f"{_PATTERN}/routes", hint=hint)
    for name, route in config.routes.items():
        if not route.then:
            pointer = _PATTERN + pointer_of("routes", name)
            yield Problem(f"{path_of(pointer)} has no steps.", pointer, hint="Give it steps under 'then'.")


def _graph_problems(config: GraphConfig) -> Iterator[Problem]:
    ways: dict[str, list[str]] = {name: [] for name in config.nodes}
    for pointer, source, targets in _edges(config):
        if source not in ways:
            yield _unknown("node", source, f"{pointer}/from", config.nodes)
        for at, target in targets:
            if target not in ways:
                yield _unknown("node", target, at, config.nodes)
            elif source in ways:
                ways[source].append(target)
    entry = next(iter(config.nodes))
    reached = reachable(entry, ways)
    for name in config.nodes:
        if name not in reached:
            pointer = _PATTERN + pointer_of("nodes", name)
            hint = "Add an edge that leads to it, or remove it. The first node in the file is the entry."
            message = f"The node '{name}' cannot be reached from the entry '{entry}'."
            yield Problem(message, pointer, hint=hint)


def _edges(config: GraphConfig) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Each edge: its pointer, the node that it leaves, and the nodes that it names with their pointers."""
    for index, edge in enumerate(config.edges):
        pointer = f"{_PATTERN}/edges/{index}"
        plain = [(f"{pointer}/to/{i}", name) for i, name in enumerate(edge.to or ())]
        chosen = [(f"{pointer}/choose/{i}/to", choice.to) for i, choice in enumerate(edge.choose or ())]
        yield pointer, edge.from_, plain + chosen


def _template_problems(spec: Spec) -> Iterator[Problem]:
    for place in templates(spec):
        is_condition = place.use == "condition"
        wrong = check_expression(place.source) if is_condition else check_template(place.source)
        if wrong is not None:
            what = "condition" if is_condition else "template"
            message = f"The {what} {path_of(place.pointer)} cannot be read: {wrong.rstrip('.')}."
            yield Problem(message, place.pointer, hint=_template_hint(place))


def _template_hint(place: TemplatePlace) -> str | None:
    if place.use == "condition" and " contains " in place.source:
        return "Write \"'word' in nodes.name.response\" in place of 'contains'."
    if place.use == "prompt":
        return "To show braces to the model, put them between {% raw %} and {% endraw %}."
    return None
