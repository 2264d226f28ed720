"""Graph by example: given nodes and edges, when a node answers, then where it goes on."""

from __future__ import annotations

import pytest
from returns.result import Success

from durable_core.journal.codec import decode, encode
from durable_core.patterns.base import (
    AskPerson,
    CallAgent,
    Completed,
    Failed,
    Finished,
    Open,
    Responded,
    Waiting,
)
from durable_core.patterns.graph import machine as pattern
from durable_core.session import commands, replay, verdict
from durable_core.spec.models import Spec
from durable_core.views.documents import pattern_document
from tests.support.patterns_kit import CALL, QUESTION, Doc, respecified, sent, spec_of, told, wanted
from tests.support.session_kit import Story, source_of


def edge(source: str, *to: str) -> Doc:
    return {"from": source, "to": list(to)}


def choose(source: str, **ways: str) -> Doc:
    """An edge whose conditions stand in order: the target's name, then what must hold."""
    return {"from": source, "choose": [{"when": when, "to": to} for to, when in ways.items()]}


def of(nodes: Doc, *edges: Doc, max_iterations: int = 10) -> Spec:
    config = {"nodes": nodes, "edges": list(edges), "max_iterations": max_iterations}
    return spec_of("graph", config)


ROW = of({"draft": CALL, "review": {"agent": "bob"}}, edge("draft", "review"))
LOOP = of({"draft": CALL, "review": CALL}, edge("draft", "review"), edge("review", "draft"), max_iterations=2)


def test_the_first_node_in_the_file_is_the_entry() -> None:
    state = pattern.initial(ROW)
    assert wanted(ROW, state) == {
        "nodes/draft/1": CallAgent(
            unit="nodes/draft/1",
            title="Node draft: ann",
            agent="ann",
            conversation="ann",
            input="Begin.",
            place="pattern.config.nodes.draft.input",
            context={"nodes": state.nodes},
        )
    }
    assert pattern.verdict(state) == Open()


def test_every_node_is_there_for_templates_whether_it_ran_or_not() -> None:
    nodes = {"draft": CALL, "ask": QUESTION, "check": {"agent": "bob", "input": "{{ nodes.ask.status }}"}}
    spec = of(nodes, edge("draft", "check"))
    state = told(spec, pattern.initial(spec), nodes__draft__1="text")
    assert {name: dict(record) for name, record in state.nodes.items()} == {
        "draft": {"response": "text", "agent": "ann", "status": "success", "iteration": 1},
        "ask": {"response": "", "agent": "", "status": "not_executed", "iteration": 0},
        "check": {"response": "", "agent": "bob", "status": "not_executed", "iteration": 0},
    }
    assert sent(wanted(spec, state)["nodes/check/1"]) == "not_executed"


def test_where_no_edge_leads_on_the_graph_ends() -> None:
    state = told(ROW, pattern.initial(ROW), nodes__draft__1="text")
    assert sent(wanted(ROW, state)["nodes/review/1"]) == "text"
    state = told(ROW, state, nodes__review__1="fine")
    assert pattern.wanted(state) == ()
    match pattern.verdict(state):
        case Finished(result, context):
            assert result == context["last_response"] == "fine"
            assert context["nodes"] == state.nodes
            assert context["terminal_node"] == "review"
            assert context["execution_path"] == ("draft", "review")
            assert context["total_steps"] == 2
        case other:
            raise AssertionError(other)


def test_a_plain_edge_leads_to_its_first_target_and_edges_are_tried_in_file_order() -> None:
    nodes = dict.fromkeys(("a", "b", "c"), CALL)
    cases = (
        ((edge("a", "b", "c"),), "b"),
        ((edge("a", "b"), edge("a", "c")), "b"),
        ((edge("a"), edge("a", "c")), "c"),
        ((choose("a", b="1 == 2"), edge("a", "c")), "c"),
        ((choose("a", b="{{ 1 == 2 }}", c="ELSE"),), "c"),
        ((choose("a", b="nodes.a.response == 'text'", c="else"),), "b"),
        ((choose("a", b="1 == 2"),), None),
        ((edge("b", "c"),), None),
    )
    for edges, target in cases:
        spec = of(nodes, *edges)
        state = told(spec, pattern.initial(spec), nodes__a__1="text")
        assert state.at == target, edges


def test_a_condition_sees_variables_below_what_the_graph_itself_provides() -> None:
    spec = of(
        {"a": CALL, "b": CALL, "c": CALL},
        choose("a", b="tone == 'kind' and last_response == 'text'", c="else"),
    )
    variables = {"tone": "kind", "last_response": "of no use"}
    (event,) = pattern.decide(pattern.initial(spec), Completed("nodes/a/1", "text", 3, variables)).unwrap()
    assert isinstance(event, pattern.NodeCompleted)
    assert event.way == pattern.Transition(to="b", edge=0)


