"""One turn through the SDK: offline, and against servers that speak two wire formats."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from strands import Agent
from strands.agent.conversation_manager import (
    SlidingWindowConversationManager,
    SummarizingConversationManager,
)

from durable_core.session.conversation import ConversationMessage, Mark, Memory, recovered_answer, usage_of
from durable_core.spec.settings import TurnLimits
from durable_core.types import Json, Usage
from durable_shell.providers.agent import SdkModels
from durable_shell.providers.conversation_recorder import Recorder
from durable_shell.providers.offline.echo import EchoModel
from durable_shell.store.digest import chain_digest
from tests.support.model_kit import KEYS, Recorded, answered, play, settings, turn, unanswered
from tests.support.servers.behaviour import ModelServer
from tests.support.servers.ollama_server import OllamaServer
from tests.support.servers.openai_server import OpenAIServer


@pytest.fixture(params=["openai", "ollama"])
def server(request: pytest.FixtureRequest) -> Iterator[ModelServer]:
    with {"openai": OpenAIServer, "ollama": OllamaServer}[request.param]() as running:
        yield running


def model_at(server: ModelServer, **given: Any) -> Any:
    if isinstance(server, OpenAIServer):
        return settings("openai", model_id="test-model", host=f"{server.url}/v1", **given)
    return settings("ollama", model_id="test-model", host=server.url, **given)


def test_a_turn_brings_text_usage_and_a_mark_of_what_was_recorded(server: ModelServer) -> None:
    record = Recorded()
    outcome = answered(play(turn(model_at(server)), record=record)[0])
    call = server.calls[0]
    assert outcome.text == call.answer
    assert outcome.usage == Usage(*call.usage)
    assert record.said == [("user", "What is tea?"), ("assistant", call.answer)]
    assert [index for index, _, _ in record.entries] == [0, 1]
    assert (outcome.mark.count, outcome.mark.digest) == (2, record.entries[1][2])


def test_system_prompt_and_inference_settings_reach_the_server(server: ModelServer) -> None:
    play(turn(model_at(server, temperature=0.5, top_p=0.25, max_tokens=77)))
    call = server.calls[0]
    assert call.messages[0] == {"role": "system", "content": "You are a careful researcher of drinks."}
    sent = call.body if isinstance(server, OpenAIServer) else call.body["options"]
    assert (sent["temperature"], sent["top_p"]) == (0.5, 0.25)
    assert sent.get("max_tokens", sent.get("num_predict")) == 77


def test_a_restored_conversation_is_sent_whole_and_once(server: ModelServer) -> None:
    model, record = model_at(server), Recorded()
    first = answered(play(turn(model), record=record)[0])
    # Through JSON, as a journal would carry it, and in a process (an event loop) of its own.
    history = tuple(json.loads(json.dumps(record.messages)))
    again = Recorded()
    going_on = turn(model, "And coffee?", history=history, digest=first.mark.digest, memory=first.mark.memory)
    second = answered(play(going_on, record=again)[0])
    assert len(server.calls) == 2
    assert [m["content"] for m in server.calls[1].messages[1:]] == ["What is tea?", first.text, "And coffee?"]
    assert [index for index, _, _ in again.entries] == [2, 3]
    assert second.mark.count == 4


def test_the_digest_chain_goes_on_where_the_last_turn_left_it() -> None:
    model, record = settings("echo"), Recorded()
    first = answered(play(turn(model), record=record)[0])
    mark = first.mark
    going_on = turn(model, "More", history=record.messages, digest=mark.digest, memory=mark.memory)
    second = answered(play(going_on, record=record)[0])
    digest = ""
    for _, message, told in record.entries:
        digest = chain_digest(digest, message)
        assert told == digest
    assert second.mark.digest == digest


def test_an_equal_message_in_another_place_has_another_digest() -> None:
    message = {"role": "user", "content": [{"text": "é"}]}
    assert chain_digest("", message) == chain_digest("", dict(reversed(message.items())))
    assert chain_digest("", message) != chain_digest(chain_digest("", message), message)


def test_an_answer_that_was_recorded_can_be_recovered_without_asking_again() -> None:
    record = Recorded()
    outcome = answered(play(turn(settings("echo")), record=record)[0])
    residue = tuple(ConversationMessage(message, digest, 0.0) for _, message, digest in record.entries)
    assert recovered_answer(residue, "What is tea?") == outcome.text
    assert usage_of(residue[-1].message) == outcome.usage


def test_an_answer_is_recorded_with_the_reason_why_it_ended(server: ModelServer) -> None:
    server.misbehave("length")
    record = Recorded()
    play(turn(model_at(server)), turn(model_at(server)), record=record)
    reasons = [m["metadata"]["custom"]["stop_reason"] for m in record.messages if m["role"] == "assistant"]
    assert reasons == ["max_tokens", "end_turn"]


def test_the_history_handed_in_is_never_changed() -> None:
    history: tuple[Json, ...] = (
        {"role": "user", "content": [{"text": "Hello"}]},  # no tracking id: the SDK adds one in memory
        {"role": "assistant", "content": [{"text": "Hi"}]},
    )
    before = json.dumps(history)
    answered(play(turn(settings("echo"), history=history, digest="0" * 64))[0])
    assert json.dumps(history) == before


def test_conversations_named_after_units_with_slashes_are_fine() -> None:
    answered(play(turn(settings("echo"), conversation="researcher@branches/web/0"))[0])


def test_twenty_turns_at_once_do_not_mix(server: ModelServer) -> None:
    model = model_at(server)
    server.delay = 0.2

    async def run() -> list[tuple[Any, Recorded]]:
        models = SdkModels(KEYS)

        async def one(number: int) -> tuple[Any, Recorded]:
            record = Recorded()
            asked = turn(model, f"Question key=k{number}", conversation=f"researcher@tasks/{number}")
            return await models.answer(asked, record), record

        try:
            return list(await asyncio.gather(*(one(number) for number in range(20))))
        finally:
            await models.close()

    results = asyncio.run(run())
    assert dict(server.counts) == {f"k{number}": 1 for number in range(20)}
    assert server.most_at_once > 10
    for number, (outcome, record) in enumerate(results):
        assert f"key=k{number}" in answered(outcome).text
        assert [text for _, text in record.said] == [f"Question key=k{number}", outcome.text]


def test_a_turn_that_takes_too_long_is_a_timeout_and_leaves_only_the_prompt(
    server: ModelServer, capfd: pytest.CaptureFixture[str]
) -> None:
    server.delay = 300.0
    record = Recorded()
    started = time.monotonic()
    asked = turn(model_at(server), limits=TurnLimits(turn=0.3))
    outcome = unanswered(play(asked, record=record)[0])
    assert time.monotonic() - started < server.delay
    assert outcome.fault.kind == "timeout"
    assert "0.3 s" in outcome.fault.message
    assert record.said == [("user", "What is tea?")]
    assert capfd.readouterr().err == ""


def test_a_cancelled_turn_is_cancelled_and_no_fault() -> None:
    async def run() -> None:
        models = SdkModels({})
        asked = turn(settings("echo", model_id="echo:delay=20"))
        task = asyncio.create_task(models.answer(asked, Recorded()))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await models.close()

    asyncio.run(run())


@pytest.mark.parametrize("failing_at", [0, 1])
def test_a_record_that_fails_is_raised_and_no_fault_of_the_model(failing_at: int) -> None:
    full = OSError(28, "No space left on device")

    def record(index: int, message: Json, digest: str, memory: Memory | None = None) -> None:
        if index == failing_at:
            raise full

    with pytest.raises(OSError, match="No space left") as raised:
        play(turn(settings("echo")), record=record)
    assert raised.value is full


def test_models_may_be_closed_and_used_again() -> None:
    async def run() -> None:
        models = SdkModels({})
        for _ in range(2):
            answered(await models.answer(turn(settings("echo")), Recorded()))
            await models.close()

    asyncio.run(run())


def test_bytes_in_a_message_are_recorded_as_json_and_restored_as_bytes() -> None:
    content = [{"document": {"format": "txt", "name": "d", "source": {"bytes": b"\x00\xff"}}}]
    record = Recorded()
    first = Recorder(turn(settings("echo")), record)
    agent = Agent(model=EchoModel(), session_manager=first, callback_handler=None)
    first.append_message({"role": "user", "content": content}, agent)  # type: ignore[typeddict-item] # a plain dict
    stored = tuple(json.loads(json.dumps(record.messages)))
    second = Recorder(turn(settings("echo"), history=stored, digest=first.mark.digest), Recorded())
    restored = Agent(model=EchoModel(), session_manager=second, callback_handler=None)
    assert restored.messages[0]["content"] == content
    assert chain_digest("", stored[0]) == first.mark.digest


def test_tool_results_that_an_earlier_version_took_in_no_form_are_restored_in_one() -> None:
    odd = {"toolUseId": "a", "status": "success", "content": "plain"}
    history = (
        {"role": "user", "content": [{"text": "Hi"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "a", "name": "t", "input": {}}}]},
        {"role": "user", "content": [{"toolResult": odd}]},
    )
    recorder = Recorder(turn(settings("echo"), history=history, digest="0" * 64), Recorded())
    agent = Agent(model=EchoModel(), session_manager=recorder, callback_handler=None)
    [result] = agent.messages[2]["content"]
    assert result["toolResult"] == {**odd, "content": [{"text": "plain"}]}
    assert [message["content"] for message in agent.messages[:2]] == [each["content"] for each in history[:2]]
    assert history[2]["content"] == [{"toolResult": odd}], "what is recorded stays as it is"


def test_state_and_internal_state_are_restored_from_memory() -> None:
    memory = Memory(
        state={"seen": ["a"]},
        internal={
            "interrupt_state": {"interrupts": {}, "context": {}, "activated": False},
            "model_state": {"response_id": "r1"},
        },
    )
    recorder = Recorder(turn(settings("echo"), memory=memory), Recorded())
    agent = Agent(model=EchoModel(), session_manager=recorder, callback_handler=None)
    agent.state.set("more", 1)
    recorder.sync_agent(agent)
    kept = recorder.mark.memory
    assert kept.state == {"seen": ["a"], "more": 1}
    assert kept.internal["model_state"] == {"response_id": "r1"}
    assert memory.state == {"seen": ["a"]}


def test_messages_that_a_conversation_manager_had_removed_stay_out_of_the_prompt() -> None:
    history = tuple(
        {"role": role, "content": [{"text": f"{role} {n}"}]}
        for n in range(3)
        for role in ("user", "assistant")
    )
    managers: list[tuple[Any, Json, list[str]]] = [
        (
            SlidingWindowConversationManager(),
            {"__name__": "SlidingWindowConversationManager", "removed_message_count": 4},
            ["user 2", "assistant 2"],
        ),
        (
            SummarizingConversationManager(),
            {
                "__name__": "SummarizingConversationManager",
                "removed_message_count": 4,
                "summary_message": {"role": "user", "content": [{"text": "In short"}]},
            },
            ["In short", "user 2", "assistant 2"],
        ),
    ]
    for manager, state, expected in managers:
        asked = turn(settings("echo"), history=history, digest="0" * 64, memory=Memory(manager=state))
        recorder = Recorder(asked, Recorded())
        agent = Agent(
            model=EchoModel(), session_manager=recorder, conversation_manager=manager, callback_handler=None
        )
        assert [m["content"][0].get("text") for m in agent.messages] == expected
        recorder.sync_agent(agent)
        assert recorder.mark == Mark(count=6, digest="0" * 64, memory=recorder.mark.memory)
        assert recorder.mark.memory.manager["removed_message_count"] == 4


def test_a_memory_of_another_conversation_manager_is_a_fault_with_a_message() -> None:
    memory = Memory(manager={"__name__": "SomethingElse", "removed_message_count": 0})
    outcome = unanswered(play(turn(settings("echo"), memory=memory))[0])
    assert outcome.fault.kind == "unexplained"
    assert "conversation manager" in outcome.fault.message


def test_the_order_of_keys_does_not_matter_to_a_conversation_restored_from_elsewhere() -> None:
    record = Recorded()
    first = answered(play(turn(settings("echo")), record=record)[0])
    shuffled = tuple({key: m[key] for key in sorted(m)} for m in record.messages)
    digest = ""
    for message in shuffled:
        digest = chain_digest(digest, message)
    assert digest == first.mark.digest


def test_importing_the_package_imports_no_sdk() -> None:
    program = (
        "import sys, durable_shell.providers, durable_shell.providers.factory,"
        " durable_shell.providers.error_classification,"
        " durable_shell.providers.offline.script_file; print([m for m in sys.modules if m.split('.')[0] in"
        " ('strands', 'openai', 'boto3', 'httpx', 'ollama')])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["openai_server", "ollama_server"])
def test_a_server_runs_as_a_program_and_logs_each_request(name: str, tmp_path: Path) -> None:
    script = Path(__file__).parents[3] / "support" / "servers" / f"{name}.py"
    log = tmp_path / "requests.jsonl"
    command = [sys.executable, str(script), "--port", "0", "--log", str(log), "--fault", "status:503:1:again"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = f"http://127.0.0.1:{int(process.stdout.readline())}"
            model = settings("openai", model_id="m", host=f"{url}/v1")
            if name == "ollama_server":
                model = settings("ollama", model_id="m", host=url)
            asked = turn(model, "Question key=again")
            failed, worked = play(asked, replace(asked, attempt=2))
            assert unanswered(failed).fault.kind == "server"
            answered(worked)
            entries = [json.loads(line) for line in log.read_text().splitlines()]
            assert [(entry["n"], entry["key"]) for entry in entries] == [(1, "again"), (2, "again")]
        finally:
            process.kill()
