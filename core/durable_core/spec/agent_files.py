"""Agents from files of their own: what ``$ref`` stands for.

The shell reads the files that ``referred_files`` names; here their agents are taken out and the referring
agent's own keys laid over them. Such a file holds one agent: its keys alone, or a workflow with one agent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Final

from durable_core.persistent.frozen_dict import JSON, FrozenDict
from durable_core.spec.document import Document, Format, read_partly
from durable_core.spec.models import Agent
from durable_core.spec.problems import MAX_PROBLEMS, Problem, pointer_of
from durable_core.spec.reading import MAX_VALUES
from durable_core.spec.validation_messages import faults

REF: Final = "$ref"
OWN_KEYS: Final = frozenset({REF, "tools", "provider", "model_id", "inference", "timeouts"})
"""What an agent may say for itself beside its ``$ref``."""

_FROM_FILE: Final = frozenset({"prompt", "input_schema", "output_schema"})
_TOLERATED: Final = frozenset({"name", "description", "version", "id", "metadata", "tags"})
"""Keys of an agent file that are for people and catalogues."""

_STAND_IN: Final[dict[str, JSON]] = FrozenDict({"prompt": "The file of this agent could not be used."})
"""Stands in for an agent that could not be had, so that the rest of the spec can be checked."""

_NOTHING_WRONG: Final[Sequence[Problem]] = ()


def referred_files(document: Document) -> tuple[str, ...]:
    """The files that the agents of ``document`` refer to, as written there: in file order, each once."""
    return tuple(dict.fromkeys(path for _, _, path in _referring(document.data)))


def with_agents(
    data: FrozenDict[str, JSON], refs: Mapping[str, str]
) -> tuple[FrozenDict[str, JSON], tuple[Problem, ...]]:
    """``data`` with every referring agent filled in from ``refs`` (path to text), and what went wrong."""
    problems: list[Problem] = []
    agents: dict[str, JSON] = {}
    read: dict[str, tuple[dict[str, JSON], Sequence[Problem], int]] = {}
    values = 0
    for name, own, path in _referring(data):
        filled, wrong = _STAND_IN, _NOTHING_WRONG
        if values <= MAX_VALUES:
            if path not in read:
                agent, found = _agent_of(path, refs.get(path))
                read[path] = agent, found, _size(FrozenDict(agent))
            filled, wrong, size = read[path]
            values += size
            if values > MAX_VALUES:
                filled, wrong = _STAND_IN, [_too_much(path)]
        at_ref = pointer_of("agents", name, REF)
        told = (replace(problem, pointer=at_ref, line=None, column=None) for problem in wrong)
        problems += islice(chain(_beside_ref(name, own), told), MAX_PROBLEMS + 1 - len(problems))
        kept = {key: value for key, value in own.items() if key not in _FROM_FILE}
        agents[name] = FrozenDict(filled | kept)
    if not agents:
        return data, ()
    declared = data["agents"]
    assert isinstance(declared, FrozenDict), "an agent was found in it"
    return FrozenDict(data | {"agents": FrozenDict(declared | agents)}), tuple(problems)


def in_file(path: str, problem: Problem) -> Problem:
    """A problem that is in the file of an agent, for those who look at the workflow's own."""
    where = f"In {path}" if problem.line is None else f"In {path}, line {problem.line}"
    return replace(problem, message=f"{where}: {problem.message}")


def _referring(data: FrozenDict[str, JSON]) -> Iterator[tuple[str, FrozenDict[str, JSON], str]]:
    """The agents that have a ``$ref``: name, own keys, path."""
    agents = data.get("agents")
    for name, agent in agents.items() if isinstance(agents, FrozenDict) else ():
        if isinstance(agent, FrozenDict):
            path = agent.get(REF)
            if isinstance(path, str):
                yield name, agent, path


def _beside_ref(name: str, own: FrozenDict[str, JSON]) -> Iterator[Problem]:
    for key in own:
        if key in _FROM_FILE:
            yield Problem(
                f"agents.{name} has both '{REF}' and '{key}'.",
                pointer_of("agents", name, key),
                hint=f"Remove one: beside '{REF}' an agent may say {', '.join(sorted(OWN_KEYS - {REF}))}.",
            )


def _agent_of(path: str, text: str | None) -> tuple[dict[str, JSON], list[Problem]]:
    """The keys of the agent in a file; when it cannot be used, a stand-in and why."""
    if text is None:
        hint = "The path is relative to the folder of the workflow file."
        return _STAND_IN, [Problem(f"The agent file '{path}' could not be found.", hint=hint)]
    format_: Format = "json" if path.lower().endswith(".json") else "yaml"
    document, unread = read_partly(text, format_, "agent")
    agent, wrong = ({}, []) if document is None else _only_agent(document)
    problems = [in_file(path, problem) for problem in (*unread, *wrong)]
    return (_STAND_IN if problems else _relative_to(path, agent)), problems


def _only_agent(document: Document) -> tuple[dict[str, JSON], list[Problem]]:
    data = document.data
    agents = data.get("agents")
    if "agents" not in data:
        found = FrozenDict({key: value for key, value in data.items() if key not in _TOLERATED})
        around = ""
    elif isinstance(agents, FrozenDict) and len(agents) == 1:
        [(name, only)] = agents.items()
        found = only if isinstance(only, FrozenDict) else FrozenDict()
        around = pointer_of("agents", name)
    else:
        hint = "Keep one agent in a file that others refer to."
        place = document.place("/agents")
        return {}, [Problem("It must hold one agent, no more and no less.", "/agents", *place, hint=hint)]
    if REF in found:
        place = document.place(f"{around}/{REF}")
        hint = "Refer to the other file from the workflow itself."
        return {}, [Problem(f"It refers to another file by '{REF}'.", around, *place, hint=hint)]
    problems: list[Problem] = []
    for fault in islice(faults(Agent, found, document.written, around), MAX_PROBLEMS + 1):
        pointer = around + fault.problem.pointer
        line, column = document.place(pointer)
        problems.append(replace(fault.problem, pointer=pointer, line=line, column=column))
    return dict(found), problems


def _relative_to(path: str, agent: dict[str, JSON]) -> dict[str, JSON]:
    """The agent with the schema files that it names seen from the workflow's folder, not from its own."""
    folder = path.rpartition("/")[0]

    def seen(key: str, value: JSON) -> JSON:
        is_path = key in ("input_schema", "output_schema") and isinstance(value, str)
        return f"{folder}/{value}" if is_path and folder and not str(value).startswith("/") else value

    return {key: seen(key, value) for key, value in agent.items()}


def _size(value: JSON) -> int:
    """How many values there are in ``value``, itself included."""
    match value:
        case FrozenDict():
            return 1 + sum(map(_size, value.values()))
        case tuple():
            return 1 + sum(map(_size, value))
        case _:
            return 1


def _too_much(path: str) -> Problem:
    message = f"With '{path}', the agents hold more than {MAX_VALUES:,} values from files."
    return Problem(message, hint="Refer to fewer or smaller files.")
