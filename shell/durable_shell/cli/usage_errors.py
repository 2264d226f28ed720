"""What is said about a command line that does not fit: one sentence, the nearest right word, where to look.

No message repeats a user's text raw or at full length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from durable_core.characters import whole
from durable_shell.cli.command_table import CommandTable, Form
from durable_shell.terminal.safe_text import one_line, shortened

UNREADABLE = "--?"
"""Stands before an option that can't be read, so that docopt refuses it."""

_QUOTED = 60  # characters of a user's text that a message repeats at most
_EXAMPLES = {"K=V": "topic=tides", "K=N": "max_tokens=50000"}


class CommandLine(NamedTuple):
    """A command line, spelled out."""

    command: str
    """Only ``sessions`` if the second word is wrong; empty if the first one is."""
    options: list[str]
    """``--name`` or ``--name=value``;
    behind ``--?``, the value is one that a flag does not take, or what follows."""
    words: list[str]
    """Those behind the command's own."""


class UsageProblem(NamedTuple):
    """Why a command line was not understood. Exit code 2."""

    message: str
    """A sentence or two, without ``Error:``."""
    command: str = ""
    """The command whose help says more; empty for the whole usage text."""

    @property
    def text(self) -> str:
        """What to print on standard error, newline included."""
        return f"Error: {self.message}\nSee '{f'strands {self.command}'.rstrip()} --help'.\n"


def no_text(argv: Iterable[str]) -> UsageProblem | None:
    """The first word that is no text, since its bytes are not in the encoding of the command line; or None.

    Python hands such a byte on as half a character, which no file and no model takes.
    """
    for word in argv:
        if whole(word) != word:
            written = "".join(_byte(char) if "\udc80" <= char <= "\udcff" else char for char in word)
            return UsageProblem(f"'{shortened(one_line(written), _QUOTED)}' is not UTF-8 text.")
    return None


def _byte(half: str) -> str:
    return f"\\x{ord(half) - 0xDC00:02x}"


def explained(line: CommandLine, table: CommandTable) -> UsageProblem:
    """What is wrong with a line that docopt refuses: the first thing, in the order a reader would look."""
    if line.command in table.summaries:
        return UsageProblem(next(_reasons(line, table)), line.command)
    if line.command or line.words:
        return unknown_command([*line.command.split(), *line.words], table)
    return UsageProblem(next(_unreadable(line, table), "No command given. To begin: strands run SPEC."))


def misfit_texts(line: CommandLine, table: CommandTable) -> UsageProblem | None:
    """What is wrong with the texts of a line that docopt takes; None if nothing is."""
    form = _form_meant(line, table)
    reasons = [reason for option in line.options for reason in _value_reasons(option, form, table)]
    reasons += _empty_words(line, form)
    return UsageProblem(reasons[0], line.command) if reasons else None


def unknown_command(words: Sequence[str], table: CommandTable) -> UsageProblem:
    """The first words are no command; offers the nearest one."""
    typed = words[0]
    under = [command for command in table.summaries if command.startswith(f"{typed} ")]
    by_last = [command for command in table.summaries if command.split()[-1] == typed.lower()]
    if under and len(words) == 1:
        names = ", ".join(command.removeprefix(f"{typed} ") for command in under)
        return UsageProblem(f"'strands {typed}' needs one of: {names}.")
    if under:
        typed = f"{typed} {words[1]}"
        guess = _guess(typed, under)
    else:  # ``list`` is a near miss of ``sessions list``
        firsts = list(dict.fromkeys(command.split()[0] for command in table.summaries))
        guess = _did_you_mean(by_last[0]) if by_last else _guess(typed, firsts)
    if not guess and typed.lower().endswith((".yaml", ".yml", ".json")):
        guess = _did_you_mean(f"strands run {_short(typed)}")
    return UsageProblem(f"Unknown command '{_short(typed)}'.{guess}")


def _reasons(line: CommandLine, table: CommandTable) -> Iterator[str]:
    """All that is wrong with a line of a known command; the last one holds for whatever docopt refuses."""
    yield from _unreadable(line, table)
    form, seen = _form_meant(line, table), set[str]()
    for token in line.options:
        name = token.partition("=")[0]
        if name not in form.options:
            yield _elsewhere(name, form, table)
        if name in seen and name not in form.repeatable:
            yield f"'{name}' is given more than once."
        yield from _value_reasons(token, form, table)
        seen.add(name)
    for group in form.exclusive:
        if len(group & seen) > 1:
            yield f"{_listed(sorted(group & seen), 'and')} do not go together."
    if not _takes(form, len(line.words)):
        yield _surplus(line, form, table) if len(line.words) > len(form.words) else _missing(form, table)
    yield from _empty_words(line, form)
    yield f"These arguments do not fit: {' '.join(form.text.split())}"


