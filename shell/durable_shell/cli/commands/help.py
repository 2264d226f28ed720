"""``strands help [COMMAND]`` and ``strands COMMAND --help``: all help, or one command's."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from durable_shell.cli.command_table import CommandTable, Form, Option, read_table, section
from durable_shell.cli.environment import Environment
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.cli.usage import USAGE
from durable_shell.cli.usage_errors import unknown_command

_WIDTH = 92  # columns, as the usage text itself


def run(arguments: Arguments, environment: Environment) -> int:
    """Print help on standard output. An unknown command is a usage error."""
    words = arguments.words("COMMAND")
    table = read_table()
    if not words:
        environment.stdout.write(USAGE)
        return Exit.DONE
    commands = _under(" ".join(words), table)
    if not commands:
        environment.stderr.write(unknown_command(words, table).text)
        return Exit.USAGE
    environment.stdout.write("\n".join(help_of(command, table) for command in commands))
    return Exit.DONE


def help_of(command: str, table: CommandTable) -> str:
    """The help of one command: what it does, examples, usage, options."""
    parts = [f"strands {command} - {table.summaries[command]}\n"]
    examples = [line for line in section(USAGE, "Examples") if line.startswith(f"  strands {command} ")]
    if examples:
        parts.append("\n".join(["Examples:", *examples, ""]))
    parts.append("\n".join(["Usage:", *(_usage_line(form) for form in table.forms_of(command)), ""]))
    options = (*table.options_of(command), table.options["--help"])
    parts.append("\n".join(["Options:", *_described(options), ""]))
    if any(word.name == "ID" for form in table.forms_of(command) for word in form.words):
        parts.append("\n".join([*section(USAGE, "Sessions"), ""]))
    return "\n".join(parts)


def _under(topic: str, table: CommandTable) -> list[str]:
    """The command of that name, or all commands that begin with it, such as those of ``sessions``."""
    if topic in table.commands:
        return [topic]
    return [command for command in table.commands if command.startswith(f"{topic} ")]


def _usage_line(form: Form) -> str:
    """The usage line, wrapped between its elements only."""
    glued = re.sub(r"\[[^\]]*\]|--[\w-]+ [A-Z]+", lambda element: element[0].replace(" ", "\0"), form.text)
    lines = textwrap.wrap(
        f"strands {glued}",
        _WIDTH,
        initial_indent="  ",
        subsequent_indent=" " * (len(form.command) + 11),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace("\0", " ")


def _described(options: Sequence[Option]) -> list[str]:
    lines: list[str] = []
    for option in options:
        short = f"{option.short}, " if option.short else ""
        name = f"  {short}{option.name}{f' {option.value}' if option.value else ''}"
        wrapped = textwrap.wrap(option.help, _WIDTH - 25) or [""]
        lines += [f"{name:<23}  {wrapped[0]}", *(" " * 25 + line for line in wrapped[1:])]
    return lines
