"""The names by which agents may call tools, and which tools they stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal

from durable_core.frozen import frozen
from durable_core.spec.models import InDoubtPolicy, Spec

BUILT_IN: Final = ("file_read", "file_write", "http_request", "calculator", "current_time")
"""Tools that need no declaration."""

NETWORK: Final = frozenset({"http_request"})
"""Built-in tools that use the network."""

FORMAT_NATIVE: Final = (
    "python_exec", "spec_verify", "web_fetch", "tavily_search", "duckduckgo_search", "notes", "grep", "head",
    "tail", "search",
)  # fmt: skip
"""Tools that v0 files use without declaring them. Known, so that they are called unsupported, not unknown."""

GROUPS: Final = ("python", "mcp", "http_executors")
"""Names that stand for all declared tools of a kind."""

_PACKAGE: Final = "strands_tools"


@frozen(kw_only=True)
class ToolRef:
    """A tool that an agent may call.

    ``name`` is its name in the spec and in the journal. ``callable`` is where a Python tool is found, None
    for a built-in one. ``reads_only`` is what the spec says of it; the tool itself may say so too.
    """

    name: str
    callable: str | None = None
    reads_only: bool = False


def tool_names(spec: Spec) -> frozenset[str]:
    """Every name that a list of tools may hold in this spec."""
    known = {*BUILT_IN, *FORMAT_NATIVE, *GROUPS}
    for name in (*BUILT_IN, *FORMAT_NATIVE):
        known |= {f"{_PACKAGE}.{name}", f"{_PACKAGE}.{name}.{name}"}
    for tool in spec.tools.python:
        known |= {tool.callable, short_name(tool.callable)}
    known.update(server.id for server in spec.tools.mcp)
    known.update(service.id for service in spec.tools.http_executors)
    return frozenset(known)


def short_name(path: str) -> str:
    """The last part of an import path: the function of ``package.module.function`` or of ``module:function``.

    For a file, such as ``./tools/weather.py``, the file's name without its ending.
    """
    return re.split(r"[.:/\\]", path.removesuffix(".py"))[-1]


def tools_by_name(spec: Spec) -> Mapping[str, tuple[ToolRef, ...]]:
    """The tools that each name in a list of tools stands for. A name that is not here stands for none that
    can run. Tools and names may both be many, so whoever looks up several names asks once."""
    declared = python_tools(spec)
    named = {
        name: (ToolRef(name=known),)
        for known in BUILT_IN
        for name in (known, f"{_PACKAGE}.{known}", f"{_PACKAGE}.{known}.{known}")
    }
    for ref in reversed(declared):  # of two with one name the first counts
        named[ref.name] = (ref,)
        if ref.callable is not None:
            named[ref.callable] = (ref,)
    return {**named, "python": declared}


def python_tools(spec: Spec) -> tuple[ToolRef, ...]:
    """The tools under ``tools.python``; those that name one of ours by its v0 path are ours."""
    refs = []
    for tool in spec.tools.python:
        built_in = _built_in(tool.callable)
        if built_in is None:
            name = short_name(tool.callable)
            refs.append(ToolRef(name=name, callable=tool.callable, reads_only=tool.reads_only))
        else:
            refs.append(ToolRef(name=built_in))
    return tuple(refs)


def tools_for(spec: Spec, names: Iterable[str]) -> tuple[ToolRef, ...]:
    """The tools that a list of ``names`` gives an agent: each once, and none that the guardrails forbid."""
    listed = dict.fromkeys(names)
    if not listed:
        return ()
    named = tools_by_name(spec)
    guardrail = guardrails_of(spec, named)
    refs = {ref.name: ref for name in listed for ref in named.get(name, ())}
    return tuple(ref for ref in refs.values() if guardrail(ref) is None)


def guardrails_of(
    spec: Spec, named: Mapping[str, tuple[ToolRef, ...]]
) -> Callable[[ToolRef], Literal["deny_network", "allow_tools"] | None]:
    """Tells of a tool which guardrail keeps it from agents, if any does. ``named`` are ``tools_by_name``."""
    guardrails = spec.security.guardrails
    allowed = {ref.name for name in {*(guardrails.allow_tools or ())} for ref in named.get(name, ())}

    def guardrail(ref: ToolRef) -> Literal["deny_network", "allow_tools"] | None:
        if guardrails.deny_network and ref.callable is None and ref.name in NETWORK:
            return "deny_network"
        if guardrails.allow_tools is not None and ref.name not in allowed:
            return "allow_tools"
        return None

    return guardrail


def policy_for(spec: Spec, tool: str) -> InDoubtPolicy:
    """What to do about a call of ``tool`` (a ToolRef's name) whose outcome nobody knows."""
    for name, policy in spec.tools.in_doubt.items():
        if tool in (name, short_name(name)):
            return policy
    return "ask"


def _built_in(name: str) -> str | None:
    """The built-in tool that ``name`` means: its own name, or the path that v0 files write."""
    for known in BUILT_IN:
        if name in (known, f"{_PACKAGE}.{known}", f"{_PACKAGE}.{known}.{known}"):
            return known
    return None
