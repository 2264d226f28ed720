"""``strands validate SPEC``: every problem of a spec. Runs nothing and writes nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from durable_core.spec.problems import Problem
from durable_core.spec.variables import file_values
from durable_shell.app import App
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.inputs import parse_spec_at, read_variables
from durable_shell.operations.inspection import inspect_workflow
from durable_shell.operations.problems import SpecInvalid
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.plain import say
from durable_shell.terminal.safe_text import MOST_OF_A_LINE, json_text, printable, shortened


def run(arguments: Arguments, app: App) -> int:
    """Print that a spec is fine, or all that is wrong with it; remarks go to standard error."""
    path, as_json = arguments.word("SPEC"), arguments.flag("--json")
    file = read_variables(app, arguments.text("--var-file"))
    try:
        loaded = parse_spec_at(app, path)
        values = {} if file is None else file_values(loaded.spec, file)
        inspected = inspect_workflow(path, loaded, file=values, texts=dict(arguments.pairs("--var")))
        if inspected.problems:
            raise SpecInvalid(path, inspected.problems)
    except SpecInvalid as invalid:
        if not as_json:
            raise
        _print_json(app.environment, invalid.problems)
        return invalid.code
    say(app.environment.stderr, *inspected.remarks)
    if as_json:
        _print_json(app.environment, (), inspected.undeclared)
    else:
        valid = run_messages.valid(path, loaded.spec.name, loaded.spec.pattern.type)
        app.environment.stdout.write(printable(valid) + "\n")
    return Exit.DONE


def _print_json(
    environment: Environment, problems: tuple[Problem, ...], undeclared: tuple[str, ...] = ()
) -> None:
    document = {
        "valid": not problems,
        "problems": [_as_json(problem) for problem in problems],
        "undeclared": list(undeclared),
    }
    environment.stdout.write(json_text(document) + "\n")


def _as_json(problem: Problem) -> dict[str, Any]:
    texts = {"message": problem.message, "hint": problem.hint}
    cut = {name: text and shortened(text, MOST_OF_A_LINE) for name, text in texts.items()}
    return {**asdict(problem), **cut}
