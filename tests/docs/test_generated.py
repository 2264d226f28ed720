"""What is generated is current, complete, and the same at every run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from docs.generator.blocks import filled, table
from docs.generator.blocks import names as blocks_of
from docs.generator.pages import BLOCKS, DOCS, generated, pages_with_blocks

FILES = sorted(generated())


def _short(path: Path) -> str:
    return str(path.relative_to(DOCS))


@pytest.mark.no_cover
@pytest.mark.parametrize("path", FILES, ids=_short)
def test_a_generated_file_is_current(path: Path) -> None:
    committed = path.read_text(encoding="utf-8") if path.exists() else None
    assert committed == generated()[path](), f"docs/{_short(path)} is out of date: run `make docs`"


def test_every_block_stands_on_some_page() -> None:
    shown = {name for page in pages_with_blocks() for name in blocks_of(page.read_text(encoding="utf-8"))}
    assert shown == set(BLOCKS)


def test_every_picture_is_one_that_is_drawn() -> None:
    committed = set((DOCS / "images").iterdir())
    assert committed == {path for path in generated() if path.parent == DOCS / "images"}


def test_a_process_with_other_hashes_generates_the_same() -> None:
    program = "import json; from docs.generator.pages import generated; " + (
        "print(json.dumps({str(path): text() for path, text in generated().items()}))"
    )
    seed = "1" if os.environ.get("PYTHONHASHSEED") == "2" else "2"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
        cwd=DOCS.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ran.stdout) == {str(path): path.read_text(encoding="utf-8") for path in FILES}


def test_a_block_is_replaced_and_the_rest_of_the_page_stays() -> None:
    page = "before\n<!-- generated: one -->\nold\n<!-- end of generated -->\nafter\n"
    made = filled(page, {"one": lambda: "new"})
    assert made == "before\n<!-- generated: one -->\n\nnew\n\n<!-- end of generated -->\nafter\n"
    assert filled(made, {"one": lambda: "new"}) == made


def test_a_block_without_an_end_is_an_error() -> None:
    with pytest.raises(ValueError, match="no end"):
        filled("<!-- generated: one -->\nold\n", {"one": lambda: "new"})


def test_a_block_that_nobody_makes_is_an_error() -> None:
    with pytest.raises(KeyError, match="two"):
        filled("<!-- generated: two -->\n<!-- end of generated -->\n", {"one": lambda: "new"})


def test_a_cell_of_a_table_may_hold_bars_and_line_ends() -> None:
    assert table(("A",), [("one | two\nthree",)]).splitlines()[-1] == "| one \\| two three |"


def test_every_key_of_the_format_says_what_it_means() -> None:
    page = (DOCS / "reference" / "spec.md").read_text(encoding="utf-8")
    keys = [line for line in page.splitlines() if line.startswith("| `")]
    named_by_its_value = "| `type` |"
    assert len(keys) > 100
    assert [key for key in keys if key.endswith("|  |") and not key.startswith(named_by_its_value)] == []