def _unreadable(line: CommandLine, table: CommandTable) -> Iterator[str]:
    """The options that can't be read, whatever stands beside them."""
    known = table.options_of(line.command) if line.command in table.summaries else table.options.values()
    place = f" for 'strands {line.command}'" if line.command else ""
    for typed in (token.removeprefix(UNREADABLE) for token in line.options if token.startswith(UNREADABLE)):
        name, _, value = typed.partition("=")
        option = table.option(name)
        if option is None:
            guess = _guess(f"--{typed.lstrip('-')}", [*(option.name for option in known), "--help"])
            yield f"Unknown option '{_short(typed)}'{place}.{guess}"
        elif not option.value:
            yield f"'{name}' takes no value: got '{_short(value)}'."
        else:
            hint = f" If '{_short(value)}' is the value, write '{_short(typed)}'." if value else ""
            yield f"'{name}' needs a value: {name} {option.value}.{hint}"


def _elsewhere(name: str, form: Form, table: CommandTable) -> str:
    """An option of another command, or of another form of this one."""
    takers = table.commands_with(name)
    if form.command in takers:
        right = next(other for other in table.forms_of(form.command) if name in other.options)
        calls = [f"'strands {form.command} {_needs(one, table)}'" for one in (right, form)]
        return f"'{name}' goes with {calls[0]}, not with {calls[1]}."
    belongs = f" It belongs to: {', '.join(takers)}." if takers else ""
    return f"'strands {form.command}' does not take '{name}'.{belongs}"


def _missing(form: Form, table: CommandTable) -> str:
    ways = [form] if form.required else table.forms_of(form.command)
    return f"'strands {form.command}' needs {' or '.join(dict.fromkeys(_needs(way, table) for way in ways))}."


def _surplus(line: CommandLine, form: Form, table: CommandTable) -> str:
    takes, extra = f"'strands {form.command}' takes", _short(line.words[len(form.words)])
    if form.required:
        ways = " or ".join(_needs(way, table) for way in table.forms_of(form.command))
        return f"{takes} {ways}, not both: got '{extra}'."
    return f"{takes} {' '.join(form.words) or 'no argument'}: '{extra}' is too many."


def _value_reasons(token: str, form: Form, table: CommandTable) -> Iterator[str]:
    """What is wrong with the value of an option, by what the usage text says of it."""
    name, given, value = token.partition("=")
    option, got = table.options[name], f"got '{_short(value)}'."
    if given and option.choices and value not in option.choices:
        yield f"'{name}' takes {_listed(option.choices, 'or')}: {got}{_guess(value, option.choices)}"
    key, equals, number = value.partition("=")
    if option.value in _EXAMPLES and not (equals and key.strip()):
        yield f"'{name}' needs {option.value}, such as {_EXAMPLES[option.value]}: {got}"
    digits = number.replace(".", "", 1)
    if option.value == "K=N" and not (digits.isascii() and digits.isdigit() and digits.strip("0")):
        yield f"'{name}' needs a number above 0 after '=': {got}"
    if given and not value and name in form.required:
        yield _empty(option.value, form)


def _empty_words(line: CommandLine, form: Form) -> Iterator[str]:
    for n, word in enumerate(line.words):
        if word == "":
            yield _empty(form.words[min(n, len(form.words) - 1)], form)


def _empty(name: str, form: Form) -> str:
    """An empty text where a file or a session is named."""
    return f"{name} of 'strands {form.command}' is empty. Is a shell variable unset?"


def _form_meant(line: CommandLine, table: CommandTable) -> Form:
    """The form that the options and then the number of words point at; the first of those that fit alike."""
    given = {token.partition("=")[0] for token in line.options}
    fitting = [form for form in table.forms_of(line.command) if given.issuperset(form.required)]
    return max(fitting, key=lambda form: (len(form.required), _takes(form, len(line.words))))


def _takes(form: Form, count: int) -> bool:
    endless = any(word in form.repeatable for word in form.words)
    return form.fewest <= count and (count <= len(form.words) or endless)


def _needs(form: Form, table: CommandTable) -> str:
    options = (f"{name} {table.options[name].value}".rstrip() for name in form.required)
    return " ".join([*form.words[: form.fewest], *options])


def _short(text: str) -> str:
    return shortened(one_line(text), _QUOTED)


def _listed(names: Iterable[str], last: str) -> str:
    quoted = [f"'{name}'" for name in names]
    return f" {last} ".join([", ".join(quoted[:-1]), quoted[-1]])


def _guess(word: str, names: Sequence[str]) -> str:
    """A question about the name that begins with the word, else the most similar one; else nothing."""
    begun = [name for name in names if len(word.strip("-")) > 1 and name.startswith(word.lower())]
    if len(begun) == 1:
        return _did_you_mean(begun[0])
    from durable_core.spec.suggestions import nearest  # brings difflib, needed for mistakes only

    return _did_you_mean(nearest(word, begun) or nearest(word, names))


def _did_you_mean(guess: str | None) -> str:
    return f" Did you mean '{guess}'?" if guess else ""
