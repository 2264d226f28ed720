"""What is generated is current, complete, and the same at every run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from docs.generator.markdown import table
from docs.generator.pages import DOCS, filled, generated, pages_with_blocks

PROGRAM = """
import json
from docs.generator.pages import generated
print(json.dumps({str(path): text() for path, text in generated().items()}))
"""


def test_what_is_committed_is_what_is_generated_whatever_the_hashes() -> None:
    # Once is enough: `make docs` ran with hashes of its own, and this process has others.
    seed = "1" if os.environ.get("PYTHONHASHSEED") == "2" else "2"
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
        cwd=DOCS.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    made = {Path(path): text for path, text in json.loads(ran.stdout).items()}
    committed = {path: path.read_text(encoding="utf-8") if path.exists() else None for path in made}
    assert len(made) > 15
    stale = [str(path.relative_to(DOCS)) for path, text in made.items() if text != committed[path]]
    assert stale == [], "out of date: run `make docs`"


def test_every_picture_is_one_that_is_drawn() -> None:
    committed = set((DOCS / "images").iterdir())
    assert committed == {path for path in generated() if path.parent == DOCS / "images"}


def test_every_page_of_the_reference_that_follows_from_the_code_is_generated() -> None:
    names = "cli exit-codes journal machines providers python session-files spec templates transitions"
    pages = {page.stem for page in pages_with_blocks() if page.parent.name == "reference"}
    assert pages == set(names.split())


def test_a_generated_part_is_replaced_and_the_rest_of_the_page_stays() -> None:
    page = "before\n<!-- [[[cog show(lambda: 'new') ]]] -->\nold\n<!-- [[[end]]] -->\nafter\n"
    made = filled(page)
    assert made == page.replace("old\n", "\nnew\n\n")
    assert filled(made) == made


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("<!-- [[[cog show(str) ]]] -->\nold\n", "Missing"),
        ("old\n<!-- [[[end]]] -->\n", "Unexpected"),
        ("<!-- [[[cog show(nobody) ]]] -->\n<!-- [[[end]]] -->\n", "'nobody' is not defined"),
    ],
)
def test_a_marker_without_its_other_or_its_text_is_an_error(page: str, message: str) -> None:
    from cogapp.cogapp import CogError

    with pytest.raises(CogError, match=message):
        filled(page)


def test_a_cell_of_a_table_may_hold_bars_and_line_ends() -> None:
    assert table(("A",), [("one | two\nthree",)]).splitlines()[-1] == "| one \\| two three |"


def test_every_key_of_the_format_says_what_it_means() -> None:
    page = (DOCS / "reference" / "spec.md").read_text(encoding="utf-8")
    keys = [line for line in page.splitlines() if line.startswith("| `")]
    named_by_its_value = "| `type` |"
    assert len(keys) > 100
    assert [key for key in keys if key.endswith("|  |") and not key.startswith(named_by_its_value)] == []
