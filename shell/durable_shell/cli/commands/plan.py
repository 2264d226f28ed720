"""``strands plan SPEC``: what a run would do, as far as that is known. Runs nothing."""

from __future__ import annotations

from dataclasses import asdict

from durable_core.planning.plan import plan
from durable_core.spec.variables import known_variables
from durable_shell.app import App
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.operations.inputs import read_inputs
from durable_shell.operations.inspection import inspect_workflow
from durable_shell.operations.problems import SpecInvalid
from durable_shell.terminal.messages import run as run_messages
from durable_shell.terminal.messages.plan import plan_lines
from durable_shell.terminal.plain import say
from durable_shell.terminal.safe_text import json_text


def run(arguments: Arguments, app: App) -> int:
    """Print the plan as lines or JSON, and draw it with ``--graph``."""
    environment, path = app.environment, arguments.word("SPEC")
    loaded, file = read_inputs(app, path, arguments.text("--var-file"))
    texts = dict(arguments.pairs("--var"))
    inspected = inspect_workflow(path, loaded, file=file, texts=texts)
    if inspected.problems:
        raise SpecInvalid(path, inspected.problems)
    say(environment.stderr, *inspected.remarks)
    planned = plan(loaded.spec, known_variables(loaded.spec, file=file, given=texts))
    if arguments.flag("--json"):
        environment.stdout.write(json_text(asdict(planned), default=list) + "\n")
    else:
        environment.stdout.write("".join(f"{line}\n" for line in plan_lines(planned)))
    graph = arguments.text("--graph")
    if graph is not None:
        from durable_shell.operations.draw import write_graph

        write_graph(app, graph, loaded.spec, None)
        say(environment.stderr, run_messages.drawing_written(graph))
    return Exit.DONE
