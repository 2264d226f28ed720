"""What people are told when a provider gave no answer."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import openai
import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from strands.types.exceptions import (
    EventLoopException,
    MaxTokensReachedException,
    ModelThrottledException,
)

from durable_core.types import FaultKind
from durable_shell.providers.error_classification import classify
from durable_shell.providers.fault_messages import MESSAGE_LIMIT
from tests.support.model_kit import settings

REQUEST = httpx.Request("POST", "https://api.example.com/v1/chat/completions")


def refused(message: Any, status: int = 400) -> Exception:
    body = {"message": message, "type": "invalid_request_error"}
    response: Any = httpx.Response(status, request=REQUEST, json={"error": body})
    return openai.APIStatusError(f"Error code: {status} - {body}", response=response, body=body)


def told(error: Exception, *secrets: str, **given: Any) -> str:
    return classify(error, settings("openai", model_id="m", **given), secrets).message


def test_a_message_has_the_providers_own_words_once_and_no_form_around_them() -> None:
    assert told(refused("The key is not known.", 401)) == (
        "openai (m) at api.example.com:443 refused the request (HTTP 401): The key is not known. "
        "Check the API key and what it may do."
    )
    assert told(EventLoopException(refused("no such thing"))).endswith("(HTTP 400): no such thing.")


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("http://127.0.0.1:9/v1", "127.0.0.1:9"),
        ("https://user:pass@models.example.com", "models.example.com:443"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("localhost:11434", "localhost:11434"),
        ("http://models:port", "api.example.com:443"),
    ],
)
def test_the_place_is_host_and_port_and_nothing_else(host: str, place: str) -> None:
    assert told(refused("no"), host=host).startswith(f"openai (m) at {place} refused")


def test_a_script_is_at_no_place() -> None:
    fault = classify(refused("no"), settings("scripted", host="answers.yaml"))
    assert fault.message.startswith("scripted at api.example.com:443 refused")
    assert classify(ValueError("no"), settings("scripted", host="answers.yaml")).message.startswith(
        "scripted failed"
    )


@pytest.mark.parametrize("key", ["x", "8192", "none", "EMPTY", "not-needed", "placeholder"])
def test_a_key_that_stands_for_none_eats_no_letters(key: str) -> None:
    words = f"The maximum context length is 8192 tokens, with {key} and key-value-pairs."
    assert words in told(refused(words), key)


@pytest.mark.parametrize("key", ["abcdef12", "abcdefghijklmnopqrstuv", "sk-proj-abc123def"])
def test_a_key_is_hidden(key: str) -> None:
    assert key not in told(refused(f"Wrong key: {key}!"), key)


def test_a_long_message_is_cut_and_a_page_is_not_shown() -> None:
    assert len(told(refused("word " * 10_000))) < MESSAGE_LIMIT + 100
    page = openai.APIStatusError(
        "<html><body>Bad gateway</body></html>",
        response=httpx.Response(502, request=REQUEST, text="<html>"),
        body=None,
    )
    assert "<html" not in told(page)
    assert "a page for people came with it." in told(page)


@pytest.mark.parametrize(
    "said", ["sk-" * 400_000, "key-a" * 200_000, "Bearer " * 150_000, "\n" * 10**6 + "x"]
)
def test_a_long_message_takes_no_long_time(said: str) -> None:
    started = time.process_time()
    assert len(told(refused(said), "a-key-of-mine-1")) < MESSAGE_LIMIT + 100
    assert time.process_time() - started < 1


def test_no_part_of_a_key_is_shown_where_a_message_is_cut() -> None:
    key = "abcdef0123456789"
    for length in range(MESSAGE_LIMIT - 60, MESSAGE_LIMIT + 1):
        assert "abcdef" not in told(refused("x" * length + key + " " * 10**5 + "y"), key)


def test_an_answer_cut_off_names_the_setting_and_no_advice_to_programmers() -> None:
    error = MaxTokensReachedException("You can continue by calling the agent again.")
    assert told(error, host="http://127.0.0.1:9", max_tokens=5) == (
        "openai (m) at 127.0.0.1:9 cut the answer off at max_tokens. "
        "Raise max_tokens (now 5), in runtime or in inference of the agent, and resume."
    )


def test_nothing_is_said_to_be_refused_that_was_never_sent() -> None:
    fault = classify(NoCredentialsError(), settings("bedrock", model_id="m"))
    assert fault.message == (
        "bedrock (m) was not asked: Unable to locate credentials. "
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, and resume."
    )


def by_words(cause: Exception) -> Exception:
    """What the SDK raises where the text of an error holds "rate"."""
    error = ModelThrottledException(str(cause))
    error.__cause__ = cause
    return error


def bedrock(code: str) -> Exception:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "ConverseStream")


def in_stream(kind: str) -> Exception:
    body = {"type": "error", "error": {"type": kind, "message": "no"}}
    response: Any = httpx.Response(200, request=REQUEST)
    return openai.APIStatusError(str(body), response=response, body=body)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (by_words(refused("cannot generate")), "refused"),
        (by_words(refused("overloaded by its rate", 503)), "server"),
        (by_words(ValueError("rate")), "throttled"),
        (in_stream("overloaded_error"), "server"),
        (in_stream("api_error"), "server"),
        (in_stream("rate_limit_error"), "throttled"),
        (in_stream("timeout_error"), "timeout"),
        (in_stream("invalid_request_error"), "refused"),
        (in_stream("authentication_error"), "refused"),
        (in_stream("an_error_of_tomorrow"), "server"),
        (
            ClientError({"Error": {"Code": "validationException", "Message": "no"}}, "ConverseStream"),
            "refused",
        ),
        (
            ClientError({"Error": {"Code": "throttlingException", "Message": "no"}}, "ConverseStream"),
            "throttled",
        ),
        (type("ProtocolError", (Exception,), {})("Response ended prematurely"), "connection"),
    ],
)
def test_whether_an_error_is_tried_again_follows_from_what_the_provider_says(
    error: Exception, kind: FaultKind
) -> None:
    assert classify(error, settings("openai", model_id="m")).kind == kind


@pytest.mark.parametrize(
    "name", ["JSONDecodeError", "UnicodeDecodeError", "RecursionError", "ValidationError"]
)
def test_what_can_not_be_read_is_said_to_be_so_and_asked_for_again(name: str) -> None:
    fault = classify(type(name, (Exception,), {})("line 1 column 2"), settings("gemini", model_id="m"))
    assert fault.transient
    assert fault.message == "gemini (m) failed: what it sent could not be read."


def test_an_error_is_found_as_deep_in_its_document_as_it_stands() -> None:
    for document in (
        {"error": {"message": "too hot"}},
        {"data": {"error": {"message": "too hot"}}},
        {"message": "too hot"},
        {"error": "too hot"},
        {"detail": "too hot"},
    ):
        error = type("SDKError", (Exception,), {"body": json.dumps(document)})("Status 500. Body: {...}")
        assert classify(error, settings("mistral")).message.endswith(": too hot.")
    odd = type("SDKError", (Exception,), {"body": "[1]"})("Status 500.")
    assert classify(odd, settings("mistral")).message.endswith("Status 500.")
