"""The names by which agents may call tools."""

from __future__ import annotations

import re
from typing import Final

from durable_core.spec.models import Spec

BUILT_IN: Final = ("file_read", "file_write", "http_request", "calculator", "current_time")
"""Tools that need no declaration."""

FORMAT_NATIVE: Final = (
    "python_exec", "spec_verify", "web_fetch", "tavily_search", "duckduckgo_search", "notes", "grep", "head",
    "tail", "search",
)  # fmt: skip
"""Tools that v0 files use without declaring them. Known, so that they are called unsupported, not unknown."""

GROUPS: Final = ("python", "mcp", "http_executors")
"""Names that stand for all declared tools of a kind."""

_PACKAGE: Final = "strands_tools"


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
