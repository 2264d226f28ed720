"""The commands and options, read from the usage text, so that nothing holds a second list of them.

docopt reads the same text to judge a line. From this table come the reasons why docopt refused one, the
help of one command, and the reference page of the docs.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import takewhile
from typing import NamedTuple

from durable_shell.cli.usage import USAGE

_OPTION = re.compile(r"^(  (?:(-\w), )?(--[\w-]+)(?: (\S+))?  +(.*(?:\n {4,}.*)*))$", re.MULTILINE)
_USAGE = re.compile(r"^  strands .*(?:\n {4,}.*)*$", re.MULTILINE)
_COMMAND = re.compile(r"^  ([a-z][a-z ]*?)  +(.*)$")
_ELEMENT = re.compile(r"(--[\w-]+)(?: [A-Z=]+)?|([A-Z]+)")  # an option with its value, or a word
_BRACKETS = re.compile(r"\[[^\]]*\]|\([^)]*\)")


class Option(NamedTuple):
    """One option. What it does not have is empty."""

    name: str
    short: str
    value: str
    """What its value is called, such as ``DIR``; empty for a flag."""
    choices: tuple[str, ...]
    """The values it takes; empty when any will do."""
    help: str
    text: str
    """Its lines in the usage text."""


class Form(NamedTuple):
    """One usage line: one way to call a command."""

    command: str
    """Such as ``sessions list``; empty for ``strands --help``."""
    text: str
    """As it stands in the usage text, in docopt's language."""
    words: tuple[str, ...]
    """Such as ``SPEC``; those it can do without are last."""
    fewest: int
    """How many words it can't do without."""
    options: tuple[str, ...]
    required: tuple[str, ...]
    """The options it can't do without."""
    repeatable: tuple[str, ...]
    """The words and options that may be given more than once."""
    exclusive: tuple[set[str], ...]
    """Groups of options of which one at most may be given."""


class CommandTable(NamedTuple):
    """Everything the usage text says. Options are known by their long names."""

    options: dict[str, Option]
    forms: tuple[Form, ...]
    groups: dict[str, dict[str, str]]
    """By heading, such as ``Session commands``: each command, and what it does."""

    @property
    def summaries(self) -> dict[str, str]:
        """Each command, and what it does."""
        return {command: text for group in self.groups.values() for command, text in group.items()}

    @property
    def beginnings(self) -> set[str]:
        """Each command, and the first word of each."""
        return {*self.summaries, *(command.split()[0] for command in self.summaries)}

    def option(self, typed: str) -> Option | None:
        """The option of a long or a short name."""
        return next(
            (option for option in self.options.values() if typed in (option.name, option.short)), None
        )

    def forms_of(self, command: str) -> tuple[Form, ...]:
        """The ways to call one command."""
        return tuple(form for form in self.forms if form.command == command)

    def options_of(self, command: str) -> tuple[Option, ...]:
        """The options of one command, over all its forms, in the order of the Options section."""
        taken = {name for form in self.forms_of(command) for name in form.options}
        return tuple(option for option in self.options.values() if option.name in taken)

    def commands_with(self, option: str) -> tuple[str, ...]:
        """The commands that take an option."""
        return tuple(dict.fromkeys(f.command for f in self.forms if f.command and option in f.options))


def section(usage: str, heading: str) -> list[str]:
    """The lines under ``heading:`` up to the next line that isn't indented, blank lines left out."""
    lines = usage[usage.index(f"\n{heading}:\n") :].splitlines()[2:]
    return [line for line in takewhile(lambda line: line[:1] in ("", " "), lines) if line]


@cache
def read_table(usage: str = USAGE) -> CommandTable:
    """Read the table from a usage text."""
    described = usage.partition("\nOptions:\n")[2]
    options = {found[2]: _option(*found) for found in _OPTION.findall(described)}
    forms = tuple(map(_form, _USAGE.findall("\n".join(section(usage, "Usage")))))
    groups = {
        heading: {m[1]: m[2] for m in map(_COMMAND.match, section(usage, heading)) if m}
        for heading in re.findall(r"^(\w+ commands):$", usage, re.MULTILINE)
    }
    return CommandTable(options, forms, groups)


def _option(text: str, short: str, name: str, value: str, described: str) -> Option:
    one_line = " ".join(described.split())
    choices = re.search(r"\[one of: ([^\]]*)\]", one_line)
    return Option(name, short, value, tuple(choices[1].split(", ")) if choices else (), one_line, text)


def _form(text: str) -> Form:
    elements, required = _ELEMENT.findall(text), _ELEMENT.findall(_BRACKETS.sub("", text))
    either = [part for part in _BRACKETS.findall(text) if "|" in part]
    return Form(
        command=re.split(r"[^a-z ]", text, maxsplit=1)[0].removeprefix("  strands ").strip(),
        text=text,
        words=tuple(word for _, word in elements if word),
        fewest=sum(bool(word) for _, word in required),
        options=tuple(option for option, _ in elements if option),
        required=tuple(option for option, _ in required if option),
        repeatable=tuple(re.findall(r"(--[\w-]+|[A-Z]+)(?: [A-Z]=[A-Z]| [A-Z]+)?\]?\.\.\.", text)),
        exclusive=tuple(set(re.findall(r"--[\w-]+", part)) for part in either),
    )
