"""Before a run: everything that can go wrong without anything having been written or paid for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from returns.result import Failure, Result, Success

from durable_core.catalog.retention import RetentionRule
from durable_core.patterns import PATTERNS
from durable_core.spec.document import decode_bytes, read_document
from durable_core.spec.features import unsupported
from durable_core.spec.models import Spec
from durable_core.spec.problems import Problem
from durable_core.spec.settings import model_settings
from durable_core.spec.source import Source
from durable_core.spec.undefined_names import check_names
from durable_core.spec.variables import missing_inputs, resolve_variables
from durable_core.types import Json
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.providers.factory import check_provider, with_located_script
from durable_shell.sources.config import CONFIG, load_config, rule_of
from durable_shell.sources.spec_file import (
    Loaded,
    SpecTrouble,
    Unreadable,
    folder_of,
    format_of,
    load_spec,
    placed,
)
from durable_shell.store.files.disk import in_words
from durable_shell.terminal.messages import errors as error_messages
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.plain import say
from durable_shell.tools.validation import tool_problems

Stopped = Exit
"""Why nothing ran: people were told, and this is the exit code."""


def read_spec(environment: Environment, path: str) -> Result[Loaded, Stopped]:
    """The spec at ``path``, parsed and checked, its features supported."""
    stdin = getattr(environment.stdin, "buffer", None)
    match load_spec(path, environment.cwd, stdin):
        case Success(loaded):
            unrun = placed(unsupported(loaded.spec, patterns=frozenset(PATTERNS)), loaded.source)
            if unrun:
                return Failure(report_problems(environment, path, unrun))
            return Success(loaded)
        case Failure(trouble):
            return Failure(report_trouble(environment, path, trouble))
    raise AssertionError(path)


def read_variables(environment: Environment, path: str | None) -> Result[Mapping[str, Json], Stopped]:
    """The variables in a YAML or JSON file; none without a file."""
    if path is None:
        return Success({})
    try:
        raw = (environment.cwd / path).read_bytes()
    except OSError as error:
        say(
            environment.stderr,
            error_messages.error(f"The variable file {path} can't be read: {error.strerror}"),
        )
        return Failure(Exit.USAGE)
    form = format_of(path)
    read = decode_bytes(raw).bind(lambda text: read_document(text, format=form, kind="variables"))
    match read:
        case Success(document):
            return Success(document.data)
        case Failure(problems):
            report_problems(environment, path, problems)
            return Failure(Exit.USAGE)
    raise AssertionError(path)


def read_retention(environment: Environment) -> RetentionRule | Stopped | None:
    """Which sessions go after a run, by the config file; None if nobody wants that. Exit 2 if it is wrong."""
    path = str(environment.home / CONFIG)
    match load_config(environment.home):
        case Success(config):
            return None if config.retention is None else rule_of(config.retention)
        case Failure(OSError() as error):
            say(environment.stderr, error_messages.error(f"Can't read {path}: {in_words(error)}"))
            return Exit.IO
        case Failure(problems):
            report_problems(environment, path, problems)
            return Exit.USAGE
    raise AssertionError(path)


def variables_for(
    environment: Environment,
    spec: Spec,
    *,
    file: Mapping[str, Json],
    given: Mapping[str, str],
    ask: bool,
) -> Result[Mapping[str, Json], Stopped]:
    """All variables, by precedence, checked and coerced; with ``ask``, missing ones are asked for."""
    if ask:
        asked = _asked_inputs(environment, spec, {*file, *given})
        given = {**given, **asked}
    match resolve_variables(spec, file=file, given=given):
        case Success(variables):
            return Success(variables)
        case Failure(problems):
            missing = missing_inputs(spec, {*file, *given})
            if missing and len(missing) == len(problems):
                say(environment.stderr, *error_messages.inputs_missing([one.name for one in missing]))
            else:
                say(environment.stderr, *(_bare(problem) for problem in problems))
            return Failure(Exit.USAGE)
    raise AssertionError(spec)


def check_before_run(
    environment: Environment, path: str, spec: Spec, source: Source, variables: Mapping[str, Json]
) -> Stopped | None:
    """Whether the templates' names and the providers are all there; None when they are."""
    unknown = placed(check_names(spec, variables), source)
    if unknown:
        return report_problems(environment, path, unknown)
    folder = folder_of(source, environment.cwd)  # where scripts and Python tools are looked for
    for agent in spec.agents:
        problem = check_provider(with_located_script(model_settings(spec, agent), folder), environment.env)
        if problem is not None:
            say(environment.stderr, error_messages.error(problem.message), error_messages.hint(problem.hint))
            return EXITS[problem.kind]
    broken = placed(tool_problems(spec, folder), source)
    return report_problems(environment, path, broken) if broken else None


def artifact_in_the_way(environment: Environment, spec: Spec, out: Path, *, force: bool) -> Stopped | None:
    """An artifact whose path is known and taken would fail at the very end; say so at the start."""
    if force or spec.outputs is None:
        return None
    for artifact in spec.outputs.artifacts:
        target = out / artifact.path
        if "{" not in artifact.path and target.exists():
            say(environment.stderr, *error_messages.artifact_not_replaced(str(target)))
            return Exit.USAGE
    return None


def report_trouble(environment: Environment, path: str, trouble: SpecTrouble) -> Exit:
    """Say why a spec can't be had, and give the exit code."""
    if isinstance(trouble, Unreadable):
        remedy = (
            f"Relative paths begin at {environment.cwd}."
            if trouble.missing
            else "Name a file that can be read."
        )
        say(
            environment.stderr,
            error_messages.error(f"Can't read {trouble.path}: {trouble.reason}"),
            error_messages.hint(remedy),
        )
        return Exit.USAGE if trouble.missing else Exit.IO
    return report_problems(environment, path, trouble)


def report_problems(environment: Environment, path: str, problems: tuple[Problem, ...]) -> Exit:
    """Show every problem with its place and hint, and give the exit code."""
    lines = [
        error_messages.spec_problem(
            problem.pointer, problem.line, problem.column, problem.message, problem.hint or ""
        )
        for problem in problems
    ]
    say(environment.stderr, *error_messages.spec_problems(path, lines))
    return exit_of(problems)


EXITS: Final[Mapping[str, Exit]] = {
    "invalid": Exit.INVALID_SPEC,
    "unsupported": Exit.UNSUPPORTED,
    "usage": Exit.USAGE,
}


def exit_of(problems: tuple[Problem, ...]) -> Exit:
    """The exit code for ``problems``: an invalid spec before an unsupported feature before a wrong call."""
    kinds = {problem.kind for problem in problems}
    return next(code for kind, code in EXITS.items() if kind in kinds)


def _bare(problem: Problem) -> str:
    hint = f" ({problem.hint})" if problem.hint else ""
    return error_messages.error(f"{problem.message}{hint}")


def _asked_inputs(environment: Environment, spec: Spec, known: set[str]) -> dict[str, str]:
    """What the person types for each required input that is missing."""
    answers = {}
    for one in missing_inputs(spec, known):
        environment.stderr.write(
            run_messages.input_prompt(one.name, one.declaration.type, one.declaration.description)
        )
        environment.stderr.flush()
        line = environment.stdin.readline()
        if line.strip():
            answers[one.name] = line.rstrip("\n")
    return answers
