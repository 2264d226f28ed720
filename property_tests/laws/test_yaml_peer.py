"""YAML: documents of every style mean what a reader of YAML 1.2 finds that shares no code with ours."""

from __future__ import annotations

import math
import re
from typing import Any

import yaml12
from hypothesis import given
from hypothesis import strategies as st

from durable_core.spec.document import read_document
from property_tests.kits.plain_words import older

REFUSED = object()

texts = (
    st.text(st.sampled_from("ab 1:#-?,[]{}&*!|>'\"%@`\\/.~=<\n\t\x85\u2028\u2029\xa0é😀"), max_size=12)
    | older
)


names = st.sampled_from(("a", "b", "no", "on", "'1'", '"x y"'))


def needs_no_quotes(text: str) -> bool:
    """Whether a text may stand plain anywhere, and means itself."""
    return re.fullmatch(r"[a-z][a-z0-9 \x85\u2028\u2029]*[a-z0-9]", text) is not None and text not in (
        "true",
        "false",
        "null",
    )


@st.composite
def scalars(draw: st.DrawFn, indent: int, *, flow: bool) -> str:
    text = draw(texts)
    styles = ["double"]
    if "\n" not in text and not re.search(r"^[ \t]|[ \t]$|\t", text):
        styles.append("single")
    if needs_no_quotes(text):
        styles.append("plain")
    if not flow and text.strip("\n") and not re.search(r"(^|\n)[ \t]|\t", text):
        styles.append("literal")
    match draw(st.sampled_from(styles)):
        case "plain":
            return text
        case "single":
            return "'" + text.replace("'", "''") + "'"
        case "literal":
            body = text.rstrip("\n")
            more = len(text) - len(body)
            chomping = "-" if more == 0 else "" if more == 1 else "+"
            lines = "".join(f"\n{' ' * indent if line else ''}{line}" for line in body.split("\n"))
            return f"|{chomping}{lines}" + "\n" * max(0, more - 1)
        case _:
            return '"' + "".join(draw(st.sampled_from(_escapes(char))) for char in text) + '"'


def _escapes(char: str) -> list[str]:
    named = {
        "\n": ["\\n"],
        '"': ['\\"'],
        "\\": ["\\\\"],
        "\t": ["\\t"],
        "\x85": ["\\N", char],
        "\u2028": ["\\L", char],
    }
    return [*named.get(char, [char]), f"\\U{ord(char):08x}"]


@st.composite
def blocks(draw: st.DrawFn, depth: int, indent: int = 2) -> str:
    kind = draw(st.sampled_from(("scalar", "mapping", "list", "flow") if depth else ("scalar",)))
    space = " " * indent
    match kind:
        case "mapping":
            keys = draw(st.lists(names, min_size=1, max_size=3, unique=True))
            return "".join(f"\n{space}{key}: {draw(blocks(depth - 1, indent + 2))}" for key in keys)
        case "list":
            count = draw(st.integers(1, 3))
            return "".join(f"\n{space}- {draw(blocks(depth - 1, indent + 2))}" for _ in range(count))
        case "flow":
            items = draw(st.lists(scalars(indent, flow=True), max_size=3))
            return f"[{', '.join(items)}]"
        case _:
            return draw(scalars(indent, flow=False)) + draw(st.sampled_from(("", "", " # note")))


documents = blocks(3).map(lambda block: f"top: {block}\n")


@st.composite
def bent(draw: st.DrawFn) -> str:
    """A document in which a sign was put in, taken out or replaced.

    None of them is an older line break: at the edge of a plain text, the other reader takes those for spaces.
    """
    text = draw(documents)
    at = draw(st.integers(0, len(text)))
    put = draw(st.sampled_from(["", *":#-?,[]{}&*!|>'\"\\ \n~<", ": ", "- ", " #", "? "]))
    return text[:at] + put + text[at + draw(st.integers(0, 1)) :]


@given(documents)
def test_a_document_means_what_the_other_reader_finds_in_it(text: str) -> None:
    assert _ours(text) == _typed(yaml12.parse_yaml(text))


@given(bent())
def test_what_both_readers_take_means_the_same_to_both(text: str) -> None:
    try:
        theirs = _typed(yaml12.parse_yaml(text))
    except ValueError:
        return
    ours = _ours(text)
    assert ours is REFUSED or ours == theirs


def _ours(text: str) -> Any:
    read = read_document(text, format="yaml")
    return read.map(lambda document: _typed(document.data)).value_or(REFUSED)


def _typed(value: Any) -> Any:
    match value:
        case yaml12.Yaml():
            return "tagged"
        case float() if math.isfinite(value) and value == int(value):
            return "number", int(value)
        case list() | tuple():
            return [_typed(item) for item in value]
        case bool() | str() | None:
            return type(value).__name__, value
        case int() | float():
            return "number", value
        case _:
            return {key: _typed(item) for key, item in value.items()}
