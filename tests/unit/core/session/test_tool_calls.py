"""Tool calls in a session: what a person may settle, what the spec decides, and what is told to the agent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from durable_core.patterns.base import Failed, Waiting
from durable_core.session import commands, doubts, events, verdict, wanted
from durable_core.session.conversation import ConversationMessage, Memory
from durable_core.session.tool_calls import tool_use_id
from durable_core.spec import tool_refs
from durable_core.spec.checks import check_spec
from durable_core.spec.features import unsupported
from durable_core.spec.models import Spec
from durable_core.spec.tool_refs import (
    ToolRef,
    guardrails_of,
    policy_for,
    short_name,
    tools_by_name,
    tools_for,
)
from durable_core.types import Usage
from durable_core.views.documents import agent_document, pattern_document
from tests.support.session_kit import Story, chain_of, source_of
from tests.support.spec_kit import document, problems

CALLS = ("call_1", "call_2", "look_1")


def asks(*calls: str) -> dict[str, Any]:
    return {
        "role": "assistant",
        "content": [{"toolUse": {"toolUseId": call, "name": "post", "input": {}}} for call in calls],
        "metadata": {"usage": {"inputTokens": 5, "outputTokens": 2}},
    }


def spec(prompt: str = "Do it.", **tools: Any) -> Spec:
    python = ("m:post", {"callable": "m:look", "reads_only": True})
    agents = {"ann": {"prompt": "You are ann.", "tools": ["python"]}}
    return chain_of({"agent": "ann", "input": prompt}, tools={"python": python, **tools}, agents=agents)


def message(story: Story, said: dict[str, Any], memory: Memory | None = None) -> None:
    progress = story.session.progress_of("steps/0")
    index = len(story.session.conversation("ann").messages)
    story.tell(
        commands.MessageAdded(
            at=story.later(),
            unit="steps/0",
            attempt=progress.attempt,
            conversation="ann",
            index=index,
            message=said,
            digest=f"d{index}",
            memory=memory,
        )
    )


def starts(story: Story, call: str, *, attempt: int = 1) -> tuple[events.Event, ...]:
    return story.tell(
        commands.ToolStarted(
            at=story.later(),
            unit="steps/0",
            attempt=attempt,
            call=call,
            name="look" if call.startswith("look") else "post",
            input={"n": call},
            reads_only=call.startswith("look"),
        )
    )


def returns(story: Story, call: str, *, attempt: int = 1) -> tuple[events.Event, ...]:
    result = {"toolUseId": call, "status": "success", "content": [{"text": "done"}]}
    return story.tell(
        commands.ToolReturned(at=story.later(), unit="steps/0", attempt=attempt, call=call, result=result)
    )


def interrupted(*calls: str, **tools: Any) -> Story:
    """A session whose only unit was killed after it had started these calls."""
    story = Story(spec(**tools))
    story.begin("steps/0")
    story.message("steps/0", "user", "Do it.")
    message(story, asks(*calls), Memory(state={"n": 1}))
    for call in calls:
        starts(story, call)
    story.resume()
    return story


def go_on(story: Story) -> None:
    """Start the unit's next attempt, as its brief says."""
    turn = story.turn("steps/0")
    started = commands.UnitStart("steps/0", turn.attempt, turn.kept)
    story.tell(commands.UnitsStarted(at=story.later(), starts=(started,)))


def settle(call: str | None, done: str | None, unit: str = "steps/0") -> commands.SettleTool:
    return commands.SettleTool(at=2000.0, unit=unit, call=call, done=done)


def test_a_call_starts_once_an_attempt_and_returns_once_to_the_attempt_that_started_it() -> None:
    story = Story(spec())
    story.begin("steps/0")
    assert returns(story, "call_1") == ()
    assert len(starts(story, "call_1")) == 1
    assert starts(story, "call_1") == ()
    assert starts(story, "call_2", attempt=7) == ()
    assert len(returns(story, "call_1")) == 1
    assert returns(story, "call_1") == ()
    assert starts(story, "call_1") == ()


def test_only_calls_that_may_change_the_world_and_never_returned_are_in_doubt() -> None:
    story = interrupted(*CALLS)
    assert [doubt.call.call for doubt in doubts(story.session)] == ["call_1", "call_2"]
    assert wanted(story.session) == ()
    assert verdict(story.session) == Waiting(("steps/0",))
    shown = pattern_document(story.session)["in_doubt"]
    assert [(one["unit"], one["call"], one["tool"], one["input"]) for one in shown] == [
        ("steps/0", call, "post", {"n": call}) for call in ("call_1", "call_2")
    ]


