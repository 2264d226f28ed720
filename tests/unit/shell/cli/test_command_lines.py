"""Two thousand command lines and what is said about each: the words are a contract.

``tests/data/command_lines.jsonl`` was written down from an earlier parser, which checked a line before docopt
saw it. A line of the file is a command line and either the message (exit code 2) or the arguments it gives.
"""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

from docopt import DocoptExit, docopt
from hypothesis import given, settings
from hypothesis import strategies as st

from durable_shell.app import App
from durable_shell.cli.command_table import read_table
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.main import main
from durable_shell.cli.parser import Arguments, parse, spelled_out
from durable_shell.cli.usage import USAGE
from durable_shell.cli.usage_errors import UNREADABLE, UsageProblem, misfit_texts
from tests.support.night import at_night

TABLE = read_table()
GOLDEN = [
    json.loads(line)
    for line in (Path(__file__).parents[3] / "data" / "command_lines.jsonl").read_text().splitlines()
]
WRONG = [(argv, message) for argv, message in GOLDEN if isinstance(message, str)]
RIGHT = [(argv, arguments) for argv, arguments in GOLDEN if not isinstance(arguments, str)]

WHOLE = re.sub(r"^(  strands(?: [a-z]+)+)", r"\1 --", USAGE, flags=re.MULTILINE)
"""The whole usage text, for lines with ``--`` behind the command."""


def test_the_table_has_many_lines_of_both_sorts() -> None:
    assert len(WRONG) > 1000
    assert len(RIGHT) > 500


def test_each_wrong_line_gives_its_message_and_exit_code_2(tmp_path: Path) -> None:
    said = []
    for argv, _ in WRONG:
        stdout, stderr = io.StringIO(), io.StringIO()
        environment = Environment(
            cwd=tmp_path, home=tmp_path, env={}, stdin=io.StringIO(), stdout=stdout, stderr=stderr
        )
        assert (main(argv, App(environment)), stdout.getvalue()) == (Exit.USAGE, "")
        said.append((argv, stderr.getvalue()))
    assert said == [(argv, f"Error: {message}\n") for argv, message in WRONG]
    assert list(tmp_path.iterdir()) == []


def test_each_right_line_gives_its_arguments() -> None:
    understood = []
    for argv, _ in RIGHT:
        found = parse(argv)
        assert isinstance(found, Arguments), found
        flags = [name for name, given in found.flags.items() if given]
        texts = {name: list(given) for name, given in found.given.items() if given}
        understood.append((argv, {"command": found.command, "flags": flags, "given": texts}))
    assert understood == RIGHT


def docopt_takes(argv: list[str]) -> bool:
    """Whether docopt takes a line by the whole usage text, where we give it the lines of one command."""
    line = spelled_out(argv, TABLE)
    try:
        docopt(WHOLE, [*line.command.split(), *line.options, "--", *line.words], default_help=False)
    except DocoptExit:
        return False
    return True


def asks_for_help(argv: list[str]) -> bool:
    """A wish for help or the version wins over anything else on the line: docopt is not asked."""
    names = {token.partition("=")[0].removeprefix(UNREADABLE) for token in spelled_out(argv, TABLE).options}
    return not names.isdisjoint(["--help", "--version", "-h"])


PIECES = st.one_of(
    st.sampled_from([command.split() for command in TABLE.summaries]),
    st.sampled_from([[name, "failed"] for name in TABLE.options if TABLE.options[name].value]),
    st.sampled_from([[f"{name}=a=1"] for name in TABLE.options]),
    st.sampled_from([[name] for option in TABLE.options.values() for name in (option.name, option.short)]),
    st.sampled_from([["x"], ["x"], ["--"], ["-"], [""], ["-5"], ["- item"], ["-fo"], ["--forc"], ["-force"]]),
    st.text(max_size=5).map(lambda text: [text]),
    st.text(max_size=5).map(lambda text: [f"-{text}"]),
)
LINES = st.builds(
    lambda command, pieces: [*command, *(token for piece in pieces for token in piece)],
    st.sampled_from([*(command.split() for command in TABLE.summaries), []]),
    st.lists(PIECES, max_size=5),
)


@settings(max_examples=at_night(80, 2000))
@given(LINES.filter(lambda argv: not asks_for_help(argv)))
def test_what_docopt_takes_is_understood_and_nothing_else(argv: list[str]) -> None:
    found = parse(argv)
    taken = docopt_takes(argv) and misfit_texts(spelled_out(argv, TABLE), TABLE) is None
    assert isinstance(found, Arguments) == taken
    if isinstance(found, UsageProblem):
        assert re.fullmatch(r"Error: .+\nSee 'strands [a-z -]*--help'\.\n", found.text)
        assert len(found.text) < 500
