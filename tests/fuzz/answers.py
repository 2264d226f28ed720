"""What models and providers say."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Final

from durable_core.answers.reading import read_evaluation, read_route, read_tasks
from durable_core.spec.settings import ModelSettings
from durable_shell.providers.error_classification import classify
from durable_shell.providers.tool_arguments import arguments_problem, usable_arguments
from tests.fuzz.door import Door
from tests.fuzz.forms import JSON


def _enter_answer(raw: bytes) -> None:
    text = raw.decode("utf-8", errors="surrogateescape")  # halves of surrogate pairs, too
    read_route(text, ("praise", "bill", "other"))
    read_evaluation(text)
    read_tasks(text, 5)


ANSWERS: Final = (
    b'```json\n{"route": "praise"}\n```',
    b'<think>maybe {"route": "bill"}</think> {"route": "praise", "why": "kind \\ud83d\\ude00"}',
    b'Score: {"score": 87.5, "feedback": ["shorter", "kinder"], "ready": true}',
    b'{"score": 85, "issues": ["long"], "fixes": []}',
    b'[{"task": "collect"}, {"task": "sort"}, "count"] as I said',
    b'{"tasks": [{"task": "a"}]} {"tasks": []}',
)


def _enter_arguments(raw: bytes) -> None:
    text = raw.decode("utf-8", errors="surrogateescape")
    usable = usable_arguments(text)
    usable.encode()
    schema = {"properties": {"path": {"type": "string"}, "n": {"type": "integer"}}}
    arguments_problem(json.loads(usable), schema, lenient=False)


ARGUMENTS: Final = (
    b'{"path": "notes/a.txt", "n": 3}',
    b'{"path": "\\ud83d\\ude00", "deep": {"a": [{"b": [1, 2.5, null, true]}]}}',
    b'{"path": "a", "path": "b", "n": -1e-7}',
)


def _enter_error(raw: bytes) -> None:
    """An error in the shape of each client, with whatever a server may have put into it."""
    text = raw.decode("utf-8", errors="surrogateescape")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        document = text
    said = document if isinstance(document, dict) else {}
    headers = said.get("headers")
    response = SimpleNamespace(status_code=said.get("status"), text=text, headers=headers)
    in_aws = {"Error": said.get("error"), "ResponseMetadata": {"HTTPStatusCode": 429, "HTTPHeaders": headers}}
    for carried in (
        {"body": said.get("body", document), "response": response, "code": said.get("code")},
        {"details": document, "code": said.get("status")},
        {"response": in_aws},
        {"error": text, "status_code": said.get("status")},
    ):
        error = Exception(text)
        vars(error).update(carried)
        fault = classify(error, _ASKED, ("sk-mine-12345678",), now=1.0)
        assert len(fault.message) <= MOST_OF_A_FAULT, f"{len(fault.message)} characters"
        assert fault.retry_after is None or fault.retry_after >= 0


_ASKED: Final = ModelSettings(
    provider="openai",
    model_id="m",
    region=None,
    host="http://h",
    temperature=None,
    top_p=None,
    max_tokens=None,
)
MOST_OF_A_FAULT: Final = 600
"""Characters of the message of a fault: the provider's own words, cut, and what stands around them."""

ERRORS: Final = (
    b'{"error": {"message": "rate limited", "type": "requests", "code": "429"}, "status": 429}',
    b'{"error": {"error": {"data": {"detail": "overloaded"}}}, "status": 503, '
    b'"headers": {"Retry-After": "3"}}',
    b'{"error": {"Code": "ThrottlingException", "Message": "slow down"}, "code": "insufficient_quota"}',
    b'{"status": 429, "headers": {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT", "retry-after-ms": "1500"}}',
    b'{"error": {"details": [{"retryDelay": "34s"}]}, "body": "key sk-mine-12345678 is wrong"}',
    b"<html><body>502 Bad Gateway</body></html>",
)


DOORS: Final = (
    Door("an answer", _enter_answer, lambda: ANSWERS),
    Door("the arguments of a tool", _enter_arguments, lambda: ARGUMENTS, JSON),
    Door("an error of a provider", _enter_error, lambda: ERRORS, JSON),
)
