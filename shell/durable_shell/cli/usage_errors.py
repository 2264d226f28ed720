"""What is said about a command line that does not fit: one sentence, the nearest right word, where to look.

Each function gives the problem whole. None of them ever repeats a user's text raw or at full length.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Literal, NamedTuple, assert_never

from durable_shell.cli.command_table import CommandTable, Form, Option
from durable_shell.terminal.messages.run import one_line, shortened

_QUOTED = 60  # characters of a user's text that a message repeats at most
_LONGEST_GUESS = 40  # no name of ours is near a word longer than this


class UsageProblem(NamedTuple):
    """Why a command line was not understood. Exit code 2."""

    message: str
    """A sentence or two, without ``Error:``."""
    see: str
    """The command whose help says more, such as ``strands run --help``."""

    @property
    def text(self) -> str:
        """What to print on standard error, newline included."""
        return f"Error: {self.message}\nSee '{self.see}'.\n"


class Misuse(NamedTuple):
    """A token that can't be read at all, found before the command is known."""

    kind: Literal["unknown", "no value", "needs value"]
    name: str
    value: str = ""


def explained(misfit: Misuse, command: str | None, table: CommandTable) -> UsageProblem:
    """The problem with one token, for the command it was meant for, if that is known."""
    see = _see(command)
    match misfit.kind:
        case "unknown":
            known = table.options_of(command) if command else tuple(table.options.values())
            names = [option.name for option in known]
            guess = _nearest(f"--{misfit.name.lstrip('-')}", [*names, "--help"])
            place = f" for 'strands {command}'" if command else ""
            return UsageProblem(f"Unknown option {_quote(misfit.name)}{place}.{_did_you_mean(guess)}", see)
        case "no value":
            return UsageProblem(f"'{misfit.name}' takes no value: got {_quote(misfit.value)}.", see)
        case "needs value":
            called = table.options[misfit.name].value or "value"
            message = f"'{misfit.name}' needs a value: {misfit.name} {called}."
            if misfit.value.startswith("-") and misfit.value != "--":
                message += (
                    f" If {_quote(misfit.value)} is the value, write"
                    f" {_quote(f'{misfit.name}={misfit.value}')}."
                )
            return UsageProblem(message, see)
        case _ as never:
            assert_never(never)


def no_command() -> UsageProblem:
    """Options only, and none of them --help or --version."""
    return UsageProblem("No command given. To begin: strands run SPEC.", "strands --help")


def unknown_command(words: Sequence[str], table: CommandTable) -> UsageProblem:
    """The first words are no command; offers the nearest one."""
    first = words[0]
    under = [command for command in table.commands if command.startswith(f"{first} ")]
    if under:
        if len(words) == 1:
            names = ", ".join(command.removeprefix(f"{first} ") for command in under)
            return UsageProblem(f"'strands {first}' needs one of: {names}.", "strands --help")
        typed = f"{first} {words[1]}"
        guess = _nearest(typed, under)
    else:
        typed = first
        guess = _nearest_command(first, table)
    if guess is None and typed.lower().endswith((".yaml", ".yml", ".json")):
        guess = f"strands run {shortened(one_line(typed), _QUOTED)}"
    return UsageProblem(f"Unknown command {_quote(typed)}.{_did_you_mean(guess)}", "strands --help")


def elsewhere(name: str, form: Form, table: CommandTable) -> UsageProblem:
    """An option of another command, or of another form of this one."""
    takers = table.commands_with(name)
    if form.command in takers:
        right = next(other for other in table.forms_of(form.command) if name in other.options)
        message = f"'{name}' goes with '{_call(right, table)}', not with '{_call(form, table)}'."
    elif takers:
        message = f"'strands {form.command}' does not take '{name}'. It belongs to: {', '.join(takers)}."
    else:
        message = f"'strands {form.command}' does not take '{name}'."
    return UsageProblem(message, _see(form.command))


def twice(name: str, form: Form) -> UsageProblem:
    """An option with a value, given more than once though it may not be."""
    return UsageProblem(f"'{name}' is given more than once.", _see(form.command))


def clash(names: AbstractSet[str], form: Form) -> UsageProblem:
    """Options of which one at most may be given."""
    return UsageProblem(f"{_listed(sorted(names), 'and')} do not go together.", _see(form.command))


