"""The option and command table, read from the usage text.

docopt reads the same text, but keeps what it learned to itself and reports mistakes in its own words. This
table is what the argument parser, the help of single commands and the docs' reference page work with, so
that none of them holds a second list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from durable_shell.cli.usage import USAGE

_TOKEN = re.compile(r"\.\.\.|[\[\]()|]|[^\s\[\]()|.]+(?:\.(?!\.\.)[^\s\[\]()|.]*)*")
_OPTION_LINE = re.compile(r"^  (?:(-\w), )?(--[\w-]+)(?: (\S+))?(?:  +(.*))?$")
_ONE_OF = re.compile(r"\[one of: ([^\]]*)\]")
_EITHER = re.compile(r"[\[(]\s*([^\[\]()|]+(?:\|[^\[\]()|]+)+?)\s*[\])]")
_SUMMARY_LINE = re.compile(r"^  ([a-z][a-z ]*?)  +(.*)$")


class Option(NamedTuple):
    """One option, as the Options section describes it."""

    name: str
    """The long form, such as ``--out``."""
    short: str | None
    """The short form, such as ``-o``."""
    value: str | None
    """What its value is called, such as ``DIR``; None for a flag."""
    choices: tuple[str, ...]
    """The values it takes; empty when any will do."""
    help: str
    """Its description, on one line."""


class Word(NamedTuple):
    """A positional argument in one usage line, such as ``SPEC`` or ``ID...``."""

    name: str
    required: bool
    repeats: bool


class Form(NamedTuple):
    """One usage line: one way to call a command."""

    command: str
    """The command's words, such as ``sessions list``; empty for ``strands --help``."""
    text: str
    """The line itself without ``strands``, on one line, in docopt's language."""
    words: tuple[Word, ...]
    options: tuple[str, ...]
    """Long names of the options it takes."""
    required: tuple[str, ...]
    """Those it can't do without."""
    repeatable: frozenset[str]
    """Those that may be given more than once."""
    exclusive: tuple[frozenset[str], ...]
    """Groups of which one member at most may be given."""


class CommandTable(NamedTuple):
    """Everything the usage text says."""

    options: dict[str, Option]
    """By long name, in the order of the text."""
    forms: tuple[Form, ...]
    summaries: dict[str, str]
    """What each command does, in one sentence."""
    groups: dict[str, tuple[str, ...]]
    """Heading (such as ``Session commands``) to the commands under it."""

    @property
    def commands(self) -> tuple[str, ...]:
        """Every command once, in the order of the usage lines."""
        return tuple(dict.fromkeys(form.command for form in self.forms if form.command))

    def forms_of(self, command: str) -> tuple[Form, ...]:
        """The ways to call one command."""
        return tuple(form for form in self.forms if form.command == command)

    def options_of(self, command: str) -> tuple[Option, ...]:
        """The options of one command, over all its forms, in the order of the Options section."""
        names = {name for form in self.forms_of(command) for name in form.options}
        return tuple(option for name, option in self.options.items() if name in names)

    def commands_with(self, option: str) -> tuple[str, ...]:
        """The commands that take an option, given by its long name."""
        return tuple(
            command for command in self.commands if any(option in f.options for f in self.forms_of(command))
        )


def section(usage: str, heading: str) -> list[str]:
    """The lines under ``heading:`` up to the next line that isn't indented, blank lines left out."""
    lines = usage.splitlines()
    start = lines.index(f"{heading}:") + 1
    found: list[str] = []
    for line in lines[start:]:
        if line and not line.startswith(" "):
            break
        if line:
            found.append(line)
    return found


def read_table(usage: str = USAGE) -> CommandTable:
    """Read the table from a usage text. Raises ValueError if the text contradicts itself: our bug."""
    options = {option.name: option for option in _options(usage)}
    forms = tuple(_form(line, options) for line in _usage_lines(usage))
    groups: dict[str, tuple[str, ...]] = {}
    summaries: dict[str, str] = {}
    for heading in re.findall(r"^(\w+ commands):$", usage, flags=re.M):
        found = [match for line in section(usage, heading) if (match := _SUMMARY_LINE.match(line))]
        groups[heading] = tuple(match[1] for match in found)
        summaries |= {match[1]: match[2] for match in found}
    table = CommandTable(options=options, forms=forms, summaries=summaries, groups=groups)
    if set(table.commands) != set(summaries):
        raise ValueError(f"usage lines and command summaries differ: {set(table.commands) ^ set(summaries)}")
    return table


def _options(usage: str) -> Iterator[Option]:
    """The Options section; a line that does not begin with an option goes on with the one above it."""
    starts: list[re.Match[str]] = []
    texts: list[list[str]] = []
    for line in section(usage, "Options"):
        match = _OPTION_LINE.match(line)
        if match:
            starts.append(match)
            texts.append([match[4] or ""])
        elif line.startswith("   "):
            texts[-1].append(line.strip())
        else:
            break  # the remarks below the options
    for match, text in zip(starts, texts, strict=True):
        description = " ".join(text).strip()
        chosen = _ONE_OF.search(description)
        choices = tuple(chosen[1].split(", ")) if chosen else ()
        yield Option(name=match[2], short=match[1], value=match[3], choices=choices, help=description)


def _usage_lines(usage: str) -> list[str]:
    """The usage lines, each joined into one and without the leading ``strands``."""
    joined = " ".join(" ".join(section(usage, "Usage")).split())
    return [line.strip() for line in joined.split("strands ") if line.strip()]


def _form(line: str, options: dict[str, Option]) -> Form:
    tokens = _TOKEN.findall(line)
    first = next((n for n, token in enumerate(tokens) if not token.islower() or token[0] == "-"), len(tokens))
    elements = list(_elements(tokens[first:], options))
    named = [element for element in elements if element.name in options]
    return Form(
        command=" ".join(tokens[:first]),
        text=line,
        words=tuple(element for element in elements if element.name not in options),
        options=tuple(element.name for element in named),
        required=tuple(element.name for element in named if element.required),
        repeatable=frozenset(element.name for element in named if element.repeats),
        exclusive=tuple(frozenset(re.split(r"\s*\|\s*", group)) for group in _EITHER.findall(line)),
    )


def _elements(tokens: list[str], options: dict[str, Option]) -> Iterator[Word]:
    """The options and words of a usage line, the former by their long name."""
    depth = 0
    waiting = iter(enumerate(tokens))
    for position, token in waiting:
        if token in ("[", "("):
            depth += 1
        elif token in ("]", ")"):
            depth -= 1
        elif token.startswith("-"):
            if token not in options:
                raise ValueError(f"{token} is in a usage line but not in the Options section")
            value = options[token].value
            end = position if value is None else next(waiting)[0]
            if value is not None and tokens[end] != value:
                raise ValueError(
                    f"{token} takes {value} in the Options section, {tokens[end]} in a usage line"
                )
            yield Word(name=token, required=not depth, repeats=_repeats(tokens, end))
        elif token not in ("|", "..."):
            yield Word(name=token, required=not depth, repeats=_repeats(tokens, position))


def _repeats(tokens: list[str], position: int) -> bool:
    """Whether the element that ends at ``position``, or the bracket around it, is followed by dots."""
    after = [token for token in tokens[position + 1 : position + 3] if token not in ("]", ")")]
    return after[:1] == ["..."]
