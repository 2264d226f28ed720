"""A workflow is inspected: what is wrong with it whatever it is given, and what is remarkable."""

from __future__ import annotations

from collections.abc import Collection

from durable_core.frozen import frozen
from durable_core.patterns import PATTERNS
from durable_core.spec.features import unsupported
from durable_core.spec.problems import Problem
from durable_core.spec.undefined_names import needed_variables, undefined_names
from durable_core.spec.variables import declared_names
from durable_shell.sources.spec_file import Loaded, placed
from durable_shell.terminal.messages import errors as error_messages


@frozen()
class Inspection:
    """``problems`` keep a workflow from running, ``remarks`` are for people.

    ``undeclared`` are the variables that a run has to be given and no input declares.
    """

    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]
    undeclared: tuple[str, ...]


def inspect_workflow(path: str, loaded: Loaded, variables: Collection[str]) -> Inspection:
    """Inspect the workflow that is called ``path`` for a run that is given ``variables``, and maybe more."""
    spec = loaded.spec
    undefined = undefined_names(spec, declared_names(spec) | {*variables})
    wrong = tuple(each.problem for each in undefined if not each.can_be_given)
    needed = placed(needed_variables(spec, undefined), loaded.source)
    return Inspection(
        problems=placed(unsupported(spec, patterns=frozenset(PATTERNS)) + wrong, loaded.source),
        remarks=tuple(_remark("Note", path, problem) for problem in needed),
        undeclared=tuple(sorted({each.name for each in undefined if each.can_be_given})),
    )


def _remark(word: str, path: str, problem: Problem) -> str:
    return error_messages.remark(
        word, path, problem.line, problem.column, problem.message, problem.hint or ""
    )