def bad_value(option: Option, value: str, form: Form) -> UsageProblem | None:
    """A value that is not of the shape or among the choices that the usage text names; None if it is."""
    if option.choices and value not in option.choices:
        guess = _nearest(value, option.choices)
        message = f"'{option.name}' takes {_listed(option.choices, 'or')}: got {_quote(value)}."
        return UsageProblem(message + _did_you_mean(guess), _see(form.command))
    name, equals, number = value.partition("=")
    if option.value in ("K=V", "K=N") and not (equals and name.strip()):
        example = "topic=tides" if option.value == "K=V" else "max_tokens=50000"
        message = f"'{option.name}' needs {option.value}, such as {example}: got {_quote(value)}."
        return UsageProblem(message, _see(form.command))
    if option.value == "K=N" and not _positive(number):
        message = f"'{option.name}' needs a number above 0 after '=': got {_quote(value)}."
        return UsageProblem(message, _see(form.command))
    return None


def missing(form: Form, table: CommandTable) -> UsageProblem:
    """A word that the command can't do without is not there."""
    ways = dict.fromkeys(_needs(other, table) for other in table.forms_of(form.command))
    needs = " or ".join(ways) if not form.required else _needs(form, table)
    return UsageProblem(f"'strands {form.command}' needs {needs}.", _see(form.command))


def surplus(form: Form, words: Sequence[str], table: CommandTable) -> UsageProblem:
    """More words than the command takes."""
    extra = _quote(words[len(form.words)])
    if form.required:
        ways = " or ".join(_needs(other, table) for other in table.forms_of(form.command))
        return UsageProblem(
            f"'strands {form.command}' takes {ways}, not both: got {extra}.", _see(form.command)
        )
    takes = " ".join(word.name for word in form.words) or "no argument"
    return UsageProblem(f"'strands {form.command}' takes {takes}: {extra} is too many.", _see(form.command))


def empty_word(name: str, form: Form) -> UsageProblem:
    """An empty text where a file or a session is named: most often an unset shell variable."""
    message = f"{name} of 'strands {form.command}' is empty. Is a shell variable unset?"
    return UsageProblem(message, _see(form.command))


def refused(form: Form) -> UsageProblem:
    """docopt refuses what our own checks let pass: the usage text says more than they read."""
    return UsageProblem(f"These arguments do not fit: strands {form.text}", _see(form.command))


def _positive(number: str) -> bool:
    whole, _, fraction = number.partition(".")
    digits = whole + fraction
    return digits.isascii() and digits.isdigit() and digits.strip("0") != ""


def _needs(form: Form, table: CommandTable) -> str:
    options = [f"{name} {table.options[name].value or ''}".rstrip() for name in form.required]
    return " ".join([*(word.name for word in form.words if word.required), *options])


def _call(form: Form, table: CommandTable) -> str:
    return f"strands {form.command} {_needs(form, table)}".rstrip()


def _see(command: str | None) -> str:
    return f"strands {command} --help" if command else "strands --help"


def _quote(text: str) -> str:
    return f"'{shortened(one_line(text), _QUOTED)}'"


def _listed(names: Iterable[str], last: str) -> str:
    quoted = [f"'{name}'" for name in names]
    return f" {last} ".join([", ".join(quoted[:-1]), quoted[-1]])


def _did_you_mean(guess: str | None) -> str:
    return f" Did you mean '{guess}'?" if guess else ""


def _nearest_command(word: str, table: CommandTable) -> str | None:
    """Also ``list`` for ``sessions list``: a command's last word alone is a near miss."""
    by_last = [command for command in table.commands if command.split()[-1] == word.lower()]
    firsts = list(dict.fromkeys(command.split()[0] for command in table.commands))
    return by_last[0] if by_last else _nearest(word, firsts)


def _nearest(word: str, names: Sequence[str]) -> str | None:
    """The one name that begins with the word, else the most similar one, else None."""
    if len(word) > _LONGEST_GUESS:
        return None
    lowered = word.lower()
    begun = [name for name in names if len(lowered.strip("-")) > 1 and name.startswith(lowered)]
    if len(begun) == 1:
        return begun[0]
    from difflib import get_close_matches  # slow to import, and needed for mistakes only

    return next(iter(get_close_matches(lowered, names, n=1, cutoff=0.6)), None)
