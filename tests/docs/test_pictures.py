"""Pictures: the walks see what the machines do, and every word is drawn."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from docs.generator import lifecycle, walks
from docs.generator.pages import DOCS
from docs.generator.pictures import pictures
from docs.generator.samples import SAMPLES, Sample
from docs.generator.statechart import statechart
from durable_core.drawing import Arrow, Box, Picture, svg
from durable_core.patterns import PATTERNS
from durable_core.patterns.chain import machine as chain


@pytest.mark.parametrize("kind", sorted(PATTERNS))
def test_the_walk_over_a_pattern_ends_and_finishes(kind: str) -> None:
    moves = walks.walk(kind, PATTERNS[kind], SAMPLES[kind])
    assert any(move.target.kind == "finished" for move in moves)


@pytest.mark.parametrize("kind", sorted(PATTERNS))
def test_a_pattern_that_is_over_moves_no_more(kind: str) -> None:
    moves = walks.walk(kind, PATTERNS[kind], SAMPLES[kind])
    assert {move.source.kind for move in moves} <= {"open", "waiting"}


def test_a_chain_is_drawn_as_a_chain() -> None:
    moves = walks.walk("chain", chain, SAMPLES["chain"])
    assert [(move.source.lines, move.unit, move.events) for move in moves] == [
        (("Open", "steps/0"), "steps/0", ("step_completed",)),
        (("Waiting", "steps/1"), "steps/1", ("step_answered",)),
        (("Open", "steps/2"), "steps/2", ("step_completed",)),
    ]


def test_a_sample_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "MOST_STATES", 3)
    with pytest.raises(ValueError, match="more than 3 states"):
        walks.walk("chain", chain, Sample({"steps": [{"agent": "writer"}] * 4}))


def test_an_answer_is_named_where_another_leads_elsewhere() -> None:
    def move(answer: str, target: str) -> walks.Move:
        here, there = Box("a", ("a",), "open"), Box(target, (target,), "open")
        return walks.Move(here, "router", answer, ("chosen",), there)

    def labels(*moves: walks.Move) -> list[tuple[str, ...]]:
        return [arrow.lines for arrow in walks.drawn("x", moves).arrows if arrow.source != "start"]

    assert labels(move("one", "b"), move("two", "c")) == [("router chosen (one)",), ("router chosen (two)",)]
    assert labels(move("one", "b"), move("two", "b")) == [("router chosen",)]


def test_a_session_takes_every_status_that_the_disk_knows() -> None:
    changes = lifecycle.lifecycle()
    assert {one.after for one in changes} == {"running", "paused", "completed", "failed"}
    assert {one.after for one in changes if one.before == "completed"} <= {"completed"}
    assert lifecycle.Change("running", "gate_opened", "paused") in changes
    assert lifecycle.Change("paused", "gate_answered", "running") in changes
    assert lifecycle.Change("failed", "session_resumed", "running") in changes
    assert lifecycle.Change("failed", "budget_raised", "running") in changes


@pytest.mark.parametrize("name", sorted(path.name for path in (DOCS / "images").iterdir()))
def test_a_picture_is_well_formed_and_says_every_word(name: str) -> None:
    picture = pictures()[name]
    root = ElementTree.fromstring(svg(picture))
    said = {element.text for element in root.iter() if element.text}
    wanted: set[Any] = {line for box in picture.boxes for line in box.lines}
    wanted |= {line for arrow in picture.arrows for line in arrow.lines}
    assert wanted <= said


def test_mermaid_text_holds_nothing_that_would_end_a_label() -> None:
    boxes = (Box("start", (), "start"), Box("a", ('say "hi": now;',), "plain"))
    lines = statechart(Picture("x", boxes, (Arrow("start", "a", ("k: v",)),))).splitlines()
    assert lines == ["stateDiagram-v2", '    state "say  hi   now " as s1', "    [*] --> s1 : k  v"]
