"""What goes wrong between us and a model: kinds, calls, costs and what is left in the conversation."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import AsyncGenerator, Iterator
from email.utils import formatdate
from types import SimpleNamespace
from typing import Any

import botocore.exceptions
import httpx
import ollama
import openai
import pytest
from strands.types.exceptions import (
    ContextWindowOverflowException,
    EventLoopException,
    ModelThrottledException,
)
from strands.types.streaming import StreamEvent

from durable_core.types import FaultKind, Usage
from durable_shell.providers import agent
from durable_shell.providers.error_classification import classify
from durable_shell.providers.offline.echo import EchoModel
from tests.support.model_kit import KEYS, Recorded, answered, play, settings, turn, unanswered
from tests.support.servers.behaviour import ModelServer
from tests.support.servers.ollama_server import OllamaServer
from tests.support.servers.openai_server import OpenAIServer

REQUEST: Any = httpx.Request("POST", "http://localhost/")  # every client takes it, whatever its own type
TOO_LONG = "maximum context length exceeded: exceeds the context length"  # as both providers put it
SERVERS = {"openai": OpenAIServer, "ollama": OllamaServer}


@pytest.fixture(params=["openai", "ollama"])
def server(request: pytest.FixtureRequest) -> Iterator[ModelServer]:
    with SERVERS[request.param]() as running:
        yield running


def model_at(server: ModelServer, **given: Any) -> Any:
    if isinstance(server, OpenAIServer):
        return settings("openai", model_id="test-model", host=f"{server.url}/v1", **given)
    return settings("ollama", model_id="test-model", host=server.url, **given)


@pytest.mark.parametrize(
    ("kind", "how", "expected"),
    [
        ("status", {"status": 429}, "throttled"),
        ("status", {"status": 500}, "server"),
        ("status", {"status": 503}, "server"),
        ("status", {"status": 529}, "server"),
        ("status", {"status": 408}, "timeout"),
        ("status", {"status": 400}, "refused"),
        ("status", {"status": 401}, "refused"),
        ("status", {"status": 404}, "refused"),
        ("status", {"status": 400, "message": TOO_LONG}, "refused"),
        ("drop", {}, "connection"),
        ("hangup", {}, "connection"),
        ("cut", {}, "connection"),
        ("nothing", {}, "connection"),
        ("malformed", {}, "server"),
        ("error_chunk", {}, "server"),
        ("empty", {}, "empty"),
        ("length", {}, "limit"),
    ],
)
def test_each_fault_of_a_server_has_its_kind_and_is_asked_once(
    server: ModelServer,
    kind: str,
    how: dict[str, Any],
    expected: FaultKind,
    capfd: pytest.CaptureFixture[str],
) -> None:
    server.misbehave(kind, **how)
    record = Recorded()
    outcome = unanswered(play(turn(model_at(server)), record=record)[0])
    assert (outcome.fault.kind, len(server.calls)) == (expected, 1), outcome.fault.message
    assert record.said[0] == ("user", "What is tea?")
    assert "\n" not in outcome.fault.message
    assert capfd.readouterr().err == ""


def test_a_server_of_the_tests_says_nothing_when_a_client_resets_its_connection(
    capfd: pytest.CaptureFixture[str],
) -> None:
    body = b'{"model": "m", "messages": [{"role": "user", "content": "hello"}]}'
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with OpenAIServer() as server:
        before = set(threading.enumerate())
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(head + body)
            assert client.recv(65536).startswith(b"HTTP/1.1 200")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closes with RST
        for thread in set(threading.enumerate()) - before:
            thread.join(10)
    assert capfd.readouterr().err == ""


def test_a_filtered_answer_is_refused() -> None:
    with OpenAIServer() as server:
        server.misbehave("filtered")
        outcome = unanswered(play(turn(model_at(server)))[0])
    assert outcome.fault.kind == "refused"
    assert outcome.usage.total > 0


def test_an_attempt_after_a_fault_sends_the_prompt_once_more_and_no_residue(server: ModelServer) -> None:
    server.misbehave("hangup")
    model = model_at(server)
    failed, worked = play(turn(model), turn(model, attempt=2))
    assert unanswered(failed).fault.transient
    assert answered(worked).mark.count == 2
    assert [m["content"] for m in server.calls[1].messages if m["role"] == "user"] == ["What is tea?"]


def test_what_a_truncated_answer_cost_is_reported(server: ModelServer) -> None:
    server.misbehave("length")
    outcome = unanswered(play(turn(model_at(server, max_tokens=5)))[0])
    assert outcome.usage == Usage(*server.calls[0].usage)
    assert "Raise max_tokens (now 5)" in outcome.fault.message


def test_a_server_that_reports_no_input_tokens_is_still_understood() -> None:
    with OllamaServer() as server:
        server.misbehave("no_usage")
        outcome = answered(play(turn(model_at(server)))[0])
    assert outcome.usage == Usage(0, server.calls[0].usage[1])


def test_a_refused_connection_is_a_connection_fault_that_names_the_provider() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    for provider, host in (("openai", f"http://127.0.0.1:{port}/v1"), ("ollama", f"http://127.0.0.1:{port}")):
        outcome = unanswered(play(turn(settings(provider, model_id="m", host=host)))[0])
        assert outcome.fault.kind == "connection"
        assert outcome.fault.message.startswith(
            f"{provider} (m) at 127.0.0.1:{port} could not be reached: All"
        )


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": formatdate(4_000_000_000, usegmt=True)}, 90),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
    ],
)
def test_the_wait_that_a_provider_asks_for_is_passed_on(headers: dict[str, str], wait: float) -> None:
    with OpenAIServer() as server:
        server.misbehave("status", status=429, headers=headers)
        outcome = play(turn(model_at(server)), now=lambda: 4_000_000_000.0 - 90.0)[0]
    assert unanswered(outcome).fault.retry_after == wait


@pytest.mark.parametrize("value", ["soon", "nan", "inf", "", formatdate(4_000_000_000, usegmt=True)])
def test_a_wait_that_makes_no_sense_or_a_date_without_the_time_is_no_wait(value: str) -> None:
    with OpenAIServer() as server:
        server.misbehave("status", status=429, headers={"Retry-After": value})
        assert unanswered(play(turn(model_at(server)))[0]).fault.retry_after is None


def test_no_message_repeats_a_key() -> None:
    key = KEYS["OPENAI_API_KEY"]
    with OpenAIServer() as server:
        server.misbehave("status", status=401, message=f"Wrong: {key}, sk-live-abcdef123456, Bearer xyz")
        fault = unanswered(play(turn(model_at(server)))[0]).fault
        sent = server.calls[0].headers["authorization"]
    assert sent == f"Bearer {key}"
    assert key not in fault.message
    assert "abcdef" not in fault.message
    assert "xyz" not in fault.message
    assert "Check the API key" in fault.message


def test_a_quota_that_is_used_up_is_not_worth_waiting_for() -> None:
    error = openai.RateLimitError(
        "You exceeded your quota", response=_response(429), body={"code": "insufficient_quota"}
    )
    wrapped = ModelThrottledException("You exceeded your quota")
    wrapped.__cause__ = error
    assert classify(wrapped, settings("openai")).kind == "refused"


def test_a_missing_key_or_model_is_a_fault_and_not_an_exception() -> None:
    outcome = unanswered(play(turn(settings("openai", model_id="m")), env={})[0])
    assert outcome.fault.kind == "refused"
    assert "OPENAI_API_KEY" in outcome.fault.message


def _response(status: int) -> Any:
    return httpx.Response(status, request=REQUEST)


def _client_error(code: str, status: int | None = None, headers: dict[str, str] | None = None) -> Any:
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers or {}} if status else {}
    response: Any = {"Error": {"Code": code, "Message": "said"}, "ResponseMetadata": metadata}
    return botocore.exceptions.ClientError(response, "ConverseStream")


class APIConnectionError(Exception):
    """As anthropic and litellm name theirs; told by its name."""


class APITimeoutError(APIConnectionError):
    """As above."""


class ServerError(Exception):
    """As google-genai's: an integer ``code``."""

    code = 503


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ModelThrottledException("slow"), "throttled"),
        (ContextWindowOverflowException("long"), "refused"),
        (openai.APITimeoutError(REQUEST), "timeout"),
        (openai.APIConnectionError(request=REQUEST), "connection"),
        (openai.InternalServerError("down", response=_response(502), body=None), "server"),
        (openai.APIError("in the stream", REQUEST, body=None), "server"),
        (APITimeoutError("late"), "timeout"),
        (APIConnectionError("lost"), "connection"),
        (ServerError("overloaded"), "server"),
        (ollama.ResponseError("overheated"), "server"),
        (ollama.ResponseError("no such model", 404), "refused"),
        (httpx.ReadTimeout("late"), "timeout"),
        (httpx.RemoteProtocolError("peer closed"), "connection"),
        (httpx.HTTPStatusError("bad", request=REQUEST, response=_response(429)), "throttled"),
        (httpx.HTTPStatusError("bad", request=REQUEST, response=_response(404)), "refused"),
        (_client_error("ServiceUnavailableException", 503), "server"),
        (_client_error("AccessDeniedException", 403), "refused"),
        (_client_error("ThrottlingException"), "throttled"),
        (_client_error("modelStreamErrorException"), "server"),
        (_client_error("ModelTimeoutException", 408), "timeout"),
        (botocore.exceptions.EndpointConnectionError(endpoint_url="http://localhost"), "connection"),
        (botocore.exceptions.ReadTimeoutError(endpoint_url="http://localhost"), "timeout"),
        (botocore.exceptions.ConnectTimeoutError(endpoint_url="http://localhost"), "timeout"),
        (botocore.exceptions.NoCredentialsError(), "refused"),
        (TimeoutError(), "timeout"),
        (ConnectionResetError("reset"), "connection"),
        (socket.gaierror("no such host"), "connection"),
        (ValueError("what is this"), "unexplained"),
        (SystemError("what is this"), "unexplained"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_every_known_exception_has_its_kind_also_when_it_is_wrapped(
    error: Exception, kind: FaultKind
) -> None:
    assert classify(error, settings("bedrock")).kind == kind
    assert classify(EventLoopException(error), settings("bedrock")).kind == kind
    caused = RuntimeError("wrapped")
    caused.__cause__ = error
    assert classify(caused, settings("bedrock")).kind == kind


def test_an_exception_that_hides_its_context_is_judged_alone() -> None:
    hiding = ValueError("mine")
    hiding.__context__ = TimeoutError()
    assert classify(hiding, settings("echo")).kind == "timeout"
    hiding.__suppress_context__ = True
    assert classify(hiding, settings("echo")).kind == "unexplained"


def test_exceptions_that_cause_each_other_come_to_an_end() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert classify(one, settings("echo")).kind == "unexplained"


def test_an_unexplained_fault_names_the_type_and_stays_short() -> None:
    fault = classify(ValueError("line one\nline two " + "x" * 5000), settings("ollama", model_id="tiny"))
    assert fault.message.startswith(
        "ollama (tiny) failed in a way that is not known: ValueError: line one line"
    )
    assert len(fault.message) < 400


def test_aws_headers_carry_the_wait_too() -> None:
    error = _client_error("ThrottlingException", 429, {"retry-after": "3"})
    assert classify(error, settings("bedrock")).retry_after == 3
    assert classify(SimpleNamespaceError(), settings("bedrock")).retry_after is None


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 20 Nov 99999999999999999999 19:12:08 +0100",
        "Mon, 20 Nov 1995 99999999999999999999:12:08 +0100",
        "Mon, 20 Nov 1995 19:12:08 +" + "9" * 30,
        "Mon, 20 Nov 1995 19:12:08 +9999999999",
        "Mon, 20 Nov " + "9" * 5000 + " 19:12:08 +0100",
    ],
)
def test_a_date_that_no_calendar_has_is_no_wait(date: str) -> None:
    error = _client_error("ThrottlingException", 429, {"retry-after": date})
    assert classify(error, settings("bedrock"), now=1.0).retry_after is None


