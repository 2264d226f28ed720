"""Before a run: whether every Python tool that the spec declares can be had."""

from __future__ import annotations

from pathlib import Path

from durable_core.spec.models import Spec
from durable_core.spec.problems import Problem, pointer_of
from durable_core.spec.tool_refs import python_tools


def tool_problems(spec: Spec, folder: Path) -> tuple[Problem, ...]:
    """Every declared Python tool that can't be imported or called, without positions.

    Imports the tools' modules, and so runs them; and the SDK, where there are tools at all.
    """
    refs = [(index, ref) for index, ref in enumerate(python_tools(spec)) if ref.callable is not None]
    if not refs:
        return ()
    from durable_shell.tools.registry import BuiltTool, build_python, same_name

    problems = []
    built: dict[str, BuiltTool] = {}
    for index, ref in refs:
        found = build_python(ref, folder)
        if isinstance(found, BuiltTool):
            other = built.setdefault(found.tool.tool_name, found)
            if other is found:
                continue
            found = same_name(found, other)
        pointer = pointer_of("tools", "python", index)
        problems.append(Problem(found.message, pointer, hint=found.hint, kind=found.kind))
    return tuple(problems)
