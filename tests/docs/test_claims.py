"""What the explanations claim to be shown by tests is shown by tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.generator.pages import DOCS

ROOT = DOCS.parent
# A test, or a law, which property_tests/laws/test_laws.py checks on every world.
NAMED = re.compile(r"`((?:property_)?tests/[\w/]+\.py)::(test_\w+|(?<=_laws\.py::)\w+)`")
CLAIMS = sorted(
    {
        claim
        for page in (DOCS / "explanation").glob("*.md")
        for claim in NAMED.findall(page.read_text("utf-8"))
    }
)


@pytest.mark.parametrize(("file", "test"), CLAIMS, ids=lambda part: Path(part).name)
def test_a_test_that_a_page_names_is_there(file: str, test: str) -> None:
    path = ROOT / file
    assert path.exists(), f"{file} is gone"
    assert re.search(rf"^def {test}\(", path.read_text(encoding="utf-8"), re.MULTILINE), f"{test} is gone"


def test_every_row_of_the_fault_table_names_a_test() -> None:
    page = (DOCS / "explanation" / "durability.md").read_text(encoding="utf-8")
    table = page.partition("## Faults and promises")[2]
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) >= 10
    assert [row for row in rows if not NAMED.search(row)] == []


def test_every_defence_names_a_test() -> None:
    page = (DOCS / "explanation" / "security.md").read_text(encoding="utf-8")
    table = page.partition("## What is defended")[2].partition("## What is not defended")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) >= 20
    assert [row for row in rows if not NAMED.search(row.split(" | ")[-1])] == []