def test_a_condition_that_cannot_be_worked_out_names_its_edge_and_keeps_the_answer() -> None:
    spec = of({"a": CALL, "b": CALL}, edge("b", "a"), choose("a", a="1 == 2", b="tpoic == 'x'"))
    state = pattern.initial(spec)
    (event,) = pattern.decide(state, Completed("nodes/a/1", "text", 3, {"topic": "x"})).unwrap()
    state = pattern.evolve(state, event)
    assert pattern.wanted(state) == ()
    stand = pattern.verdict(state)
    assert isinstance(stand, Failed)
    assert (stand.unit, stand.fault.kind) == ("nodes/a/1", "template")
    assert stand.fault.message.startswith(
        "no edge from a could be chosen: pattern.config.edges[1].choose[1].when: 'tpoic' is not defined "
        "(did you mean 'topic'?"
    )
    assert stand.fault.message.endswith("; correct the spec or the variables and resume")
    corrected = of({"a": CALL, "b": CALL}, edge("b", "a"), choose("a", b="topic == 'x'"))
    assert list(wanted(spec, respecified(state, corrected, topic="x"))) == ["nodes/b/1"]
    still = of({"a": CALL, "b": CALL}, choose("a", b="2 in 3"))
    stand = pattern.verdict(respecified(state, still))
    assert isinstance(stand, Failed)
    assert "edges[0].choose[0]" in stand.fault.message
    assert " (" not in stand.fault.message, "where there is no hint, none is shown"


def test_an_answer_given_before_the_condition_failed_is_not_asked_for_again() -> None:
    """The whole way: fail on the edge, correct the spec, resume, and finish with one call of each node."""
    nodes = {"a": CALL, "b": CALL}
    story = Story(of(nodes, choose("a", b="nowhere")))
    story.answer("nodes/a/1", "text")
    story.resume()
    corrected = of(nodes, choose("a", b="topic == 'bridges'"))
    story.tell(commands.ChangeSpec(at=story.later(), spec=corrected, source=source_of(corrected)))
    assert story.turn("nodes/b/1").prompt == "text"
    story.answer("nodes/b/1", "end")
    assert [done.unit for done in story.session.done] == ["nodes/a/1", "nodes/b/1"]
    assert replay(story.journal) == Success(story.session)


def test_a_condition_that_failed_is_tried_again_with_the_variables_that_a_person_corrected() -> None:
    nodes = {"a": CALL, "b": CALL}
    story = Story(of(nodes, choose("a", b="'x' in tags")), tags=3)
    story.answer("nodes/a/1", "text")
    assert isinstance(verdict(story.session), Failed)
    story.resume()
    variables = {**story.session.variables, "tags": ["x"]}
    story.tell(commands.EditVariables(at=story.later(), variables=variables))
    assert story.turn("nodes/b/1").prompt == "text"
    assert replay(story.journal) == Success(story.session)


def test_a_corrected_condition_sees_the_variables_as_they_are_now() -> None:
    nodes = {"a": CALL, "b": CALL}
    story = Story(of(nodes, choose("a", b="nowhere")), tags=3)
    story.answer("nodes/a/1", "text")
    story.resume()
    variables = {**story.session.variables, "tags": ["x"]}
    story.tell(commands.EditVariables(at=story.later(), variables=variables))
    assert isinstance(verdict(story.session), Failed), "no variable could help"
    corrected = of(nodes, choose("a", b="'x' in tags"))
    story.tell(commands.ChangeSpec(at=story.later(), spec=corrected, source=source_of(corrected)))
    assert story.turn("nodes/b/1").prompt == "text"


def test_a_way_that_was_found_stays_whatever_becomes_of_the_variables() -> None:
    story = Story(of({"a": CALL, "b": CALL, "c": CALL}, choose("a", b="topic == 'bridges'", c="else")))
    story.answer("nodes/a/1", "text")
    story.resume()
    story.tell(commands.EditVariables(at=story.later(), variables={"topic": "tunnels"}))
    assert story.turn("nodes/b/1").prompt == "text"


def test_a_visit_too_many_is_a_failure_that_names_the_loop() -> None:
    state = told(LOOP, pattern.initial(LOOP), nodes__draft__1="d", nodes__review__1="r", nodes__draft__2="d")
    assert wanted(LOOP, state)["nodes/review/2"].title == "Node review (visit 2): ann"
    state = told(LOOP, state, nodes__review__2="r")
    assert pattern.wanted(state) == ()
    stand = pattern.verdict(state)
    assert isinstance(stand, Failed)
    assert (stand.unit, stand.fault.kind) == ("nodes/draft/3", "pattern")
    assert stand.fault.message == (
        "draft -> review -> draft visited more than 2 times; "
        "raise max_iterations in the spec and resume to go on"
    )
    wider = of({"draft": CALL, "review": CALL}, edge("draft", "review"), edge("review", "draft"))
    assert list(wanted(LOOP, respecified(state, wider))) == ["nodes/draft/3"]