def test_settling_needs_a_unit_and_a_call_that_are_in_doubt() -> None:
    story = interrupted("call_1", "call_2")
    several = "several tool calls are in doubt at steps/0 (call_1, call_2): name the one you settle"
    assert story.refused(settle(None, "x")) == several
    other = "the tool call call_9 is not in doubt at steps/0 (in doubt: call_1, call_2)"
    assert story.refused(settle("call_9", "x")) == other
    elsewhere = "no tool call is in doubt at steps/1 (but at steps/0)"
    assert story.refused(settle(None, "x", unit="steps/1")) == elsewhere
    assert Story(spec()).refused(settle(None, None)) == "no tool call is in doubt at steps/0"


def test_what_a_person_says_was_done_is_told_to_the_agent_and_a_retry_is_run() -> None:
    story = interrupted("call_1", "call_2", "look_1")
    story.tell(settle("call_1", "posted"))
    assert verdict(story.session) == Waiting(("steps/0",))
    story.tell(settle(None, None))
    turn = story.turn("steps/0")
    assert (turn.goes_on, turn.kept, len(turn.history)) == (True, 2, 2)
    assert turn.returned == {
        "call_1": {"toolUseId": "call_1", "status": "success", "content": [{"text": "posted"}]}
    }
    assert turn.memory == Memory(state={"n": 1})
    assert turn.tools == (
        ToolRef(name="post", callable="m:post"),
        ToolRef(name="look", callable="m:look", reads_only=True),
    )
    go_on(story)
    assert starts(story, "call_1", attempt=2) == ()
    assert len(starts(story, "call_2", attempt=2)) == 1


def test_the_time_until_a_person_settles_a_call_is_not_work() -> None:
    story = interrupted("call_1")
    before = story.session.worked_s
    story.tell(settle(None, "x"))
    assert story.session.worked_s == before
    assert story.session.updated_at == 2000.0


@pytest.mark.parametrize("name", ["post", "m:post"])
def test_a_skipped_call_is_told_as_one_whose_outcome_nobody_knows(name: str) -> None:
    story = interrupted("call_1", in_doubt={name: "skip"})
    told = story.turn("steps/0").returned["call_1"]
    assert (told["toolUseId"], told["status"]) == ("call_1", "error")
    assert "not known" in told["content"][0]["text"]


def test_a_call_that_is_to_be_retried_leaves_nothing_to_tell() -> None:
    assert interrupted("call_1", in_doubt={"post": "retry"}).turn("steps/0").returned == {}


def test_a_call_that_must_not_be_in_doubt_fails_its_unit_until_the_policy_changes() -> None:
    story = interrupted("call_1", in_doubt={"post": "fail"})
    stand = verdict(story.session)
    assert isinstance(stand, Failed)
    assert (stand.unit, stand.fault.kind) == ("steps/0", "in_doubt")
    assert wanted(story.session) == ()
    changed = spec(in_doubt={"post": "retry"})
    story.tell(commands.ChangeSpec(at=story.later(), spec=changed, source=source_of(changed)))
    assert story.turn("steps/0").goes_on


def test_a_call_of_a_unit_that_the_changed_spec_no_longer_has_is_nobodys_doubt() -> None:
    story = Story(chain_of({"agent": "bob"}, {"agent": "ann", "input": "Do it."}))
    story.answer("steps/0")
    story.begin("steps/1")
    story.tell(
        commands.ToolStarted(
            at=story.later(), unit="steps/1", attempt=1, call="c", name="post", input={}, reads_only=False
        )
    )
    story.resume()
    assert doubts(story.session)
    changed = chain_of({"agent": "bob"})
    story.tell(commands.ChangeSpec(at=story.later(), spec=changed, source=source_of(changed)))
    assert doubts(story.session) == ()


def test_a_turn_whose_prompt_changed_begins_anew_and_its_calls_are_forgotten() -> None:
    story = interrupted("look_1")
    changed = spec(prompt="Do it well.")
    story.tell(commands.ChangeSpec(at=story.later(), spec=changed, source=source_of(changed)))
    turn = story.turn("steps/0")
    assert (turn.goes_on, turn.history, turn.returned) == (False, (), {})
    story.begin("steps/0")
    assert story.session.progress_of("steps/0").calls == ()
    assert story.session.progress_of("steps/0").owed == Usage(5, 2)


def test_an_agent_that_was_changed_loses_what_it_left_behind_and_others_do_not() -> None:
    def residue(agents: dict[str, Any]) -> tuple[ConversationMessage, ...]:
        story = interrupted("look_1")
        doc = spec().model_dump(mode="json", by_alias=True, exclude_unset=True)
        changed = Spec.model_validate_json(json.dumps(doc | {"agents": doc["agents"] | agents}))
        story.tell(commands.ChangeSpec(at=story.later(), spec=changed, source=source_of(changed)))
        return story.session.conversation("ann").residue

    assert residue({"ann": {"prompt": "You are another."}}) == ()
    assert len(residue({"bob": {"prompt": "You are another."}})) == 2


