"""YAML: what a document means is what the core schema of YAML 1.2 says, whatever PyYAML makes of it."""

from __future__ import annotations

import math
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from durable_core.spec.document import read_document
from property_tests.kits.plain_words import older

# The table of the core schema, as it stands in chapter 10.3.2 of YAML 1.2.2, row by row.
CORE_SCHEMA: tuple[tuple[str, Any], ...] = (
    (r"null|Null|NULL|~|", lambda _: None),
    (r"true|True|TRUE", lambda _: True),
    (r"false|False|FALSE", lambda _: False),
    (r"[-+]?[0-9]+", lambda word: int(word, 10)),
    (r"0o[0-7]+", lambda word: int(word[2:], 8)),
    (r"0x[0-9a-fA-F]+", lambda word: int(word[2:], 16)),
    (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", float),
    (r"[-+]?(\.inf|\.Inf|\.INF)", lambda _: math.inf),
    (r"\.nan|\.NaN|\.NAN", lambda _: math.nan),
)


def meant(word: str) -> Any:
    """What the table says of a plain word."""
    return next((read(word) for row, read in CORE_SCHEMA if re.fullmatch(row, word)), word)


digits = st.text("0123456789+-._eExXoOabfn:", min_size=1, max_size=8)
letters = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=8)

plain = (older | digits | letters).filter(
    lambda word: not re.match(r"[-?:](?:$|\s)|-{3}|\.{3}|[?:]", word) and not re.search(r":(?:$|\s)", word)
)
"""Words that need no quotes."""

quoted = st.tuples(st.sampled_from(("'", '"')), plain).map(lambda both: both[0] + both[1] + both[0])


@st.composite
def documents(draw: st.DrawFn, depth: int = 3) -> tuple[str, Any]:
    """A value in flow style, as it is written and as it is meant."""
    kind = draw(st.sampled_from(("plain", "quoted", "list", "mapping") if depth else ("plain", "quoted")))
    match kind:
        case "plain":
            word = draw(plain)
            return word, meant(word)
        case "quoted":
            written = draw(quoted)
            return written, written[1:-1]
        case "list":
            items = draw(st.lists(documents(depth=depth - 1), max_size=4))
            return f"[{', '.join(text for text, _ in items)}]", tuple(value for _, value in items)
        case _:
            names = draw(st.lists(quoted | plain.filter(lambda word: meant(word) == word), max_size=4))
            keys = {name.strip("'\""): name for name in names}
            values = {key: draw(documents(depth=depth - 1)) for key in keys}
            inside = ", ".join(f"{keys[key]}: {text}" for key, (text, _) in values.items())
            return f"{{{inside}}}", {key: value for key, (_, value) in values.items()}


@given(documents())
def test_a_document_means_what_yaml_1_2_says_or_holds_a_number_that_json_has_not(
    document: tuple[str, Any],
) -> None:
    text, value = document
    read = read_document(f"a: {text}\n", format="yaml")
    if _unreal(value):
        assert all("is not a number that can be stored" in problem.message for problem in read.failure())
    else:
        assert _typed(read.unwrap().data["a"]) == _typed(value)


def _unreal(value: Any) -> bool:
    match value:
        case float():
            return not math.isfinite(value)
        case dict():
            return any(map(_unreal, value.values()))
        case tuple():
            return any(map(_unreal, value))
        case _:
            return False


def _typed(value: Any) -> Any:
    """The value with the kind of each scalar: Python takes 1, 1.0 and true for the same."""
    match value:
        case dict():
            return {key: _typed(item) for key, item in value.items()}
        case tuple():
            return [_typed(item) for item in value]
        case _:
            return type(value).__name__, value
