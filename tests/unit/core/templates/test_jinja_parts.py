"""Which parts of Jinja the templates rest on: those of its manual, and a short list of others.

A part that the manual does not promise may change with a minor release of Jinja, so that release is pinned.
"""

from __future__ import annotations

import ast
import importlib
import tomllib
from pathlib import Path

import jinja2
import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from durable_core.templates import rendering, sandbox

ROOT = Path(__file__).parents[4]
ROOM = Path(rendering.__file__).parent

IN_THE_MANUAL = frozenset(
    """
    jinja2.Environment jinja2.StrictUndefined jinja2.Template jinja2.TemplateSyntaxError jinja2.Undefined
    jinja2.UndefinedError jinja2.meta jinja2.nodes jinja2.parser.Parser
    jinja2.pass_context jinja2.pass_environment jinja2.runtime.Context
    jinja2.exceptions.SecurityError jinja2.exceptions.TemplateRuntimeError
    jinja2.sandbox.ImmutableSandboxedEnvironment
    """.split()
)

NOT_IN_THE_MANUAL = frozenset(
    """
    jinja2.runtime.BlockReference jinja2.runtime.LoopContext jinja2.runtime.Macro
    jinja2.sandbox.SandboxedFormatter jinja2.utils.missing jinja2.visitor.NodeTransformer
    jinja2.visitor.NodeVisitor
    """.split()
)

METHODS_NOT_IN_THE_MANUAL = frozenset({"call", "call_filter", "call_test", "concat", "getattr", "getitem"})
"""What compiled templates call on their environment, and ours overrides; the bombs fail if one is not."""


def _imported() -> set[str]:
    return {
        f"{node.module}.{alias.name}"
        for path in ROOM.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "jinja2"
        for alias in node.names
    }


def test_no_other_part_of_jinja_is_used() -> None:
    assert _imported() == IN_THE_MANUAL | NOT_IN_THE_MANUAL


@pytest.mark.parametrize("name", sorted(NOT_IN_THE_MANUAL))
def test_a_part_that_the_manual_does_not_name_is_there(name: str) -> None:
    module, _, part = name.rpartition(".")
    assert hasattr(importlib.import_module(module), part)


def test_the_sandbox_overrides_nothing_private_and_no_other_part_than_is_listed() -> None:
    ours = {name for name in vars(sandbox.Sandbox) if not name.startswith("__")}
    overridden = {name for name in ours if hasattr(ImmutableSandboxedEnvironment, name)}
    assert overridden == METHODS_NOT_IN_THE_MANUAL | {"call_binop", "context_class", "intercepted_binops"}


def test_the_lexer_reads_an_expression_alone() -> None:
    tokens = list(sandbox.Sandbox().lexer.tokeniter("a + 1", None, state="variable"))
    assert [value for _, kind, value in tokens if kind != "whitespace"] == ["a", "+", "1"]


def test_the_minor_release_of_jinja_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "jinja2>=3.1.5,<3.2" in project["dependencies"]
    assert jinja2.__version__.startswith("3.1.")
