"""``strands validate SPEC``: every problem of a spec. Runs nothing and writes nothing."""

from __future__ import annotations

import json
from dataclasses import asdict

from returns.result import Failure, Success

from durable_core.patterns import PATTERNS
from durable_core.spec.features import unsupported
from durable_core.spec.problems import Problem
from durable_core.spec.undefined_names import check_names
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.start import exit_of, read_variables, report_problems, report_trouble
from durable_shell.sources.spec_file import Loaded, Unreadable, load_spec, placed
from durable_shell.terminal.messages import run as run_messages


def run(arguments: Arguments, environment: Environment) -> int:
    """Print that a spec is fine, or all that is wrong with it."""
    path = arguments.word("SPEC")
    as_json = arguments.flag("--json")
    match read_variables(environment, arguments.text("--var-file")):
        case Failure(code):
            return Exit(code)
        case Success(file):
            given = {*file, *dict(arguments.pairs("--var"))}
    match load_spec(path, environment.cwd, getattr(environment.stdin, "buffer", None)):
        case Success(loaded):
            problems = _problems(loaded, given)
            if as_json:
                _print_json(environment, problems)
            elif problems:
                report_problems(environment, path, problems)
            else:
                environment.stdout.write(
                    run_messages.valid(path, loaded.spec.name, loaded.spec.pattern.type) + "\n"
                )
            return exit_of(problems) if problems else Exit.DONE
        case Failure(Unreadable() as unreadable):
            return report_trouble(environment, path, unreadable)
        case Failure(problems):
            if as_json:
                _print_json(environment, problems)
                return exit_of(problems)
            return report_problems(environment, path, problems)
    raise AssertionError(path)


def _problems(loaded: Loaded, given: set[str]) -> tuple[Problem, ...]:
    """All that is wrong whatever the values are: only the names of the variables that are ``given`` count."""
    inputs = loaded.spec.inputs
    declared = {*inputs.required, *inputs.optional, *inputs.values, *given}
    found = unsupported(loaded.spec, patterns=frozenset(PATTERNS)) + check_names(loaded.spec, declared)
    return placed(found, loaded.source)


def _print_json(environment: Environment, problems: tuple[Problem, ...]) -> None:
    document = {"valid": not problems, "problems": [asdict(problem) for problem in problems]}
    environment.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
