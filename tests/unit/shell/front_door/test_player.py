"""Playing a workflow with scripted answers, in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from durable_core.types import Fault, Usage
from strands_durable import OperationError, SpecInvalid
from strands_durable.testing import Asked, Refused, Unanswered, play
from tests.support.session_kit import chain_of, spec_of

TEA = """
version: 0
name: tea-report
runtime: {provider: openai, model_id: gpt-4o-mini}
inputs: {required: {drink: string}}
agents:
  researcher: {prompt: "You list facts about {{ drink }}."}
  writer: {prompt: You write reports.}
pattern:
  type: chain
  config:
    steps:
      - {agent: researcher, input: "Facts about {{ drink }}"}
      - {type: hitl, prompt: "Is this right? {{ last_response }}", validation: {pattern: "yes|no"}}
      - {agent: writer, input: "Report on {{ drink }}. The reviewer said {{ hitl_response }}."}
outputs:
  artifacts:
    - {path: "{{ drink }}.md", from: "{{ last_response }}"}
"""
ANSWERS: dict[str, Any] = {"researcher": "Leaves.", "steps/1": "yes", "writer": "Leaves and water."}


# --- bad input ----------------------------------------------------------------------------------------


def test_all_problems_of_a_workflow_are_raised_at_once_in_the_words_of_the_command_line() -> None:
    broken = TEA.replace("agent: researcher", "agent: chemist").replace("agent: writer", "agent: poet")
    with pytest.raises(SpecInvalid) as raised:
        play(broken, {"drink": "tea"}, ANSWERS)
    assert {problem.pointer for problem in raised.value.problems} == {
        "/pattern/config/steps/0/agent",
        "/pattern/config/steps/2/agent",
    }
    assert raised.value.code == 3
    assert str(raised.value).startswith("Error: the spec has 2 problems:\n  line 13, column ")
    assert "\n".join(raised.value.lines) == str(raised.value)


def test_a_name_that_no_variable_has_is_a_problem_of_the_workflow() -> None:
    with pytest.raises(SpecInvalid, match="uses 'drnk', which is not defined there"):
        play(TEA.replace("about {{ drink }}", "about {{ drnk }}"), {"drink": "tea"}, ANSWERS)


def test_a_feature_that_does_not_run_is_refused_with_its_own_code() -> None:
    spec = chain_of({"agent": "ann"}, tools={"mcp": [{"id": "files", "command": "npx"}]})
    with pytest.raises(SpecInvalid, match="Not supported yet: MCP servers") as raised:
        play(spec, {}, {"ann": "x"})
    assert raised.value.code == 18


def test_a_file_that_is_not_there_is_named_and_where_it_was_looked_for() -> None:
    with pytest.raises(
        OperationError, match=r"Can't read nowhere\.yaml: there is no such file\nHint: .*begin at /"
    ):
        play("nowhere.yaml")


@pytest.mark.parametrize("variables", [None, {}, {"drink": 5}, {"drink": None}])
def test_a_variable_that_is_missing_or_does_not_fit_is_named(variables: dict[str, Any] | None) -> None:
    with pytest.raises(OperationError, match="drink") as raised:
        play(TEA, variables, ANSWERS)
    assert raised.value.code == 2


def test_a_question_that_the_script_does_not_answer_is_named_with_its_agent_and_prompt() -> None:
    with pytest.raises(Unanswered, match=r"no answer for steps/0 \(agent researcher\), .*'Facts about tea'"):
        play(TEA, {"drink": "tea"}, {"writer": "x"})


def test_an_answer_that_a_gate_does_not_take_is_refused_in_the_words_of_the_command_line() -> None:
    with pytest.raises(Refused, match=r"the answer does not match the pattern yes\|no of gate steps/1"):
        play(TEA, {"drink": "tea"}, {**ANSWERS, "steps/1": "perhaps"})


# --- playing ------------------------------------------------------------------------------------------


def test_a_workflow_is_played_to_its_result_and_its_artifacts() -> None:
    played = play(TEA, {"drink": "tea"}, ANSWERS)
    assert (played.status, played.result, played.error) == ("completed", "Leaves and water.", None)
    assert played.artifacts == {"tea.md": "Leaves and water."}
    assert played.units["steps/1"].prompt == "Is this right? Leaves."
    assert played.units["steps/2"].prompt == "Report on tea. The reviewer said yes."
    assert played.usage == Usage(6, 8)
    assert played.session.seq == len(played.events)


def test_a_workflow_may_be_a_path_its_text_or_a_parsed_spec(tmp_path: Path) -> None:
    path = tmp_path / "tea.yaml"
    path.write_text(TEA)
    given = {"drink": "tea"}
    texts = (path, str(path), TEA, play(TEA, given, ANSWERS).session.spec)
    assert {play(spec, given, ANSWERS).result for spec in texts} == {"Leaves and water."}


def test_an_answer_may_be_a_function_of_what_was_asked() -> None:
    heard: list[Asked] = []

    def answer(asked: Asked) -> str:
        heard.append(asked)
        return "yes" if asked.agent is None else f"{asked.agent} on {asked.prompt}"

    assert play(TEA, {"drink": "tea"}, answer).units["steps/0"].answer == "researcher on Facts about tea"
    assert heard[0] == Asked(
        unit="steps/0",
        attempt=1,
        prompt="Facts about tea",
        agent="researcher",
        system_prompt="You list facts about tea.",
    )
    assert (heard[1].unit, heard[1].agent, heard[1].system_prompt) == ("steps/1", None, None)


def test_an_answer_by_unit_comes_before_one_by_agent() -> None:
    spec = chain_of({"agent": "ann"}, {"agent": "ann"})
    played = play(spec, {}, {"ann": "again", "steps/0": lambda asked: f"first, {asked.attempt}"})
    assert [unit.answer for unit in played.units] == ["first, 1", "again"]


def test_a_mapping_is_sent_as_json() -> None:
    spec = spec_of(
        "routing", {"router": {"agent": "ann"}, "routes": {"left": {"then": [{"agent": "bob"}]}}}, {}
    )
    played = play(spec, {}, {"router": {"route": "left"}, "bob": "Here."})
    assert played.units["router"].answer == json.dumps({"route": "left"})
    assert played.result == "Here."


def test_a_tuple_has_one_answer_for_each_attempt_and_the_last_for_all_that_follow() -> None:
    runtime = {"failure_policy": {"retries": 3, "backoff": "constant", "wait_min": 5, "wait_max": 5}}
    spec = chain_of({"agent": "ann"}, {"agent": "ann"}, runtime=runtime)
    slow = Fault("throttled", "too many requests")
    played = play(spec, {}, {"steps/0": (slow, slow, "At last."), "steps/1": ("Done.",)})
    assert [attempt.outcome for attempt in played.units["steps/0"].attempts] == [
        "faulted",
        "faulted",
        "completed",
    ]
    first, second = played.units["steps/0"].attempts[:2]
    assert first.retry_at is not None
    assert second.started_at >= first.retry_at  # the wait is over, though nobody has waited
    assert played.result == "Done."


def test_a_fault_that_stays_fails_the_workflow_and_says_why() -> None:
    played = play(chain_of({"agent": "ann"}), {}, {"ann": Fault("refused", "no such model")})
    assert (played.status, played.result, played.error) == ("failed", None, "steps/0: no such model")


def test_a_question_to_a_person_without_an_answer_stays_open() -> None:
    played = play(TEA, {"drink": "tea"}, {"researcher": "Leaves."})
    assert (played.status, played.result, played.units["steps/1"].status) == ("paused", None, "waiting")


def test_a_question_that_cannot_be_rendered_fails_its_unit() -> None:
    played = play(chain_of({"agent": "ann", "input": "{{ 1 / zero }}"}), {"zero": 0}, {"ann": "x"})
    assert played.status == "failed"
    assert played.units["steps/0"].fault is not None
    assert played.units["steps/0"].fault.kind == "template"


def test_units_that_may_run_side_by_side_start_together() -> None:
    branches = [{"id": name, "steps": [{"agent": "ann"}]} for name in "abc"]
    played = play(spec_of("parallel", {"branches": branches}, {"max_parallel": 2}), {}, {"ann": "x"})
    first, second, third = played.units
    assert first.ended_at is not None
    assert second.started_at < first.ended_at < third.started_at


def test_two_artifacts_do_not_overwrite_each_other() -> None:
    declared = [{"path": "a.md", "from": "one"}, {"path": "a.md", "from": "two"}]
    played = play(chain_of({"agent": "ann"}, outputs={"artifacts": declared}), {}, {"ann": "x"})
    assert (played.status, played.artifacts) == ("failed", {"a.md": "one"})
    assert played.error == "artifacts/1: a.md exists already, with another text"


def test_an_answer_that_a_session_in_memory_does_not_know_of_is_no_answer() -> None:
    with pytest.raises(Unanswered, match="no answer for steps/0"):
        play(chain_of({"agent": "ann"}), {}, {})


def test_playing_loads_no_sdk_and_no_event_loop_and_starts_no_process() -> None:
    program = (
        "import sys; from strands_durable.testing import play\n"
        "seen = []; sys.addaudithook(lambda event, _: seen.append(event))\n"
        f"played = play({TEA!r}, {{'drink': 'tea'}}, {ANSWERS!r})\n"
        "assert played.status == 'completed'\n"
        "heads = {name.partition('.')[0] for name in sys.modules}\n"
        "started = [e for e in seen if e.startswith(('socket.', 'subprocess.', 'os.exec', 'os.fork'))]\n"
        "print(sorted(heads & {'strands', 'asyncio', 'rich', 'docopt', 'httpx', 'boto3'}), started)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (run.stdout, run.returncode) == ("[] []\n", 0), run.stderr
