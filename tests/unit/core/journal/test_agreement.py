"""A workflow and the text that is kept with it: what differs is damage, what another version read is not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from durable_core.journal import codec
from durable_core.journal.agreement import check_specs
from durable_core.journal.verification import Inconsistency
from durable_core.session import Event, commands
from durable_core.session.state import Writer
from durable_core.spec.models import Spec
from strands_durable.testing import MemorySession
from tests.support.golden import journals, wires
from tests.support.session_kit import ASK, WRITE, Story, chain_of, source_of

OTHER = chain_of({**WRITE, "input": "Something else."})
PROBLEM = "the workflow is not what the text says that is kept with it"


def begun(program: str = "1.0", **fields: Any) -> list[Event]:
    first: Any = Story(chain_of(WRITE, ASK)).journal[0]
    return [replace(first, writer=Writer(program=program), **fields)]


def test_a_workflow_that_is_what_its_text_says_agrees() -> None:
    assert check_specs(begun(), "1.0") is None


def test_a_workflow_that_its_text_does_not_say_is_damage() -> None:
    assert check_specs(begun(spec=OTHER), "1.0") == Inconsistency(1, PROBLEM)


def test_a_changed_workflow_is_held_to_its_own_text_and_to_the_version_that_changed_it() -> None:
    story = Story(chain_of(WRITE, ASK))
    story.tell(commands.Resume(at=story.later(), writer=Writer(program="1.0")))
    change = commands.ChangeSpec(at=story.later(), spec=OTHER, source=source_of(chain_of(ASK)))
    story.tell(change)
    assert check_specs(story.journal, "1.0") == Inconsistency(3, PROBLEM)
    assert check_specs(story.journal, "0.9") is None


def test_what_another_version_read_or_this_one_does_not_take_any_more_is_no_damage() -> None:
    assert check_specs(begun("0.9", spec=OTHER), "1.0") is None
    first: Any = begun()[0]
    assert check_specs(begun(source=replace(first.source, text="no workflow")), "1.0") is None


def moved(understood: Spec, taken: Spec) -> MemorySession:
    """A session that 0.9 began with a workflow as it ``understood`` the text, that 1.0 found elsewhere."""
    session = MemorySession.replayed(begun("0.9", spec=understood))
    session.tell(commands.Resume(at=session.later(), writer=Writer(program="1.0")))
    source = replace(session.session.source, path="/elsewhere/story.yaml")
    session.tell(commands.ChangeSpec(at=session.later(), spec=taken, source=source))
    return session


def test_a_workflow_that_only_moved_is_kept_as_the_version_understood_it_that_began_it() -> None:
    assert check_specs(moved(OTHER, OTHER).journal, "1.0") is None
    assert check_specs(moved(OTHER, chain_of(WRITE, ASK)).journal, "1.0") is None
    assert check_specs(moved(OTHER, chain_of(WRITE)).journal, "1.0") == Inconsistency(3, PROBLEM)


def test_a_workflow_that_changed_after_it_was_moved_is_held_to_its_own_text() -> None:
    session = moved(OTHER, OTHER)
    edited = chain_of(WRITE, WRITE)
    session.tell(commands.ChangeSpec(at=session.later(), spec=edited, source=source_of(edited)))
    assert check_specs(session.journal, "1.0") is None
    session.tell(commands.ChangeSpec(at=session.later(), spec=edited, source=source_of(OTHER)))
    assert check_specs(session.journal, "1.0") == Inconsistency(5, PROBLEM)


NOBODY: Any = {**WRITE, "agent": "nobody"}
BROKEN = {
    "an agent that is not there": ("chain", {"steps": [NOBODY]}),
    "a task that waits for itself": (
        "workflow",
        {"tasks": [{"id": "a", "agent": "ann", "deps": ["b"]}, {"id": "b", "agent": "ann", "deps": ["a"]}]},
    ),
    "a task that waits for none": ("workflow", {"tasks": [{"id": "a", "agent": "ann", "deps": ["x"]}]}),
    "an edge into nothing": (
        "graph",
        {"nodes": {"a": {"agent": "ann"}}, "edges": [{"from": "a", "to": ["x"]}], "max_iterations": 2},
    ),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("program", ["1.0", "0.9"])
def test_a_workflow_that_no_version_can_have_begun_is_damage(name: str, program: str) -> None:
    document = json.loads(source_of(OTHER).text)
    document["pattern"] = dict(zip(("type", "config"), BROKEN[name], strict=True))
    spec = Spec.model_validate(document)
    wrong = check_specs(begun(program, spec=spec, source=source_of(spec)), "1.0")
    assert wrong is not None
    assert wrong.reason.startswith("the workflow in it is not one that any version of this program began: ")


def test_the_order_of_the_nodes_of_a_graph_counts() -> None:
    def graph(*names: str) -> Spec:
        document = json.loads(source_of(OTHER).text)
        nodes = {name: {"agent": "ann"} for name in names}
        edges = [{"from": "a", "to": ["b"]}, {"from": "b", "to": ["a"]}]
        document["pattern"] = {
            "type": "graph",
            "config": {"nodes": nodes, "edges": edges, "max_iterations": 2},
        }
        return Spec.model_validate(document)

    one, other = graph("a", "b"), graph("b", "a")
    assert check_specs(begun(spec=one, source=source_of(one)), "1.0") is None
    assert check_specs(begun(spec=one, source=source_of(other)), "1.0") == Inconsistency(1, PROBLEM)


@pytest.mark.parametrize("name", journals())
def test_the_workflows_of_every_journal_that_landed_agree_with_their_texts(name: str) -> None:
    events = codec.decode_all(wires(journals()[name])).unwrap()
    assert check_specs(events, "another") is None
    program = next(event.writer.program for event in events)
    assert check_specs(events, program) is None
