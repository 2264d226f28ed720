"""From a command line to arguments, or to one sentence about what is wrong with it.

docopt judges the line, by the usage text. Some spellings it reads otherwise than users mean them: it
completes ``--forc``, refuses a flag given twice, and takes ``--force`` for the value of ``--out``. So a
line is spelled out first: ``-fo=dir a.yaml`` becomes ``--force --out=dir -- a.yaml``. That judges nothing:
what can't be read is marked, and docopt refuses the mark. ``usage_errors`` explains what was refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from durable_core.catalog.lookup import HERE
from durable_shell.cli.command_table import CommandTable, Option, read_table
from durable_shell.cli.usage import USAGE
from durable_shell.cli.usage_errors import (
    UNREADABLE,
    CommandLine,
    UsageProblem,
    explained,
    misfit_texts,
    no_text,
)


class Arguments(NamedTuple):
    """A command line that fits. Asking for a name that the usage text lacks raises KeyError: our typo."""

    command: str
    """Such as ``run`` or ``sessions list``. ``run --resume ID`` arrives as ``resume`` with the word ID,
    ``run --continue`` as ``resume`` of the session that ``@here`` means."""
    flags: Mapping[str, bool]
    """By long name; every flag of the usage text, False where not given."""
    given: Mapping[str, tuple[str, ...]]
    """Texts of options (by long name) and of words (by name), in the order given; empty where not given."""

    def flag(self, name: str) -> bool:
        """Whether a flag such as ``--force`` was given."""
        return self.flags[name]

    def text(self, name: str) -> str | None:
        """The value of an option such as ``--out``; None if it was not given."""
        return self.given[name][-1] if self.given[name] else None

    def texts(self, name: str) -> tuple[str, ...]:
        """All values of an option that may be repeated, such as ``--var``."""
        return self.given[name]

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """Names and values of an option whose value is K=V, in the order given, repeated names included."""
        return tuple((name, value) for name, _, value in (text.partition("=") for text in self.given[name]))

    def word(self, name: str) -> str:
        """A word that the command can't do without, such as ``SPEC``."""
        return self.given[name][0]

    def words(self, name: str) -> tuple[str, ...]:
        """The words under one name, such as the IDs of ``sessions delete ID...``."""
        return self.given[name]


def parse(argv: Sequence[str], usage: str = USAGE) -> Arguments | UsageProblem:
    """Read a command line, without the program's name.

    ``--help`` gives the command ``help`` (with the words of the command it stood beside), ``--version`` the
    command ``version``. Never raises for anything a user can type.
    """
    if problem := no_text(argv):
        return problem
    from docopt import DocoptExit, docopt

    table = read_table(usage)
    line = spelled_out(argv, table)
    asked = {token.partition("=")[0].removeprefix(UNREADABLE) for token in line.options}
    if asked & {"--help", "-h"}:
        return _arguments("help", {"COMMAND": line.command.split()}, table)
    if "--version" in asked:
        return _arguments("version", {}, table)
    if line.command not in table.summaries:
        return explained(line, table)
    call = f"strands {line.command}"
    forms = [form.text.replace(call, f"{call} --", 1) for form in table.forms_of(line.command)]
    options = [option.text for option in table.options_of(line.command)]  # of one command: docopt is slow
    grammar = "\n".join(["Usage:", *forms, "", "Options:", *options])
    try:
        found = docopt(grammar, [*line.command.split(), *line.options, "--", *line.words], default_help=False)
    except DocoptExit:
        return explained(line, table)
    if problem := misfit_texts(line, table):
        return problem
    if session := found.get("--resume") or (found.get("--continue") and HERE):
        return _arguments("resume", {**found, "ID": session}, table)
    return _arguments(line.command, found, table)


def spelled_out(argv: Sequence[str], table: CommandTable) -> CommandLine:
    """A command line in the one spelling that docopt and our users read alike."""
    end = argv.index("--") if "--" in argv else len(argv)
    waiting, words, options = list(argv[:end]), list[str](), list[str]()
    while waiting:
        token = waiting.pop(0)
        if not _is_option(token):
            words.append(token)
            continue
        for typed, attached in _options_in(token, table):
            option, value = table.option(typed), attached
            if option and option.value and value is None and waiting and not _is_option(waiting[0]):
                value = waiting.pop(0)
            match option, value:
                case None, _:
                    options.append(UNREADABLE + typed)
                case Option(value=""), None:
                    options += [option.name] if option.name not in options else []
                case Option(value=""), _:
                    options.append(f"{UNREADABLE}{typed}={value}")
                case _, None:
                    options.append(f"{UNREADABLE}{option.name}={''.join(waiting[:1])}")
                case _:
                    options.append(f"{option.name}={value}")
    command = next((name for n in (2, 1) if (name := " ".join(words[:n])) in table.beginnings), "")
    rest = argv[end + 1 :] if command in table.summaries else ()
    return CommandLine(command, options, [*words[len(command.split()) :], *rest])


def _is_option(token: str) -> bool:
    """As argparse has it: a lone dash, a negative number and anything with a space are plain words."""
    number = token[1:].replace(".", "", 1).isdecimal()
    return token.startswith("-") and token != "-" and " " not in token.partition("=")[0] and not number


def _options_in(token: str, table: CommandTable) -> Iterator[tuple[str, str | None]]:
    """Each option in a token, with the value joined to it: ``--out=dir`` holds one, ``-fo=dir`` two."""
    name, equals, value = token.partition("=")
    if token.startswith("--") or table.option(f"-{name}"):  # -force: a long name short of one dash
        yield name, value if equals else None
        return
    for n, letter in enumerate(token[1:], start=2):
        option, rest = table.option(f"-{letter}"), token[n:]
        if option is None:
            yield token if n == 2 else f"-{letter}", None
            return
        if rest and (option.value or rest.startswith("=")):
            yield f"-{letter}", rest.removeprefix("=")
            return
        yield f"-{letter}", None


def _arguments(command: str, found: Mapping[str, Any], table: CommandTable) -> Arguments:
    flags = {name: found.get(name) is True for name, option in table.options.items() if not option.value}
    words = (word for form in table.forms for word in form.words)
    given = {}
    for name in (*(table.options.keys() - flags.keys()), *words):
        texts = found.get(name)
        given[name] = (texts,) if isinstance(texts, str) else tuple(texts or ())
    return Arguments(command, MappingProxyType(flags), MappingProxyType(given))
