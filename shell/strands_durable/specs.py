"""Workflows as they are given to Python: a path, the text, or a parsed spec."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from returns.result import Failure

from durable_core.patterns import PATTERNS
from durable_core.spec.features import unsupported
from durable_core.spec.models import Spec
from durable_core.spec.problems import Problem
from durable_core.spec.source import Source
from durable_core.spec.undefined_names import check_names
from durable_core.spec.variables import resolve_variables
from durable_core.types import Json
from durable_shell.sources.spec_file import Loaded, Unreadable, load_spec, load_text, placed
from durable_shell.terminal.messages import errors as error_messages
from strands_durable.errors import InputError, SpecError, StorageError

SpecLike = str | os.PathLike[str] | Spec
"""A workflow: a path, its text (YAML or JSON), or a parsed spec.

A ``str`` is a text when it has more than one line or begins with ``{``, and a path otherwise.
"""


def spec_from(spec: SpecLike, *, folder: Path | None = None) -> Loaded:
    """The workflow ``spec``, checked, and the text that it was read from.

    Relative paths, of ``spec`` itself and of the files that a text refers to, begin at ``folder``, which is
    the current one by default. Raises SpecError with all problems at once, and InputError when there is no
    such file.
    """
    loaded = _loaded(spec, folder or Path.cwd())
    _refuse(loaded.source, unsupported(loaded.spec, patterns=frozenset(PATTERNS)))
    return loaded


def checked_variables(read: Loaded, given: Mapping[str, Json]) -> Mapping[str, Json]:
    """All variables of a run: the declared defaults, the values of the spec, and those that are ``given``.

    Raises InputError for those that are missing or do not fit, and SpecError for names that the templates use
    and that will not be there.
    """
    resolved = resolve_variables(read.spec, file=given, given={})
    if isinstance(resolved, Failure):
        raise InputError(map(_bare, resolved.failure()), _code(resolved.failure()))
    variables = resolved.unwrap()
    _refuse(read.source, check_names(read.spec, variables))
    return variables


def is_text(spec: str) -> bool:
    """Whether ``spec`` is the text of a workflow and not a path."""
    return "\n" in spec or spec.lstrip().startswith("{")


def _loaded(spec: SpecLike, folder: Path) -> Loaded:
    if isinstance(spec, Spec):
        return Loaded(spec, source_for(spec))
    if isinstance(spec, str) and is_text(spec):
        name, read = "the spec", load_text(spec, folder)
    else:
        name = os.fspath(spec)
        read = load_spec(name, folder)
    if not isinstance(read, Failure):
        return read.unwrap()
    trouble = read.failure()
    if not isinstance(trouble, Unreadable):
        raise _spec_error(name, trouble)
    lines = (error_messages.error(f"Can't read {trouble.path}: {trouble.reason}"),)
    if trouble.missing:
        raise InputError((*lines, error_messages.hint(f"Relative paths begin at {folder}.")), 2)
    raise StorageError(lines, 12)


def source_for(spec: Spec) -> Source:
    """A source for a spec that was read from nowhere: its own JSON."""
    text = spec.model_dump_json(by_alias=True, exclude_unset=True)
    return Source(text=text, format="json", sha256=hashlib.sha256(text.encode()).hexdigest())


def _refuse(source: Source, problems: tuple[Problem, ...]) -> None:
    if problems:
        raise _spec_error(source.path or "the spec", placed(problems, source))


def _spec_error(name: str, problems: tuple[Problem, ...]) -> SpecError:
    lines = (
        error_messages.spec_problem(
            problem.pointer, problem.line, problem.column, problem.message, problem.hint or ""
        )
        for problem in problems
    )
    return SpecError(error_messages.spec_problems(name, lines), _code(problems), problems)


def _bare(problem: Problem) -> str:
    hint = f" ({problem.hint})" if problem.hint else ""
    return error_messages.error(f"{problem.message}{hint}")


def _code(problems: tuple[Problem, ...]) -> int:
    from durable_shell.operations.problems import exit_of

    return exit_of(problems)