def test_a_long_loop_is_named_by_its_ends() -> None:
    names = [f"n{number}" for number in range(20)]
    row = [edge(source, target) for source, target in zip(names, [*names[1:], names[0]], strict=True)]
    spec = of(dict.fromkeys(names, CALL), *row, max_iterations=1)
    state = told(spec, pattern.initial(spec), **{f"nodes__{name}__1": "text" for name in names})
    stand = pattern.verdict(state)
    assert isinstance(stand, Failed)
    loop = "n0 -> n1 -> n2 -> n3 -> n4 -> n5 -> n6 -> n7 -> n8 -> n9 -> ... -> n0"
    assert stand.fault.message.startswith(f"{loop} visited more than 1 times")


def test_a_loop_is_named_from_where_it_came_back_not_from_the_start() -> None:
    nodes = {"start": CALL, "a": CALL, "b": CALL}
    spec = of(nodes, edge("start", "a"), edge("a", "b"), edge("b", "a"), max_iterations=1)
    state = told(spec, pattern.initial(spec), nodes__start__1="s", nodes__a__1="a", nodes__b__1="b")
    stand = pattern.verdict(state)
    assert isinstance(stand, Failed)
    assert stand.fault.message.startswith("a -> b -> a visited")


def test_a_person_may_be_a_node_and_what_they_say_may_choose_the_way() -> None:
    nodes = {"ask": {**QUESTION, "prompt": "Which way?"}, "left": CALL, "right": CALL}
    spec = of(nodes, choose("ask", left="hitl_response == 'left'", right="else"))
    state = pattern.initial(spec)
    request = wanted(spec, state)["nodes/ask/1"]
    assert isinstance(request, AskPerson)
    assert (request.title, request.place) == ("Node ask: person", "pattern.config.nodes.ask")
    assert pattern.verdict(state) == Waiting(("nodes/ask/1",))
    state = told(spec, state, nodes__ask__1="left")
    assert dict(state.nodes["ask"]) == {"response": "left", "agent": "", "status": "success", "iteration": 1}
    assert sent(wanted(spec, state)["nodes/left/1"]) == "left"


def test_a_node_without_an_input_is_sent_what_was_said_last() -> None:
    nodes = {"draft": CALL, "ask": QUESTION, "fix": CALL, "end": {"agent": "bob"}}
    spec = of(nodes, edge("draft", "ask"), edge("ask", "fix"), edge("fix", "end"))
    state = told(spec, pattern.initial(spec), nodes__draft__1="text", nodes__ask__1="shorter")
    assert sent(wanted(spec, state)["nodes/fix/1"]) == "text\n\nA person answered: shorter"
    state = told(spec, state, nodes__fix__1="txt")
    request = wanted(spec, state)["nodes/end/1"]
    assert sent(request) == "txt"
    assert request.context["hitl_response"] == "shorter"


def test_a_node_is_sent_what_was_said_last_also_when_the_edge_to_it_is_gone() -> None:
    nodes = {"draft": CALL, "end": {"agent": "bob"}}
    spec = of(nodes, edge("draft", "end"))
    state = told(spec, pattern.initial(spec), nodes__draft__1="text")
    changed = of(nodes, edge("draft"))
    assert sent(wanted(changed, respecified(state, changed))["nodes/end/1"]) == "text"


def test_a_node_in_a_loop_reads_answers_that_are_not_there_yet_as_empty() -> None:
    text = "<{{ last_response }}{{ hitl_response }}>{{ hitl_response is defined }}"
    nodes = {"draft": {**CALL, "input": text}, "ask": QUESTION}
    spec = of(nodes, edge("draft", "ask"), edge("ask", "draft"))
    state = pattern.initial(spec)
    assert sent(wanted(spec, state)["nodes/draft/1"]) == "<>False"
    state = told(spec, state, nodes__draft__1="text", nodes__ask__1="more")
    assert sent(wanted(spec, state)["nodes/draft/2"]) == "<textmore>True"


def test_a_graph_of_people_alone_ends_with_what_the_last_one_said() -> None:
    spec = of({"ask": QUESTION}, edge("ask"))
    stand = pattern.verdict(told(spec, pattern.initial(spec), nodes__ask__1="yes"))
    assert isinstance(stand, Finished)
    assert stand.result == "yes"


