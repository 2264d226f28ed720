"""Forms: what a later version wrote is told from damage wherever it stands, and old forms are brought up."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

import pytest
from returns.result import Success

from durable_core.journal import codec
from durable_core.journal.forms import Newer, brought_up, known_forms
from durable_core.journal.upcasters import UPCASTERS, WireRecord
from durable_core.patterns.chain.state import StepCompleted
from durable_core.patterns.graph.state import NodeAnswered, NodeCompleted, Transition
from durable_core.session import events
from durable_core.session.conversation import Mark
from durable_core.session.state import JOURNAL_FORMAT, Options, Source, Writer
from durable_core.types import Usage
from tests.support.journal_kit import cast_down
from tests.support.session_kit import WRITE, chain_of

SOURCE = Source(text="{}", format="json", sha256="h")
SPEC = chain_of(WRITE)
STARTED = events.SessionStarted(
    at=1.0,
    session_id="s",
    spec=SPEC,
    source=SOURCE,
    variables={},
    options=Options(),
    writer=Writer(program="1"),
)
CHANGED = events.SpecChanged(at=1.0, spec=SPEC, source=SOURCE)
RESUMED = events.SessionResumed(at=1.0, writer=Writer(program="1"))
ASKED = events.GateOpened(at=1.0, unit="u", attempt=3, prompt="Go on?")


def completed(*decided: Any) -> events.UnitCompleted:
    return events.UnitCompleted(
        at=7.5,
        unit="u",
        attempt=1,
        agent="ann",
        conversation="ann",
        usage=Usage(3, 4),
        mark=Mark(count=0, digest=""),
        decided=decided,
    )


STEP = StepCompleted(index=0, agent="ann", response="yes", tokens=7)
COMPLETED = completed(STEP)
VISITED = completed(
    NodeCompleted(node="n", visit=1, agent="ann", response="r", tokens=7, way=Transition(to="m"))
)
REPLIED = events.GateAnswered(
    at=1.0,
    unit="u",
    response="yes",
    answered_by="person",
    decided=(NodeAnswered(node="n", visit=1, prompt="?", response="yes", way=Transition(problem="no")),),
)


def wire(event: events.Event) -> dict[str, Any]:
    """The event as JSON text carries it."""
    read: dict[str, Any] = json.loads(json.dumps(codec.encode(event)))
    return read


# --- later versions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("later", "form"),
    [
        ({"type": "note_added/1", "at": 1.0, "text": "x"}, "note_added/1"),
        ({"type": "vote.cast/12", "at": 1.0}, "vote.cast/12"),
        ({**wire(COMPLETED), "type": "unit_completed/2", "mood": "good"}, "unit_completed/2"),
        ({**wire(STARTED), "type": "session_started/3"}, "session_started/3"),
        ({**wire(COMPLETED), "decided": [{"type": "chain.step_completed/2"}]}, "chain.step_completed/2"),
        (
            {**wire(COMPLETED), "decided": [wire(COMPLETED)["decided"][0], {"type": "loop.turned/1"}]},
            "loop.turned/1",
        ),
        ({**wire(REPLIED), "decided": [{"type": "graph.node_answered/3"}]}, "graph.node_answered/3"),
        ({**wire(STARTED), "spec": {"type": "spec/2", "flows": []}}, "spec/2"),
        ({**wire(CHANGED), "spec": {"type": "spec/2"}}, "spec/2"),
    ],
)
def test_what_a_later_version_wrote_is_an_answer_of_its_own_wherever_it_stands(
    later: dict[str, Any], form: str
) -> None:
    newer = codec.decode(later).failure()
    assert isinstance(newer, Newer)
    assert newer.form == form


@pytest.mark.parametrize("event", [STARTED, RESUMED])
def test_a_later_number_of_the_journal_is_newer_and_names_the_version_that_wrote_it(
    event: events.Event,
) -> None:
    writer = {"program": "9.1", "journal": JOURNAL_FORMAT + 1}
    newer = codec.decode({**wire(event), "writer": writer}).failure()
    assert newer == Newer(f"journal format {JOURNAL_FORMAT + 1}", "9.1")


def test_a_later_first_event_names_its_version_where_it_says_it_and_nothing_where_it_does_not() -> None:
    later = {**wire(STARTED), "type": "session_started/3"}
    assert codec.decode({**later, "writer": {"program": "9.1", "mood": 1}}).failure() == Newer(
        "session_started/3", "9.1"
    )
    for writer in (None, [], {"program": 3}, {}):
        assert codec.decode({**later, "writer": writer}).failure() == Newer("session_started/3", "")


@pytest.mark.parametrize(
    "damaged",
    [
        {**wire(COMPLETED), "extra": 1},
        {**wire(COMPLETED), "writer": {"program": "9", "journal": 9}},
        {**wire(COMPLETED), "spec": {"type": "spec/2"}},
        {**wire(ASKED), "decided": [{"type": "chain.step_completed/2"}]},
        {**wire(COMPLETED), "decided": [{"type": "unit_completed/1"}]},
        {**wire(COMPLETED), "decided": [{**asdict(STEP), "mood": 1}]},
        {**wire(COMPLETED), "decided": [7]},
        {**wire(COMPLETED), "decided": {"type": "chain.step_completed/2"}},
        {**wire(STARTED), "spec": {"flows": []}},
        {**wire(STARTED), "spec": None},
        {**wire(STARTED), "spec": {**wire(STARTED)["spec"], "type": "chain.step_completed/1"}},
        {**wire(STARTED), "spec": {**wire(STARTED)["spec"], "mood": 1}},
        {**wire(STARTED), "writer": {"program": "1", "journal": "9"}},
        {**wire(STARTED), "writer": {"program": "1", "journal": 2, "mood": 1}},
        {"type": "chain.step_completed/1"},
        {"type": "unit_completed/0"},
        {"type": "unit_completed/01"},
        {"type": "unit_completed/-1"},
        {"type": "unit_completed/1\n"},
        {"type": "unit_completed"},
        {"type": "Unit Completed/9"},
        {"type": "unit_completed/" + "9" * 5000},
        {"type": ["note_added/1"]},
        {"type": 9},
        {"type": None},
        {},
    ],
)
def test_what_names_no_later_form_is_damage_and_never_newer(damaged: dict[str, Any]) -> None:
    assert isinstance(codec.decode(damaged).failure(), str)


def test_every_form_that_is_written_is_named_with_its_version_and_once() -> None:
    forms = list(known_forms())
    assert all(re.fullmatch(r"[a-z_.]+/[1-9]", form) for form in forms)
    assert len({form.partition("/")[0] for form in forms}) == len(forms)
    assert {"unit_completed/1", "graph.node_completed/2", "spec/1"} <= set(forms)


# --- earlier versions -----------------------------------------------------------------------------------


def test_every_form_of_the_past_leads_to_one_of_today() -> None:
    """One upcaster for each version before today's, and a chain that ends."""
    for form in known_forms():
        name, _, version = form.partition("/")
        assert {f"{name}/{number}" for number in range(1, int(version))} <= UPCASTERS.keys()
    for form in UPCASTERS:
        record: WireRecord = {"type": form}
        for _ in UPCASTERS:
            record = UPCASTERS.get(record["type"], lambda same: same)(record)
        assert record["type"] in known_forms()


