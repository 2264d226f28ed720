"""The pictures of the documentation: what is drawn, by file name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from docs.generator import lifecycle, walks
from docs.generator.samples import SAMPLES
from docs.generator.statechart import statechart
from durable_core.drawing import Arrow, Box, Picture
from durable_core.patterns import PATTERNS

HOUSE = Picture(
    "strands-durable: what a crash can't take is in the journal",
    (
        Box("spec", ("workflow.yaml",), "plain"),
        Box("core", ("Core: pure state machines", "what may run now, what a report means"), "open"),
        Box("shell", ("Shell: one loop", "commits first, then acts"), "waiting"),
        Box("journal", ("journal.jsonl", "the truth: append + fdatasync"), "finished"),
        Box("world", ("models, people, files",), "plain"),
        Box("views", ("session.json, pattern_state.json,", "agents/ ... for people and scripts"), "plain"),
    ),
    (
        Arrow("spec", "core", ("parsed and checked",)),
        Arrow("core", "shell", ("events, attempts that may start",)),
        Arrow("shell", "core", ("reports",)),
        Arrow("shell", "journal", ("events of one round",)),
        Arrow("shell", "world", ("after the commit: calls",)),
        Arrow("world", "shell", ("answers, faults",)),
        Arrow("journal", "core", ("after a crash: replay",)),
        Arrow("journal", "views", ("derived, behind the commit",)),
    ),
)
"""The house in one picture, drawn by hand; all other pictures are drawn from walks over the machines."""


@cache
def pictures() -> Mapping[str, Picture]:
    """Every picture by the name of its file."""
    drawn = {f"{kind}.svg": _pattern(kind) for kind in PATTERNS}
    return {"house.svg": HOUSE, "session.svg": lifecycle.drawn(_changes()), **drawn}


def machines() -> str:
    """A section for each pattern that runs: its picture, and the same as Mermaid."""
    return "\n\n".join(f"### {kind}\n\n{_shown(f'{kind}.svg')}" for kind in PATTERNS)


def session() -> str:
    """The life of a session: picture, Mermaid, and the table of all events."""
    return f"{_shown('session.svg')}\n\n{lifecycle.told(_changes())}"


@cache
def _changes() -> tuple[lifecycle.Change, ...]:
    return lifecycle.lifecycle()


def _pattern(kind: str) -> Picture:
    return walks.drawn(kind, walks.walk(kind, PATTERNS[kind], SAMPLES[kind]))


def _shown(name: str) -> str:
    picture = pictures()[name]
    fence = f"```mermaid\n{statechart(picture)}\n```"
    folded = f"<details><summary>The same as Mermaid</summary>\n\n{fence}\n\n</details>"
    return f"![{picture.title}](../images/{name})\n\n{folded}"