class SimpleNamespaceError(Exception):
    """Carries a response whose headers are no mapping."""

    response = SimpleNamespace(headers=5, status_code="bad")


class Guarded(EchoModel):
    """A model whose guardrail takes back the prompt, as Bedrock's does."""

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[StreamEvent, None]:
        yield {"redactContent": {"redactUserContentMessage": "[gone]"}}
        async for event in super().stream(*args, **kwargs):
            yield event


class Looping(EchoModel):
    """A model that asks for a tool for ever."""

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[StreamEvent, None]:
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockStart": {"start": {"toolUse": {"toolUseId": "t1", "name": "nothing"}}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": "tool_use"}}
        yield {
            "metadata": {
                "usage": {"inputTokens": 2, "outputTokens": 1, "totalTokens": 3},
                "metrics": {"latencyMs": 0},
            }
        }


class Odd(EchoModel):
    """A model that stops for a reason of its own."""

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[StreamEvent, None]:
        yield {"messageStart": {"role": "assistant"}}
        yield {"messageStop": {"stopReason": "cancelled"}}


class Citing(EchoModel):
    """A model that cites."""

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[StreamEvent, None]:
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockStart": {"start": {}}}
        yield {"contentBlockDelta": {"delta": {"text": "Tea is a plant."}}}
        yield {"contentBlockDelta": {"delta": {"citation": {"title": "A book"}}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": "end_turn"}}


def play_with(model: EchoModel, monkeypatch: pytest.MonkeyPatch, **how: Any) -> tuple[Any, Recorded]:
    from returns.result import Success

    monkeypatch.setattr(agent, "build_model", lambda given, env: Success(model))
    record = Recorded()
    return play(turn(settings("echo")), record=record, **how)[0], record


def test_a_prompt_that_a_guardrail_took_back_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, record = play_with(Guarded(), monkeypatch)
    assert unanswered(outcome).fault.kind == "refused"
    assert "guardrail" in outcome.fault.message
    assert record.said[0] == ("user", "What is tea?")


def test_an_agent_that_calls_the_model_without_end_hits_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, record = play_with(Looping(), monkeypatch, max_calls=3)
    assert unanswered(outcome).fault.kind == "limit"
    assert "3 model calls" in outcome.fault.message
    assert outcome.usage == Usage(6, 3)
    assert [role for role, _ in record.said].count("assistant") == 3


def test_a_stop_for_an_unknown_reason_is_unexplained(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, _ = play_with(Odd(), monkeypatch)
    assert unanswered(outcome).fault.kind == "unexplained"
    assert "cancelled" in outcome.fault.message


def test_cited_text_is_part_of_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, _ = play_with(Citing(), monkeypatch)
    assert answered(outcome).text == "Tea is a plant."
