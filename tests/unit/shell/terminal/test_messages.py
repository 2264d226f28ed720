"""All messages: what stands in them came from a model, a file or a server. None is endless or steers."""

from __future__ import annotations

import inspect
import json
import re
import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import is_dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

import durable_shell.terminal.messages as package
from durable_core.bounds import LAST_MOMENT, MOST_COUNTED
from durable_core.journal.verification import Loss
from durable_core.session.belongings import Belongings
from durable_shell.terminal.messages.errors import spec_problem
from durable_shell.terminal.messages.origin import from_elsewhere
from durable_shell.terminal.safe_text import MOST_LISTED, MOST_OF_A_LINE, json_text, one_line, some

LONG = "x \u202e\x1b[2J\ud83d\n" * 2_000
"""Longer than anybody reads. It would turn the line, wipe the screen, and break a stream."""

MANY = 300

MOST: dict[str, int] = {"spec_problems": 40_000, "doubts_open": 200_000}
"""Characters that a message may have. Some have room for a list, with commands to copy."""

CONTENT = {"question", "question_open", "plan_lines"}
"""What is there to be read as a whole: a draft that a person judges, the prompts of a plan."""

BELONGINGS = Belongings(
    out=LONG, force=True, folder=LONG, spec_path=LONG, secrets=(LONG,) * MANY, tools=(LONG,) * MANY
)

OURS: dict[str, Any] = {
    "session_id": "ab3158ae-9439-4a29-ba11-4822420dbacb",
    "session_ids": ["ab3158ae-9439-4a29-ba11-4822420dbacb"],
    "budget": "max_tokens",
    "known": ["max_steps", "max_tokens"],
    "kind": "string",
    "status": "paused",
    "word": "Note",
    "original": "0" * 64,
    "current": "f" * 64,
    "pattern": "chain",
    "lines": from_elsewhere(BELONGINGS),
    "problems": [spec_problem(LONG, 10**7, 10**7, LONG, LONG)] * MANY,
}
"""What no stranger wrote, by the name of the parameter."""


def messages() -> dict[str, Callable[..., Any]]:
    """Every function that words something, by its module and its name."""
    found = {}
    for module in iter_modules(package.__path__):
        words = import_module(f"{package.__name__}.{module.name}")
        for name, function in inspect.getmembers(words, inspect.isfunction):
            if function.__module__ == words.__name__ and not name.startswith("_"):
                found[f"{module.name}.{name}"] = function
    return found


def worst(kind: Any) -> list[Any]:
    """The worst that strangers can put where this type is due."""
    origin, inside = get_origin(kind), get_args(kind)
    if kind is str or kind is object or kind is Any:
        return [LONG]
    if kind is int:
        return [MOST_COUNTED]
    if kind is float:
        return [LAST_MOMENT]
    if kind is bool:
        return [False, True]
    if kind is types.NoneType:
        return [None]
    if origin in (Union, types.UnionType):
        return [value for each in inside for value in worst(each)]
    if origin is Literal:
        return list(inside)
    if origin is Annotated:
        return worst(inside[0])
    if origin is tuple and Ellipsis not in inside:
        return [tuple(worst(each)[0] for each in inside)]
    if origin in (tuple, list, Iterable, Sequence):
        return [[value] * MANY for value in worst(inside[0])]
    assert is_dataclass(kind) or hasattr(kind, "_fields"), kind
    hints = get_type_hints(kind, include_extras=True)
    parts = {
        name: OURS[name] if name in OURS else worst(hint)[0] for name, hint in hints.items() if name[0] != "_"
    }
    names = inspect.signature(kind).parameters
    return [kind(**{name: value for name, value in parts.items() if name in names})]


def said(message: Callable[..., Any]) -> list[str]:
    """All that a message says when each part of it is as bad as can be."""
    hints = get_type_hints(message, localns={"Loss": Loss}, include_extras=True)
    choices = {
        name: [OURS[name]] if name in OURS else worst(hint)
        for name, hint in hints.items()
        if name != "return"
    }
    texts = []
    for turn in range(max(map(len, choices.values()), default=1)):
        found = message(**{name: values[turn % len(values)] for name, values in choices.items()})
        lines = found[0] if isinstance(found, tuple) and found and isinstance(found[0], tuple) else found
        texts.append(lines if isinstance(lines, str) else "\n".join(map(str, lines)))
    return texts


@pytest.mark.parametrize("name", [name for name in messages() if name.partition(".")[2] not in CONTENT])
def test_a_message_has_an_end_and_steers_nothing_whatever_stands_in_it(name: str) -> None:
    for text in said(messages()[name]):
        assert len(text) <= MOST.get(name.partition(".")[2], 50 * MOST_OF_A_LINE)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]", text)


def test_a_long_line_is_cut_and_a_short_one_is_not() -> None:
    assert one_line("a\tb\n" * 4) == "a b a b a b a b "
    assert one_line("x" * MOST_OF_A_LINE) == "x" * MOST_OF_A_LINE
    assert one_line("x" * (MOST_OF_A_LINE + 1)) == "x" * (MOST_OF_A_LINE - 3) + "..."
    assert one_line("\x1b" * 1500 + "x" * 1000) == "x" * 500


def test_of_many_names_the_first_ones_are_listed_and_the_others_counted() -> None:
    assert some(["a", "b\n"]) == ["a", "b "]
    assert some(map(str, range(MOST_LISTED))) == [str(n) for n in range(MOST_LISTED)]
    assert some(map(str, range(MOST_LISTED + 7)))[-2:] == [str(MOST_LISTED - 1), "and 7 more"]


@pytest.mark.parametrize("odd", ["\x7f", "\x85", "\x9b", "\x1b", "\u202e", "\ud83d", "\n"])
def test_json_has_escapes_for_what_steers_a_terminal(odd: str) -> None:
    written = json_text({odd: [f"a{odd}b"]})
    assert json.loads(written) == {odd: [f"a{odd}b"]}
    assert odd not in "".join(written.split("\n"))
