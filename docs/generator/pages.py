"""Everything that is generated, by file: what ``make docs`` writes and a test compares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from docs.generator import commands, events, examples, pictures, schema, templates, transitions, views
from docs.generator.blocks import filled, names
from docs.generator.notebooks import with_outputs
from durable_core.drawing import svg

DOCS: Final = Path(__file__).parents[1]

BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    "commands": commands.command_line,
    "options": commands.every_option,
    "environment": commands.environment_variables,
    "examples": examples.listed,
    "exit codes": commands.exit_codes,
    "providers": commands.providers,
    "spec keys": schema.spec_keys,
    "unsupported": schema.unsupported_features,
    "document limits": schema.document_limits,
    "session events": events.session_events,
    "pattern events": events.pattern_events,
    "records": events.records,
    "past forms": events.past_forms,
    "fault kinds": events.fault_kinds,
    "filters": templates.filters,
    "tests": templates.tests,
    "template limits": templates.limits,
    "session view": views.session_view,
    "pattern views": views.pattern_views,
    "machines": pictures.machines,
    "session life": pictures.session,
    "session transitions": transitions.session,
    "pattern transitions": transitions.patterns,
}
"""What makes the text of each block, by the name in its marker."""


def pages_with_blocks() -> tuple[Path, ...]:
    """The pages that hold a block, in order."""
    return tuple(page for page in sorted(DOCS.rglob("*.md")) if names(page.read_text(encoding="utf-8")))


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


def _page(page: Path) -> str:
    return filled(page.read_text(encoding="utf-8"), BLOCKS)


def _notebook(notebook: Path) -> str:
    return with_outputs(notebook.read_text(encoding="utf-8"))
