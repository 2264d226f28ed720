"""From the tools that a turn names to the objects that the SDK takes."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

from returns.result import Failure
from strands import tool as as_tool
from strands.tools.decorator import DecoratedFunctionTool
from strands.types.tools import AgentTool

from durable_core.frozen import frozen
from durable_core.spec.secrets import NO_SECRETS, Vault
from durable_core.spec.tool_refs import NETWORK, ToolRef
from durable_core.types import Json
from durable_shell.tools.addresses import address_rules
from durable_shell.tools.builtin.calculator import calculator
from durable_shell.tools.builtin.current_time import current_time
from durable_shell.tools.builtin.files import FileTools
from durable_shell.tools.builtin.http import HttpTool, only_reads
from durable_shell.tools.confinement import Workplace
from durable_shell.tools.python_loader import ToolProblem, find_tool
from durable_shell.tools.threads import in_thread

KEY: Final = "idempotency_key"
"""A tool with a parameter of this name is given a key, the same whenever the same call is made again."""


@frozen()
class BuiltTool:
    """A tool as the SDK takes it, and what the journal needs to know.

    ``name`` is the tool's name in the spec; the model knows it by ``tool.tool_name``. ``reads_only`` says of
    an input whether the call changes nothing. A tool that ``ignores_unknown`` arguments is called without
    those that it does not have.
    """

    name: str
    tool: AgentTool
    reads_only: Callable[[Json], bool]
    takes_key: bool = False
    ignores_unknown: bool = False


def build_tools(
    refs: Iterable[ToolRef],
    folder: Path,
    workplace: Workplace,
    *,
    deny_network: bool,
    env: Mapping[str, str] = MappingProxyType({}),
    vault: Vault = NO_SECRETS,
) -> dict[str, BuiltTool] | ToolProblem:
    """The tools by the names that the model calls them by, or why one can't be had.

    ``env`` says which addresses are allowed and blocked. What holds a secret of ``vault`` stays with the host
    that it is sent to.
    """
    built: dict[str, BuiltTool] = {}
    for ref in refs:
        if deny_network and ref.callable is None and ref.name in NETWORK:
            return ToolProblem(
                f"The tool '{ref.name}' uses the network.", "security.guardrails.deny_network forbids that."
            )
        one = _built_in(ref, workplace, env, vault) if ref.callable is None else build_python(ref, folder)
        if isinstance(one, ToolProblem):
            return one
        if one.tool.tool_name in built:
            return same_name(one, built[one.tool.tool_name])
        built[one.tool.tool_name] = one
    return built


def same_name(one: BuiltTool, other: BuiltTool) -> ToolProblem:
    """Two tools that a model could not tell apart."""
    message = (
        f"The tools '{other.name}' and '{one.name}' are both called '{one.tool.tool_name}' by the model."
    )
    return ToolProblem(message, "Rename one of the functions.")


def build_python(ref: ToolRef, folder: Path) -> BuiltTool | ToolProblem:
    """A Python tool. A plain function is wrapped; what the SDK's @tool made is taken as it is."""
    found = find_tool(ref.callable or ref.name, folder)
    if isinstance(found, Failure):
        problem: ToolProblem = found.failure()
        return problem
    function = found.unwrap()
    reads = ref.reads_only or bool(getattr(function, "reads_only", False))
    try:
        made = _decorated(function) if isinstance(function, AgentTool) else as_tool(_unblocking(function))
    except Exception as error:  # the SDK reads signatures and docstrings, and may dislike either
        message = f"The tool '{ref.callable}' can't be used: {type(error).__name__}: {error}."
        return ToolProblem(message, "Give each parameter a plain type, and the function a docstring.")
    return BuiltTool(ref.name, made, lambda _: reads, takes_key=_hide_key(made))


def _built_in(
    ref: ToolRef, workplace: Workplace, env: Mapping[str, str], vault: Vault
) -> BuiltTool | ToolProblem:
    files = FileTools(workplace)
    try:
        http = HttpTool(address_rules(env), vault)
    except ValueError as error:
        return ToolProblem(f"{error}.", "Write a JSON list of regular expressions, or commas between them.")
    functions: dict[str, tuple[Callable[..., str], Callable[[Json], bool]]] = {
        "file_read": (files.file_read, _always),
        "file_write": (files.file_write, _never),
        "http_request": (http.http_request, only_reads),
        "calculator": (calculator, _always),
        "current_time": (current_time, _always),
    }
    function, reads = functions[ref.name]
    return BuiltTool(ref.name, as_tool(_unblocking(function)), reads, ignores_unknown=True)


def _always(_: Json) -> bool:
    return True


def _never(_: Json) -> bool:
    return False


def _unblocking(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that blocks runs in a thread; one that does not stays as it is."""
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return function

    @functools.wraps(function)
    async def called(*args: Any, **kwargs: Any) -> Any:
        return await in_thread(function, *args, **kwargs)

    return called


def _decorated(tool: AgentTool) -> AgentTool:
    """What the SDK's @tool made, with its function in a thread of ours, which can be left and waited for."""
    if not isinstance(tool, DecoratedFunctionTool):
        return tool
    ours: Any = copy.copy(tool)
    ours._tool_func = _unblocking(ours._tool_func)
    return cast(AgentTool, ours)


def _hide_key(tool: AgentTool) -> bool:
    """Take the key's parameter out of what the model is shown; whether there was one."""
    properties = tool.tool_spec["inputSchema"].get("json", {}).get("properties", {})
    hidden = getattr(tool, "takes_idempotency_key", False)  # found when this object was built before
    if KEY in properties:
        shown = copy.deepcopy(tool.tool_spec)
        schema = shown["inputSchema"]["json"]
        del schema["properties"][KEY]
        schema["required"] = [name for name in schema.get("required", []) if name != KEY]
        made: Any = tool
        made.tool_spec = shown
        made.takes_idempotency_key = hidden = True
    return bool(hidden)
