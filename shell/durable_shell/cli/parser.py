"""From a command line to arguments, or to one sentence about what is wrong with it.

Three steps. *Scan*: sort the tokens into options, values and words, by the table that the usage text gives.
*Check*: find the command and the form of it that was meant, and report the first thing that does not fit.
*Match*: docopt says the last word on the shape. It is given placeholders in place of the user's texts, so a
text can't be mistaken for a command, an option or a number, whatever it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from durable_core.catalog.lookup import HERE
from durable_shell.cli.command_table import CommandTable, Form, read_table
from durable_shell.cli.usage import USAGE
from durable_shell.cli.usage_errors import (
    Misuse,
    UsageProblem,
    bad_value,
    clash,
    elsewhere,
    empty_word,
    explained,
    missing,
    no_command,
    refused,
    surplus,
    twice,
    unknown_command,
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
        values = self.given[name]
        return values[-1] if values else None

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


class _Scan(NamedTuple):
    """A command line, sorted but not yet judged."""

    options: list[tuple[str, str | None]]
    words: list[str]
    """All words before ``--``, the command's own included."""
    rest: list[str]
    """Everything after ``--``."""
    misfits: list[Misuse]


def parse(argv: Sequence[str], usage: str = USAGE) -> Arguments | UsageProblem:
    """Read a command line, without the program's name.

    ``--help`` gives the command ``help`` (with the words of the command it stood beside), ``--version`` the
    command ``version``. Never raises for anything a user can type.
    """
    table = read_table(usage)
    scan = _scan(argv, table)
    names = [name for name, _ in scan.options]
    command, length = _command(scan.words, table)
    if "--help" in names:
        return _arguments("help", scan.options, {"COMMAND": tuple(command.split())}, table)
    if "--version" in names:
        return _arguments("version", [], {}, table)
    if not scan.words:
        return explained(scan.misfits[0], None, table) if scan.misfits else no_command()
    if command not in table.commands:
        return unknown_command(scan.words, table)
    if scan.misfits:
        return explained(scan.misfits[0], command, table)
    words = scan.words[length:] + scan.rest
    form = _form_meant(table.forms_of(command), names, len(words))
    problem = _check(form, scan.options, words, table)
    if problem is not None:
        return problem
    return _match(form, scan.options, words, table, usage)


def _scan(argv: Sequence[str], table: CommandTable) -> _Scan:
    scan = _Scan(options=[], words=[], rest=[], misfits=[])
    tokens = list(argv)
    position = 0
    while position < len(tokens):
        token = tokens[position]
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        position += 1
        if token == "--":
            scan.rest.extend(tokens[position:])
            break
        if not _looks_like_an_option(token):
            scan.words.append(token)
        elif token.startswith("--"):
            position += _scan_long(token, following, table, scan)
        else:
            position += _scan_short(token, following, table, scan)
    return scan


def _looks_like_an_option(token: str) -> bool:
    """As argparse has it: a lone dash, a negative number and anything with a space are plain words."""
    return (
        token.startswith("-") and token != "-" and " " not in token.partition("=")[0] and not _number(token)
    )


def _number(token: str) -> bool:
    whole, _, fraction = token[1:].partition(".")
    return (whole + fraction).isdecimal()


def _scan_long(token: str, following: str | None, table: CommandTable, scan: _Scan) -> int:
    """Take in ``--name`` or ``--name=value``; returns how many of the following tokens it used."""
    name, equals, value = token.partition("=")
    option = table.options.get(name)
    if option is None:
        scan.misfits.append(Misuse("unknown", name))
    elif option.value is None:
        if equals:
            scan.misfits.append(Misuse("no value", name, value))
        scan.options.append((name, None))
    elif equals:
        scan.options.append((name, value))
    else:
        return _scan_value(name, following, scan)
    return 0


def _scan_short(token: str, following: str | None, table: CommandTable, scan: _Scan) -> int:
    """Take in ``-q``, ``-qf``, ``-o DIR``, ``-oDIR`` or ``-o=DIR``; returns the following tokens it used."""
    if f"-{token.partition('=')[0]}" in table.options:  # -force: a long name short of one dash
        scan.misfits.append(Misuse("unknown", token.partition("=")[0]))
        return 0
    shorts = {option.short: option for option in table.options.values() if option.short}
    letters = token[1:]
    for n, letter in enumerate(letters):
        option = shorts.get(f"-{letter}")
        if option is None:
            scan.misfits.append(Misuse("unknown", token if n == 0 else f"-{letter}"))
            return 0
        attached = letters[n + 1 :]
        if option.value is None:
            scan.options.append((option.name, None))
            if attached.startswith("="):
                scan.misfits.append(Misuse("no value", f"-{letter}", attached[1:]))
                return 0
        elif attached:
            scan.options.append((option.name, attached.removeprefix("=")))
            return 0
        else:
            return _scan_value(option.name, following, scan)
    return 0


