"""The offline providers: the rules of echo, and scripts, their checks and their play."""

from __future__ import annotations

import asyncio
import errno
import json
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from returns.result import Failure, Success

from durable_core.types import FaultKind, Usage
from durable_shell.providers.offline.echo import EchoModel
from durable_shell.providers.offline.echo_rules import HEARD_LIMIT, echo_answer
from durable_shell.providers.offline.playback import cost, said, word_pieces
from durable_shell.providers.offline.script_file import load_script
from durable_shell.providers.offline.scripted import ScriptedModel
from tests.support.model_kit import Recorded, answered, play, settings, turn, unanswered


class Evaluation(BaseModel):
    """What an evaluator answers."""

    score: int
    issues: list[str]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("", 0), ("   \n", 0), ("tea", 1), ("teapot", 2), ("a, b!", 4), ("naïveté", 2), ("茶茶茶茶茶", 2)],
)
def test_a_word_is_cut_in_pieces_of_four_and_signs_count_alone(text: str, pieces: int) -> None:
    assert word_pieces(text) == pieces


def test_the_cost_covers_the_system_prompt_every_message_and_the_answer() -> None:
    messages: Any = [
        {"role": "user", "content": [{"text": "one two"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t", "name": "find", "input": {}}}]},
        {"role": "user", "content": [{"toolResult": {"content": [{"text": "tea"}, {"json": 7}]}}]},
    ]
    assert said(messages[1]["content"]) == "find {}"
    assert cost(messages, "be", "yes") == Usage(1 + 2 + 3 + 2, 1)


def test_the_default_echo_names_the_agent_and_repeats_the_prompt() -> None:
    assert echo_answer("You are a careful researcher of drinks.", ["Tea?\nOr coffee?"]) == (
        "Echo (You are a careful researcher of): Tea? Or coffee?"
    )
    assert echo_answer("", ["Tea?"]) == "Echo: Tea?"
    assert echo_answer("You are silent.", []) == "Echo (You are silent.): "


def test_a_chain_of_echoes_does_not_grow() -> None:
    text = "word " * 1000
    for _ in range(50):
        text = echo_answer("You are a link of a long chain.", [f"Go on from {text} and {text}"])
    assert len(text) < HEARD_LIMIT + 80


@pytest.mark.parametrize(
    ("system", "user", "expected"),
    [
        ("", "echo: hello", "hello"),
        ("", "Do it.\n  echo: one\\ntwo\necho: last\\nwins ", "last\nwins"),
        ("echo: from the system", "Tea?", "from the system"),
        ("echo: from the system", "echo: from the user", "from the user"),
        ("", 'Answer JSON {"route": "a"}\necho: the directive wins', "the directive wins"),
        ("Say echo: inside a line", "Tea?", "Echo (Say echo: inside a line): Tea?"),
    ],
)
def test_a_directive_is_answered_word_for_word(system: str, user: str, expected: str) -> None:
    assert echo_answer(system, [user]) == expected


@pytest.mark.parametrize(
    ("system", "user", "route"),
    [
        ("", 'Routes: billing, technical. Answer JSON {"route": "<name>"}.', "billing"),
        ("", 'Answer only with JSON {"route": name}, one of: billing, technical', "billing"),
        ("", 'Answer as JSON, {"route": "faq" | "research"}.', "faq"),
        ("", 'Reply in json {"route": "<faq|research>"}', "faq"),
        ('Known routes:\n- refund\n- sales\nAnswer in JSON: {"route": ...}', "I want my money", "refund"),
        ("", "Choose one of 'a-b', 'c'. JSON: {\"route\": \"...\"}", "a-b"),
        ("Routes: x, y", 'Answer JSON {"route": ...}', "x"),
        ("", 'Answer JSON {"route": "only"}', "only"),
        ("", 'Answer JSON {"route": ...}', ""),
    ],
)
def test_a_router_gets_the_first_route_that_is_listed(system: str, user: str, route: str) -> None:
    assert json.loads(echo_answer(system, [user])) == {"route": route}


def test_scores_grow_with_the_turns_of_the_evaluator() -> None:
    system = 'You judge. Answer JSON {"score": 0-100, "issues": [], "fixes": []}.'
    turns = [echo_answer(system, ["A draft"] * count) for count in (1, 2, 3, 4)]
    assert [json.loads(answer)["score"] for answer in turns] == [60, 75, 90, 90]
    assert [bool(json.loads(answer)["issues"]) for answer in turns] == [True, True, False, False]


def test_an_iteration_named_in_the_prompt_counts_instead_of_the_turns() -> None:
    ask = 'Iteration 2 of 3. Answer JSON {"score": N}.'
    assert json.loads(echo_answer("", [ask]))["score"] == 75
    assert json.loads(echo_answer("", [ask.replace("2", "0", 1)]))["score"] == 60


def test_an_orchestrator_gets_two_tasks_about_its_prompt() -> None:
    ask = 'Plan "tea" research.\nAnswer with a JSON array: [{"task": "..."}]'
    assert json.loads(echo_answer("", [ask])) == [
        {"task": 'Part 1 of 2: Plan "tea" research.'},
        {"task": 'Part 2 of 2: Plan "tea" research.'},
    ]
    assert len(json.loads(echo_answer('Plan. Give JSON [{"task": text}].', ["", "  "]))) == 2


def test_keys_without_a_wish_for_json_are_only_text() -> None:
    assert echo_answer("", ['The tasks were [{"task": "a"}].']).startswith("Echo: The tasks")


def test_echo_takes_the_time_that_its_model_id_says() -> None:
    started = time.perf_counter()
    outcome = answered(play(turn(settings("echo", model_id="echo:delay=0.2")))[0])
    assert time.perf_counter() - started >= 0.2
    assert outcome.text == "Echo (You are a careful researcher of): What is tea?"


def test_echo_gives_structured_output_and_configuration_through_the_sdk_interface() -> None:
    model = EchoModel()
    model.update_config(delay=0.01)
    assert model.get_config() == {"model_id": "echo", "delay": 0.01}
    prompt: Any = [{"role": "user", "content": [{"text": 'Answer JSON {"score": 1}'}]}]

    async def ask(text: str) -> Any:
        prompt[0]["content"][0]["text"] = text
        return [part async for part in model.structured_output(Evaluation, prompt)]

    found = asyncio.run(ask('Answer JSON {"score": 1}'))
    assert found[-1]["output"] == Evaluation(score=60, issues=["The draft could be more specific."])
    with pytest.raises(ValidationError):
        asyncio.run(ask("Tea?"))


def script(folder: Path, *rules: dict[str, Any]) -> Any:
    """Settings for a script with these rules."""
    path = folder / "script.json"
    path.write_text(json.dumps({"rules": rules}), encoding="utf-8")
    return settings("scripted", host=str(path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "must be a mapping"),
        ("- a", "must be a mapping"),
        ("rules: []", "rules"),
        ("rules: [{}]", "rules/0 needs exactly one of answer, answers, fault, tool_use"),
        ("rules: [{answer: a, fault: server}]", "exactly one"),
        ("rules: [{answers: []}]", "rules/0/answers"),
        ("rules: [{answers: [a], times: 2}]", "both answers and times"),
        ("rules: [{answer: 5}]", "rules/0/answer should be a valid string"),
        ("rules: [{anwser: a}]", "rules/0/anwser is not a known key"),
        ("rules: [{answer: a, match: {call: 0}}]", "rules/0/match/call"),
        (
            "rules: [{answer: a, match: {regex: '('}}]",
            "rules/0/match/regex cannot be used: the pattern is not",
        ),
        ("rules: [{answer: a, match: {regex: '(a+)+$'}}]", "regex cannot be used: the pattern repeats"),
        (
            "rules:\n- answer: a\n- match: {agent: a}\n  anwser: b",
            "line 4: rules/1/anwser is not a known key",
        ),
        ("rules:\n- answer: a\n- match: {agent: a}", "line 3: rules/1 needs exactly one of"),
        ('{"rules": [\n{"answer": "a",\n"delay": "x"}]}', "line 3: rules/0/delay"),
        ("rules:\n- answer: 'a", "line 2: The file is not valid YAML"),
        ("{" * 50_000, "The file is nested"),
        (
            "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
            + "".join(
                f"{two}: &{two} [{', '.join(['*' + one] * 10)}]\n"
                for one, two in zip("abcdef", "bcdefg", strict=True)
            )
            + "rules: *g",
            "more than 100,000 values",
        ),
        ("rules: [{fault: broken}]", "rules/0/fault should be 'throttled'"),
        ("rules: [{fault: server, retry_after: 1}]", "goes with fault: throttled"),
        ("rules: [{answer: a, delay: -1}]", "rules/0/delay"),
        ("rules: [{fault: throttled, retry_after: 86401}]", "rules/0/retry_after"),
        ("rules: [{answer: a, usage: {input: 1, output: 1000000000001}}]", "rules/0/usage/output"),
        ("rules: [{answer: a, usage: {input: 1}}]", "rules/0/usage/output is required"),
        ("rules: [{tool_use: {name: ''}}]", "rules/0/tool_use/name"),
        ("rules: [", "is not YAML or JSON"),
        ("rules: !!python/object:os.system []", "is not YAML or JSON"),
    ],
)
def test_a_bad_script_is_explained_with_the_place(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "script.yaml"
    path.write_text(text, encoding="utf-8")
    loaded = load_script(str(path))
    assert isinstance(loaded, Failure)
    sentence = loaded.failure().message
    assert expected in sentence
    assert str(path) in sentence
    assert "pydantic" not in sentence
    assert "\n" not in sentence


def test_a_script_that_is_missing_or_no_text_is_explained(tmp_path: Path) -> None:
    missing = load_script(str(tmp_path / "none.yaml"))
    assert isinstance(missing, Failure)
    assert "No such file" in missing.failure().message
    (tmp_path / "binary").write_bytes(b"rules:\n\x81")
    binary = load_script(str(tmp_path / "binary"))
    assert isinstance(binary, Failure)
    assert "is not UTF-8 text: line 2, byte 8 is 0x81." in binary.failure().message
    assert (missing.failure().kind, binary.failure().kind) == ("invalid", "usage")


def test_a_script_that_could_not_be_read_once_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "script.yaml"
    path.write_text("rules: [{answer: a}]")

    def refused(path: Path) -> bytes:
        raise OSError(errno.EMFILE, "Too many open files", str(path))

    with monkeypatch.context() as short:
        short.setattr(Path, "read_bytes", refused)
        assert "cannot be read: Too many open files." in load_script(str(path)).failure().message
    assert isinstance(load_script(str(path)), Success)


def test_a_json_script_is_read_as_json_and_explained_as_json(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    many = [{"match": {"contains": f"q{number}"}, "answer": "yes"} for number in range(60_000)]
    path.write_text(json.dumps({"rules": many}), encoding="utf-8")  # more values than a YAML file may hold
    assert isinstance(load_script(str(path)), Success)
    path.write_text('{"rules": [\n{"answer": "a",}]}', encoding="utf-8")
    assert "line 2: The file is not valid JSON" in load_script(str(path)).failure().message
    path.write_text('{"rules": [\n{"answer": "a"},\n{"fault": "broken"}]}', encoding="utf-8")
    assert "line 3: rules/1/fault should be" in load_script(str(path)).failure().message


def test_a_half_character_of_a_json_script_is_kept_for_whoever_tries_it(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text('{"rules": [{"answer": "\\ud83d"}]}', encoding="utf-8")
    chosen = load_script(str(path)).unwrap().choose("", "")
    assert chosen is not None
    assert chosen.rule.answer == "\ud83d"


def test_a_script_is_read_once_and_again_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = []
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        reads.append(path)
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    path = tmp_path / "script.yaml"
    path.write_text("rules: [{answers: [one]}]", encoding="utf-8")
    first, second = load_script(str(path)).unwrap(), load_script(str(path)).unwrap()
    assert reads == [path]
    assert first.choose("", "") is not None
    assert second.choose("", "") is not None  # each counts for itself
    path.write_text("rules: [{answer: another one}]", encoding="utf-8")
    changed = load_script(str(path)).unwrap().choose("", "")
    assert changed is not None
    assert changed.rule.answer == "another one"
    assert reads == [path, path]


def test_an_expression_that_may_take_for_ever_on_a_prompt_is_a_fault(tmp_path: Path) -> None:
    model = script(tmp_path, {"match": {"regex": ".*a.*b"}, "answer": "found"})
    fault = unanswered(play(turn(model, prompt="a" * 100_000))[0]).fault
    assert fault.kind == "refused"
    assert "cannot be searched with it in due time" in fault.message


def test_yaml_scripts_load_too(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text("rules:\n  - match: {agent: writer, contains: tea}\n    answer: Leaves.\n", "utf-8")
    assert isinstance(load_script(str(path)), Success)


def test_the_first_rule_that_matches_and_has_uses_left_answers(tmp_path: Path) -> None:
    model = script(
        tmp_path,
        {"match": {"agent": "somebody else"}, "answer": "not for us"},
        {"match": {"regex": "^What is \\w+\\?$", "call": 2}, "answer": "second call"},
        {"match": {"contains": "tea"}, "answer": "once", "times": 1},
        {"match": {"agent": "researcher", "contains": "tea"}, "answers": ["a", "b"]},
        {"answer": "anything"},
    )
    outcomes = play(*[turn(model)] * 5)
    assert [answered(outcome).text for outcome in outcomes] == ["once", "second call", "a", "b", "anything"]


def test_usage_is_counted_unless_the_script_gives_it(tmp_path: Path) -> None:
    model = script(
        tmp_path, {"answer": "tea", "times": 1}, {"answer": "tea", "usage": {"input": 1500, "output": 500}}
    )
    counted, given = play(turn(model), turn(model))
    heard = "You are a careful researcher of drinks. What is tea?"
    assert answered(counted).usage == Usage(word_pieces(heard), 1)
    assert answered(given).usage == Usage(1500, 500)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("throttled", "throttled"),
        ("timeout", "timeout"),
        ("connection", "connection"),
        ("server", "server"),
        ("refused", "refused"),
        ("empty", "empty"),
        ("hangup", "connection"),
    ],
)
def test_a_scripted_fault_has_its_kind_and_then_the_next_rule_answers(
    tmp_path: Path, fault: str, kind: FaultKind
) -> None:
    model = script(tmp_path, {"fault": fault, "times": 2}, {"answer": "at last"})
    record = Recorded()
    *failed, worked = play(*[turn(model)] * 3, record=record)
    assert [unanswered(outcome).fault.kind for outcome in failed] == [kind, kind]
    assert answered(worked).text == "at last"
    assert record.said[0] == ("user", "What is tea?")


def test_a_scripted_wait_is_passed_on(tmp_path: Path) -> None:
    model = script(tmp_path, {"fault": "throttled", "retry_after": 2.5, "times": 1}, {"fault": "throttled"})
    first, second = play(turn(model), turn(model))
    assert unanswered(first).fault.retry_after == 2.5
    assert unanswered(second).fault.retry_after is None


def test_a_prompt_that_no_rule_answers_is_refused_and_says_so(tmp_path: Path) -> None:
    model = script(tmp_path, {"match": {"contains": "coffee"}, "answer": "Beans."})
    fault = unanswered(play(turn(model))[0]).fault
    assert fault.kind == "refused"
    assert "agent 'researcher'" in fault.message
    assert "What is tea?" in fault.message


def test_a_script_takes_its_time(tmp_path: Path) -> None:
    started = time.perf_counter()
    answered(play(turn(script(tmp_path, {"answer": "a", "delay": 0.2})))[0])
    assert time.perf_counter() - started >= 0.2


def test_agents_with_different_inference_settings_share_one_script(tmp_path: Path) -> None:
    model = script(tmp_path, {"answers": ["first", "second"]})
    hot = settings("scripted", host=model.host, temperature=1.5)
    assert [answered(outcome).text for outcome in play(turn(model), turn(hot))] == ["first", "second"]


def test_a_scripted_tool_call_goes_through_the_agents_loop(tmp_path: Path) -> None:
    model = script(
        tmp_path,
        {
            "tool_use": {"name": "find", "input": {"what": "tea"}},
            "times": 1,
            "usage": {"input": 10, "output": 2},
        },
        {"answer": "There is no such tool.", "usage": {"input": 20, "output": 5}},
    )
    record = Recorded()
    outcome = answered(play(turn(model), record=record)[0])
    assert outcome.usage == Usage(30, 7)
    assert [role for role, _ in record.said] == ["user", "assistant", "user", "assistant"]
    assert record.messages[1]["content"][0]["toolUse"]["input"] == {"what": "tea"}
    assert outcome.mark.count == 4


def test_scripted_gives_structured_output_and_configuration_through_the_sdk_interface(tmp_path: Path) -> None:
    path = script(tmp_path, {"answer": '{"score": 5, "issues": []}'}).host
    model = ScriptedModel(load_script(path).unwrap())
    model.update_config(temperature=1.0)
    assert model.get_config() == {"model_id": "scripted", "temperature": 1.0}

    async def ask() -> Any:
        return [part async for part in model.structured_output(Evaluation, [])]

    assert asyncio.run(ask()) == [{"output": Evaluation(score=5, issues=[])}]


def test_the_script_of_the_manual_loads(tmp_path: Path) -> None:
    manual = Path(__file__).parents[4] / "docs" / "reference" / "offline-providers.md"
    example = manual.read_text(encoding="utf-8").split("```yaml\n")[3].split("```")[0]
    path = tmp_path / "example.yaml"
    path.write_text(example, encoding="utf-8")
    assert isinstance(load_script(str(path)), Success)
