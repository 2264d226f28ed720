"""``strands plan SPEC``: what a run would do, as far as that is known. Runs nothing."""

from __future__ import annotations

import json
from dataclasses import asdict

from returns.result import Failure, Success

from durable_core.planning.plan import plan
from durable_core.spec.variables import known_variables
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.draw import write_graph
from durable_shell.operations.start import read_spec, read_variables
from durable_shell.sources.spec_file import Loaded
from durable_shell.terminal.messages.plan import plan_lines


def run(arguments: Arguments, environment: Environment) -> int:
    """Print the plan as lines or JSON, and draw it with ``--graph``."""
    path = arguments.word("SPEC")
    match read_spec(environment, path), read_variables(environment, arguments.text("--var-file")):
        case (Failure(code), _) | (_, Failure(code)):
            return Exit(code)
        case Success(Loaded(spec, _)), Success(file):
            pass
    known = known_variables(spec, file=file, given=dict(arguments.pairs("--var")))
    planned = plan(spec, known)
    if arguments.flag("--json"):
        environment.stdout.write(
            json.dumps(asdict(planned), indent=2, ensure_ascii=False, default=list) + "\n"
        )
    else:
        environment.stdout.write("".join(f"{line}\n" for line in plan_lines(planned)))
    graph = arguments.text("--graph")
    return Exit.DONE if graph is None else write_graph(environment, graph, spec, None)