@pytest.mark.parametrize(
    "report",
    [
        Completed("nodes/draft/1", "again", 3),
        Completed("nodes/review/2", "early", 3),
        Responded("nodes/review/1", "?", "not a person's"),
        Responded("nodes/draft/1", "?", "late"),
    ],
)
def test_a_report_that_is_late_early_or_of_the_wrong_kind_decides_nothing(
    report: Completed | Responded,
) -> None:
    state = told(ROW, pattern.initial(ROW), nodes__draft__1="text")
    assert pattern.decide(state, report) == Success(())


def test_a_report_on_a_question_that_is_another_decides_nothing() -> None:
    spec = of({"ask": QUESTION}, edge("ask"))
    state = pattern.initial(spec)
    assert pattern.decide(state, Responded("nodes/ask/2", "?", "yes")) == Success(())
    assert pattern.decide(state, Completed("nodes/ask/1", "yes", 3)) == Success(())
    over = told(spec, state, nodes__ask__1="yes")
    assert pattern.decide(over, Responded("nodes/ask/1", "?", "no")) == Success(())


def test_nodes_and_edges_to_come_may_change_but_what_is_done_must_stay() -> None:
    state = told(ROW, pattern.initial(ROW), nodes__draft__1="text")
    only = {"review": CALL}
    problem = "node draft is completed, but the changed spec has no such node"
    assert respecified(state, of(only, edge("review"))) == problem
    problem = "node draft is completed, but the changed spec makes another kind of it"
    assert respecified(state, of({"draft": QUESTION, **only}, edge("draft", "review"))) == problem
    problem = "node review comes next, but the changed spec has no such node"
    assert respecified(state, of({"draft": CALL}, edge("draft"))) == problem
    more = of({"new": CALL, "draft": CALL, "review": QUESTION}, edge("draft", "new"), edge("review", "new"))
    changed = respecified(state, more)
    assert pattern.verdict(changed) == Waiting(("nodes/review/1",))
    assert list(changed.nodes) == ["new", "draft", "review"]
    assert list(wanted(ROW, told(more, changed, nodes__review__1="yes"))) == ["nodes/new/1"]


def test_a_graph_that_has_not_begun_takes_the_entry_of_the_changed_spec() -> None:
    changed = respecified(pattern.initial(ROW), of({"other": CALL}, edge("other")))
    assert list(wanted(ROW, changed)) == ["nodes/other/1"]


def test_a_models_words_are_never_taken_for_a_template_or_a_condition() -> None:
    nodes = {"a": CALL, "b": {"agent": "bob", "input": "{{ last_response }}"}, "c": CALL}
    story = Story(of(nodes, choose("a", c="nodes.a.response == 'else'", b="else"), edge("b", "c")))
    story.answer("nodes/a/1", "{{ topic }} {% for %} else")
    assert story.turn("nodes/b/1").prompt == "{{ topic }} {% for %} else"
    story.answer("nodes/b/1", "{{ 1/0 }}")
    assert story.turn("nodes/c/1").prompt == "{{ 1/0 }}"


def test_the_way_that_was_found_goes_through_the_wire_as_it_is() -> None:
    story = Story(of({"a": CALL, "b": CALL}, choose("a", b="nowhere")))
    (completed,) = story.answer("nodes/a/1", "text")
    assert decode(encode(completed)) == Success(completed)
    assert "nowhere" in encode(completed)["decided"][0]["way"]["problem"]


def test_the_view_shows_where_it_stands_and_each_visit() -> None:
    nodes = {"draft": CALL, "ask": QUESTION, "end": CALL}
    story = Story(of(nodes, edge("draft", "ask"), edge("ask", "draft")))
    shown = pattern_document(story.session)
    assert (shown["current_node"], shown["node_history"], shown["total_steps"]) == ("draft", [], 0)
    story.answer("nodes/draft/1", "text")
    story.ask("nodes/ask/1")
    story.respond("again")
    story.answer("nodes/draft/2", "better")
    shown = pattern_document(story.session)
    assert shown["current_node"] == "ask"
    assert shown["node_history"] == [
        {"node": "draft", "iteration": 1, "agent": "ann", "response": "text", "tokens": 7},
        {"node": "ask", "iteration": 1, "type": "hitl", "prompt": "Go on?", "response": "again"},
        {"node": "draft", "iteration": 2, "agent": "ann", "response": "better", "tokens": 7},
    ]
    assert shown["node_outputs"]["draft"] == {
        "response": "better",
        "agent": "ann",
        "status": "success",
        "iteration": 2,
    }
    assert shown["iteration_counts"] == {"draft": 2, "ask": 1}
    assert shown["total_steps"] == 3