def _scan_value(name: str, following: str | None, scan: _Scan) -> int:
    if following is None or following == "--" or _looks_like_an_option(following):
        scan.misfits.append(Misuse("needs value", name, following or ""))
        return 0
    scan.options.append((name, following))
    return 1


def _command(words: list[str], table: CommandTable) -> tuple[str, int]:
    """The longest command that the words begin with and how many words it takes; as far as they fit, else."""
    for length in (2, 1):
        candidate = " ".join(words[:length])
        if candidate in table.commands:
            return candidate, length
    if words and any(command.startswith(f"{words[0]} ") for command in table.commands):
        return words[0], 1
    return "", 0


def _form_meant(forms: tuple[Form, ...], names: list[str], count: int) -> Form:
    """The form that the options and the number of words point at; the first, when none does."""
    fitting = [form for form in forms if set(form.required) <= set(names)] or list(forms)
    most = max(len(form.required) for form in fitting)
    closest = [form for form in fitting if len(form.required) == most]
    return next((form for form in closest if _takes(form, count)), closest[0])


def _takes(form: Form, count: int) -> bool:
    least = sum(word.required for word in form.words)
    return count >= least and (count <= len(form.words) or any(word.repeats for word in form.words))


def _check(
    form: Form, options: list[tuple[str, str | None]], words: list[str], table: CommandTable
) -> UsageProblem | None:
    """The first thing that does not fit the form, in the order a reader would look."""
    seen: set[str] = set()
    for name, value in options:
        if name not in form.options:
            return elsewhere(name, form, table)
        if value is not None:
            if name in seen and name not in form.repeatable:
                return twice(name, form)
            if (problem := bad_value(table.options[name], value, form)) is not None:
                return problem
            if value == "" and name in form.required:
                return empty_word(table.options[name].value or name, form)
        seen.add(name)
    for group in form.exclusive:
        if len(group & seen) > 1:
            return clash(group & seen, form)
    if not _takes(form, len(words)):
        least = sum(word.required for word in form.words)
        return missing(form, table) if len(words) < least else surplus(form, words, table)
    for n, word in enumerate(words):
        if word == "":
            return empty_word(form.words[min(n, len(form.words) - 1)].name, form)
    return None


def _match(
    form: Form, options: list[tuple[str, str | None]], words: list[str], table: CommandTable, usage: str
) -> Arguments | UsageProblem:
    """Let docopt judge the shape, with placeholders for texts, and put the texts back."""
    from docopt import DocoptExit, docopt

    texts: dict[str, str] = {}
    line = form.command.split()
    for name, value in options:
        if value is None and name not in line:  # a flag given twice says nothing new
            line.append(name)
        elif value is not None:
            placeholder = f"text{len(texts)}"
            texts[placeholder] = value
            line.append(f"{name}={placeholder}")
    for word in words:
        placeholder = f"text{len(texts)}"
        texts[placeholder] = word
        line.append(placeholder)
    described = usage.partition("\nOptions:\n")[2]
    try:
        found = docopt(f"Usage: strands {form.text}\n\nOptions:\n{described}", line, default_help=False)
    except DocoptExit:
        return refused(form)
    given: dict[str, tuple[str, ...]] = {}
    for name, value in found.items():
        placeholders = value if isinstance(value, list) else [value]
        if any(isinstance(placeholder, str) for placeholder in placeholders):
            given[name] = tuple(texts[placeholder] for placeholder in placeholders)
    if form.command == "run" and "--resume" in given:
        return _arguments("resume", options, {**given, "ID": given["--resume"]}, table)
    if form.command == "run" and found.get("--continue"):
        return _arguments("resume", options, {**given, "ID": (HERE,)}, table)
    return _arguments(form.command, options, given, table)


def _arguments(
    command: str,
    options: list[tuple[str, str | None]],
    given: Mapping[str, tuple[str, ...]],
    table: CommandTable,
) -> Arguments:
    names = {name for name, _ in options}
    words = [word.name for form in table.forms for word in form.words]
    texts = [name for name, option in table.options.items() if option.value is not None]
    flags = {name: name in names for name, option in table.options.items() if option.value is None}
    return Arguments(
        command=command,
        flags=MappingProxyType(flags),
        given=MappingProxyType({name: given.get(name, ()) for name in [*texts, *words]}),
    )