def test_a_transient_fault_keeps_the_rounds_and_a_report_counts_what_killed_attempts_owe() -> None:
    story = interrupted("look_1")
    go_on(story)
    (faulted,) = story.fault("steps/0", "throttled", usage=Usage(1, 1))
    assert isinstance(faulted, events.AttemptFaulted)
    assert faulted.usage == Usage(6, 3)
    assert len(story.session.conversation("ann").residue) == 2
    assert story.session.progress_of("steps/0").owed == Usage()


def test_results_in_a_message_are_known_for_good() -> None:
    story = interrupted("look_1")
    go_on(story)
    starts(story, "look_1", attempt=2)
    returns(story, "look_1", attempt=2)
    assert len(story.session.progress_of("steps/0").calls) == 1
    told = {"toolResult": {"toolUseId": "look_1", "status": "success", "content": []}}
    message(story, {"role": "user", "content": [told]})
    assert story.session.progress_of("steps/0").calls == ()
    assert agent_document("ann", story.session.conversation("ann"))["state"] == {"n": 1}


def test_two_calls_of_one_id_keep_the_models_id() -> None:
    assert [tool_use_id(call) for call in ("a", "a##2")] == ["a", "a"]


# --- names and guardrails -------------------------------------------------------------------------------


def named(**more: Any) -> Spec:
    python = (
        "pack.mod.fetch",
        "./tools/weather.py",
        "strands_tools.file_read",
        {"callable": "m:look", "reads_only": True},
    )
    return chain_of({"agent": "ann"}, tools={"python": python}, **more)


def test_names_stand_for_declared_tools_then_for_built_in_ones_then_for_none() -> None:
    look = ToolRef(name="look", callable="m:look", reads_only=True)
    weather = ToolRef(name="weather", callable="./tools/weather.py")
    given = named()
    known = tools_by_name(given)
    assert known["look"] == known["m:look"] == (look,)
    assert known["weather"] == (weather,)
    assert known["strands_tools.file_write.file_write"] == (ToolRef(name="file_write"),)
    assert "python_exec" not in known
    everything = tools_for(given, ["look", "python", "file_read", "calculator", "grep"])
    assert [ref.name for ref in everything] == ["look", "fetch", "weather", "file_read", "calculator"]


def test_of_two_tools_with_one_name_the_first_is_meant() -> None:
    both = chain_of({"agent": "ann"}, tools={"python": ("a:calculator", "b:calculator")})
    known = tools_by_name(both)
    assert [ref.callable for ref in known["calculator"]] == ["a:calculator"]
    assert [ref.callable for ref in known["b:calculator"]] == ["b:calculator"]


def test_the_tools_of_a_spec_are_made_once_however_many_names_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = [f"m:tool{number}" for number in range(40)]
    spec = chain_of(
        {"agent": "ann"},
        agents={name: {"prompt": "x", "tools": many} for name in ("ann", *map(str, range(20)))},
        tools={"python": tuple(many)},
        security={"guardrails": {"allow_tools": tuple(many)}},
    )
    made: list[str] = []

    def counted(path: str) -> str:
        made.append(path)
        return short_name(path)

    monkeypatch.setattr(tool_refs, "short_name", counted)
    for work in (
        lambda: tools_for(spec, ["python", *many] * 10),
        lambda: unsupported(spec, patterns=frozenset({"chain"})),
    ):
        made.clear()
        assert work() is not None
        assert made == many
    made.clear()
    assert list(check_spec(spec)) == []
    assert len(made) <= 2 * len(many)
    assert tools_for(spec, ()) == ()


def test_guardrails_keep_tools_from_agents() -> None:
    strict = named(security={"guardrails": {"deny_network": True, "allow_tools": ("look", "http_request")}})
    assert [ref.name for ref in tools_for(strict, ["python", "http_request"])] == ["look"]
    guardrail = guardrails_of(strict, tools_by_name(strict))
    assert guardrail(ToolRef(name="http_request")) == "deny_network"
    assert guardrail(ToolRef(name="fetch", callable="pack.mod.fetch")) == "allow_tools"
    assert policy_for(strict, "look") == "ask"
    assert policy_for(spec(in_doubt={"look": "skip"}), "post") == "ask"


def test_a_forbidden_tool_and_an_unknown_one_are_told_before_the_run() -> None:
    wrong = document(
        tools={"in_doubt": {"calculater": "retry"}},
        agents={"writer": {"prompt": "x", "tools": ["http_request", "calculator"]}},
        security={"guardrails": {"deny_network": True, "allow_tools": ["calculator"]}},
    )
    assert {one.pointer: one.message.split(": ")[-1] for one in problems(wrong)} == {
        "/tools/in_doubt/calculater": (
            "tools.in_doubt.calculater names the tool 'calculater', which does not exist."
        ),
        "/agents/writer/tools/0": "security.guardrails.deny_network forbids the tool 'http_request'.",
    }


def test_two_python_tools_of_one_name_are_told_apart_from_nobody() -> None:
    (problem,) = problems(document(tools={"python": ["a.search", "b:search"]}))
    assert problem.pointer == "/tools/python/1"
