"""Records: typed to the core, mappings to templates and files."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from returns.result import Failure

from durable_core.patterns import PATTERNS
from durable_core.patterns.records import AgentStepRecord, HumanStepRecord, record_shape
from durable_core.templates.rendering import render
from durable_core.templates.shapes import ANYTHING

STEP = AgentStepRecord(index=0, agent="ann", response="tides", tokens=3)


def test_a_record_is_a_mapping_of_its_fields_in_their_order() -> None:
    assert dict(STEP) == {"index": 0, "agent": "ann", "response": "tides", "tokens": 3}
    assert list(STEP) == list(AgentStepRecord.field_names()) == ["index", "agent", "response", "tokens"]
    assert len(STEP) == 4
    assert dict(STEP) == STEP
    assert HumanStepRecord(index=0, prompt="Go on?", response="tides") != STEP
    assert {STEP, AgentStepRecord(**STEP)} == {STEP}  # type: ignore[arg-type]  # its own fields


def test_a_record_has_no_other_key_and_cannot_be_changed() -> None:
    with pytest.raises(KeyError):
        STEP["items"]
    with pytest.raises(FrozenInstanceError):
        STEP.index = 1  # type: ignore[misc]  # what this test is about


def test_a_template_reaches_the_fields_of_a_record_and_nothing_else_of_it() -> None:
    def said(source: str) -> str:
        return render(source, {"step": STEP}, place="p").unwrap()

    assert said("{{ step.agent }} {{ step['tokens'] }}") == "ann 3"
    assert said("{% for key, value in step.items() %}{{ key }}={{ value }} {% endfor %}") == (
        "index=0 agent=ann response=tides tokens=3 "
    )
    assert said("{{ step | tojson }}") == '{"index": 0, "agent": "ann", "response": "tides", "tokens": 3}'
    assert said("{{ step.prompt is defined }}") == "False"
    missing = render("{{ step.field_names }}", {"step": STEP}, place="p")
    assert isinstance(missing, Failure)
    assert missing.failure().message == "there is no 'field_names' in the mapping"


def test_of_every_field_that_templates_look_into_it_is_known_what_it_is() -> None:
    scopes = [scope for pattern in PATTERNS.values() for scope in pattern.scopes]
    records = {record for scope in scopes for name in scope.names.values() for record in name.records}
    unknown = {
        f"{record.__name__}.{name}"
        for record in records
        for name, shape in record_shape(record).fields.items()
        if shape is ANYTHING
    }
    assert len(records) > 10
    assert unknown == {"BranchRecord.steps"}  # which a spec tells more exactly


def test_a_name_says_how_templates_reach_the_records_that_it_stands_for() -> None:
    told = {
        entry.written(name) for scope in PATTERNS["workflow"].scopes for name, entry in scope.names.items()
    }
    assert told == {"tasks.<id>", "last_response", "hitl_response"}
    assert PATTERNS["chain"].scopes[0].names["steps"].written("steps") == "steps[n]"
