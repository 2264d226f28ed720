"""Everything that is generated, by file: what ``make docs`` writes and a test compares.

A generated part of a page stands between the markers of cog (https://cog.readthedocs.io). The first of
them, which a reader of the page does not see, says what is shown: ``[[[cog show(commands.exit_codes) ]]]``.
The rest of the page is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from docs.generator import pictures
from docs.generator.notebooks import with_outputs
from durable_core.drawing import svg

DOCS: Final = Path(__file__).parents[1]

_PROLOGUE: Final = """
from docs.generator import commands, events, examples, pictures, schema, template_names, templates
from docs.generator import python_api, transitions, views, wire
def show(block):
    cog.out(f"\\n{block().strip()}\\n\\n")
"""
"""What a marker may use."""


def pages_with_blocks() -> tuple[Path, ...]:
    """The pages that hold a generated part, in order."""
    return tuple(page for page in sorted(DOCS.rglob("*.md")) if "[[[cog" in page.read_text(encoding="utf-8"))


def generated() -> dict[Path, Callable[[], str]]:
    """Each generated file with what makes its whole text."""
    made: dict[Path, Callable[[], str]] = {}
    for page in pages_with_blocks():
        made[page] = partial(_page, page)
    for name, picture in pictures.pictures().items():
        made[DOCS / "images" / name] = partial(svg, picture)
    for notebook in sorted((DOCS / "notebooks").glob("*.ipynb")):
        made[notebook] = partial(_notebook, notebook)
    return made


def filled(page: str, name: str = "page") -> str:
    """``page`` with the text of every generated part made anew; ``name`` is for messages."""
    from cogapp import Cog  # noqa: PLC0415  # whoever only reads the pages does without it

    cog = Cog()
    cog.options.prologue = _PROLOGUE
    made: str = cog.process_string(page, name)
    return made


def _page(page: Path) -> str:
    return filled(page.read_text(encoding="utf-8"), str(page))


def _notebook(notebook: Path) -> str:
    return with_outputs(notebook.read_text(encoding="utf-8"))
