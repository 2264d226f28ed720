"""The names by which agents may call tools, and which tools they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

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


def tools_named(spec: Spec, name: str) -> tuple[ToolRef, ...]:
    """The tools that ``name`` in a list of tools stands for; none when it stands for none that can run."""
    if name == "python":
        return python_tools(spec)
    declared = [ref for ref in python_tools(spec) if name in (ref.name, ref.callable)]
    if declared:
        return (declared[0],)
    built_in = _built_in(name)
    return () if built_in is None else (ToolRef(name=built_in),)


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
    refs = {ref.name: ref for name in names for ref in tools_named(spec, name)}
    return tuple(ref for ref in refs.values() if forbidden(spec, ref) is None)


def forbidden(spec: Spec, ref: ToolRef) -> str | None:
    """The guardrail that does not let agents use this tool, or None."""
    guardrails = spec.security.guardrails
    if guardrails.deny_network and ref.callable is None and ref.name in NETWORK:
        return "deny_network"
    if guardrails.allow_tools is not None:
        allowed = {one.name for name in guardrails.allow_tools for one in tools_named(spec, name)}
        if ref.name not in allowed:
            return "allow_tools"
    return None


def policy_for(spec: Spec, tool: str) -> InDoubtPolicy:
    """What to do about a call of ``tool`` (a ToolRef's name) whose outcome nobody knows."""
    for name, policy in spec.tools.in_doubt.items():
        if tool in (name, short_name(name)):
            return policy
    return "ask"


def unsupported_names(names: Iterable[str], spec: Spec) -> Iterator[tuple[int, str]]:
    """Those of ``names``, with their index, that stand for tools that do not run yet."""
    for index, name in enumerate(names):
        if name != "python" and not tools_named(spec, name):
            yield index, name


def _built_in(name: str) -> str | None:
    """The built-in tool that ``name`` means: its own name, or the path that v0 files write."""
    for known in BUILT_IN:
        if name in (known, f"{_PACKAGE}.{known}", f"{_PACKAGE}.{known}.{known}"):
            return known
    return None
