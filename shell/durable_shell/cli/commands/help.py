"""``strands help [COMMAND]`` and ``strands COMMAND --help``: all help, or one command's."""

from __future__ import annotations

from textwrap import fill

from durable_shell.app import App
from durable_shell.cli.command_table import CommandTable, read_table, section
from durable_shell.cli.exit_codes import Exit
from durable_shell.cli.parser import Arguments
from durable_shell.cli.usage import USAGE
from durable_shell.cli.usage_errors import unknown_command


def run(arguments: Arguments, app: App) -> int:
    """Print help on standard output. An unknown command is a usage error."""
    words, table = arguments.words("COMMAND"), read_table()
    topic = " ".join(words)
    commands = [name for name in table.summaries if name == topic or name.startswith(f"{topic} ")]
    if words and not commands:
        app.environment.stderr.write(unknown_command(words, table).text)
        return Exit.USAGE
    app.environment.stdout.write("\n".join(help_of(name, table) for name in commands) if words else USAGE)
    return Exit.DONE


def help_of(command: str, table: CommandTable) -> str:
    """The help of one command: the parts of the usage text that are about it."""
    forms, options = table.forms_of(command), (*table.options_of(command), table.options["--help"])
    examples = [line for line in section(USAGE, "Examples") if line.startswith(f"  strands {command} ")]
    parts = [
        fill(f"strands {command} - {table.summaries[command]}", 80, subsequent_indent="  ").split("\n"),
        ["Examples:", *examples] if examples else [],
        ["Usage:", *(form.text for form in forms)],
        ["Options:", *(option.text for option in options)],
        section(USAGE, "Sessions") if any("ID" in form.words for form in forms) else [],
    ]
    return "\n".join("\n".join([*part, ""]) for part in parts if part)
