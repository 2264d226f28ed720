"""The pages that people look things up in: each row says what it is about."""

from __future__ import annotations

import re

import pytest

from docs.generator.constants import Constant
from docs.generator.pages import DOCS
from docs.generator.templates import limit, limits

GLOSSARY = (DOCS / "reference" / "glossary.md").read_text(encoding="utf-8")
ENTRY = re.compile(r"- \*\*([^*]+)\*\*: (.+)\.")

EXPECTED = """
    spec pattern unit attempt gate request report event journal view session lease mark descriptor upcaster
    port fence brief residue turn command verdict machine store commit resume replay template budget artifact
    writer
""".split()


def test_every_limit_of_templates_has_a_name_a_value_a_unit_and_a_reason() -> None:
    head, _, *rows = limits().splitlines()
    assert head == "| Limit | Value | Unit | Reason |"
    assert len(rows) > 15
    for row in rows:
        name, value, unit, reason = (cell.strip() for cell in row.strip("|").split(" | "))
        assert name
        assert int(value.replace(",", "")) > 0
        assert unit
        assert reason[-1] == "."


def test_a_limit_is_read_from_its_docstring() -> None:
    one = Constant("MOST", 1000, "Length of a `line`, in characters: a page is no wider.")
    assert limit(one) == ("Length of a `line`", "1,000", "characters", "A page is no wider.")


@pytest.mark.parametrize(
    "meaning", ["Characters in a line.", "Length, in characters.", "Length: wide enough."]
)
def test_a_limit_without_unit_or_reason_is_refused(meaning: str) -> None:
    with pytest.raises(ValueError, match="MOST: its docstring is not"):
        limit(Constant("MOST", 1000, meaning))


def test_the_glossary_has_one_line_a_word_in_order() -> None:
    entries = [ENTRY.fullmatch(line) for line in GLOSSARY.splitlines()[4:] if line]
    words = [entry[1].lower() for entry in entries if entry]
    assert len(words) == len(entries)
    assert words == sorted(words)
    assert len(set(words)) == len(words)


def test_the_glossary_has_the_words_of_the_architecture() -> None:
    assert [
        word for word in [*EXPECTED, "in doubt", "fencing token"] if f"- **{word}**: " not in GLOSSARY
    ] == []


def test_the_glossary_is_linked_from_the_index() -> None:
    assert "(reference/glossary.md)" in (DOCS / "index.md").read_text(encoding="utf-8")