@pytest.mark.parametrize("event", [STARTED, CHANGED, RESUMED, ASKED, COMPLETED, VISITED, REPLIED])
def test_an_event_that_was_cast_down_is_brought_up_to_itself(event: events.Event) -> None:
    expected = wire(event)
    if "writer" in expected:
        expected["writer"] = {"program": "", "journal": 1}
    assert brought_up(cast_down(wire(event)), UPCASTERS) == expected
    assert codec.decode(cast_down(wire(event))) == codec.decode(expected)
    assert isinstance(codec.decode(expected), Success)


def test_a_question_from_before_questions_were_numbered_has_number_0() -> None:
    old = cast_down(wire(ASKED))
    del old["attempt"]
    assert brought_up(old, UPCASTERS) == {**wire(ASKED), "attempt": 0}


def test_an_old_event_with_a_field_that_it_never_had_is_damage() -> None:
    for event in (STARTED, CHANGED, RESUMED, ASKED, VISITED):
        assert isinstance(codec.decode({**cast_down(wire(event)), "mood": 1}).failure(), str)


@pytest.mark.parametrize("form", sorted(UPCASTERS))
@pytest.mark.parametrize(
    "nonsense", [{}, {"spec": 3, "way": 3, "writer": 3}, {"spec": [], "way": [], "attempt": None}]
)
def test_an_old_event_that_makes_no_sense_is_left_for_the_decoder_to_refuse(
    form: str, nonsense: dict[str, Any]
) -> None:
    before = json.dumps(nonsense)
    assert UPCASTERS[form](MappingProxyType({**nonsense, "type": form}))["type"] in known_forms()
    assert json.dumps(nonsense) == before
    assert isinstance(codec.decode({**nonsense, "type": form}).failure(), str)


def test_made_up_older_versions_go_through_their_upcasters_one_after_the_other() -> None:
    """Renames included: the name is a part of the form."""
    made_up = {
        "question_put/1": lambda old: {**old, "type": "question_put/2", "attempt": old["attempt"] + 1},
        "question_put/2": lambda old: {**old, "type": "gate_opened/2", "prompt": old["prompt"].title()},
        "chain.step_done/1": lambda old: {**old, "type": "chain.step_completed/1", "tokens": 7},
        "spec/0": lambda old: {**old["inner"], "type": "spec/1"},
    }
    put = {**wire(ASKED), "type": "question_put/1", "attempt": 2, "prompt": "go on?"}
    assert codec.decode(put, made_up) == Success(
        events.GateOpened(at=1.0, unit="u", attempt=3, prompt="Go On?")
    )
    step = {"type": "chain.step_done/1", "index": 0, "agent": "ann", "response": "yes"}
    assert codec.decode({**wire(COMPLETED), "decided": [step]}, made_up) == Success(COMPLETED)
    spec = {"type": "spec/0", "inner": wire(STARTED)["spec"]}
    assert codec.decode({**wire(STARTED), "spec": spec}, made_up) == Success(STARTED)
    assert codec.decode(put).failure() == Newer("question_put/1")
