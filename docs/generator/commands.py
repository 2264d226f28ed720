"""The command line and its exit codes, from the usage text and from the enum that the commands return."""

from __future__ import annotations

from textwrap import dedent

from docs.generator.constants import constants
from docs.generator.markdown import plain, table
from durable_shell.cli import exit_codes as exits
from durable_shell.cli.command_table import CommandTable, Option, read_table, section
from durable_shell.cli.usage import USAGE
from durable_shell.providers.factory import MODEL_FACTORIES


def command_line() -> str:
    """Every command: what it does, how to call it, its options."""
    found = read_table()
    parts = []
    for heading, commands in found.groups.items():
        parts.append(f"## {heading}")
        parts.extend(_command(found, command) for command in commands)
    return "\n\n".join(parts)


def every_option() -> str:
    """All options, and the commands that take each."""
    found = read_table()
    rows = [
        (_spelled(option), option.help, ", ".join(f"`{name}`" for name in found.commands_with(option.name)))
        for option in found.options.values()
    ]
    return table(("Option", "Meaning", "Commands"), rows)


def environment_variables() -> str:
    """The environment variables of the usage text."""
    rows = (line.split(maxsplit=1) for line in section(USAGE, "Environment"))
    return table(("Variable", "Meaning"), [(f"`{name}`", meaning) for name, meaning in rows])


def exit_codes() -> str:
    """Each exit code, what it is called in the source, and what it means."""
    found = constants(exits.Exit, exits)
    rows = [(f"{exits.Exit[one.name].value}", f"`{one.name}`", one.meaning) for one in found]
    return table(("Code", "Name", "Meaning"), rows)


def providers() -> str:
    """What each provider needs: the extra that brings its client, a key, a model's name."""
    rows = [
        (
            f"`{name}`",
            f"`{one.extra}`" if one.extra else "none",
            " or ".join(f"`{key}`" for key in one.keys) or "none",
            "yes" if one.needs_model else "no",
        )
        for name, one in MODEL_FACTORIES.items()
    ]
    return table(("Provider", "Extra", "Key, in the environment", "Needs `model_id`"), rows)


def _command(found: CommandTable, command: str) -> str:
    forms = dedent("\n".join(form.text for form in found.forms_of(command)))
    parts = [f"### strands {command}", plain(found.summaries[command]), f"```\n{forms}\n```"]
    options = found.options_of(command)
    if options:
        parts.append(table(("Option", "Meaning"), [(_spelled(option), option.help) for option in options]))
    return "\n\n".join(parts)


def _spelled(option: Option) -> str:
    names = ", ".join(f"`{name}`" for name in (option.short, option.name) if name)
    return f"{names} `{option.value}`" if option.value else names
