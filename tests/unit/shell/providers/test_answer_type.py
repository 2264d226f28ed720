"""Models are held to the JSON that is due where their provider can do that, in one call and in plain text."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel
from returns.result import Result, Success

from durable_core.answers.reading import read_evaluation, read_route, read_tasks
from durable_core.answers.shapes import EvaluationAnswer, TasksAnswer, route_answer
from durable_core.patterns import PATTERNS
from durable_core.patterns.base import CallAgent
from durable_core.session.turns import Turn
from durable_core.spec.tool_refs import ToolRef
from durable_core.types import Usage
from durable_shell.providers import agent
from durable_shell.providers.offline.echo import EchoModel
from tests.support.model_kit import Recorded, answered, play, settings, turn
from tests.support.patterns_kit import spec_of, told

ROUTES = route_answer(("tides", "winds"))
STEP = [{"agent": "ann"}]


class Obedient(EchoModel):
    """A model of a provider that enforces types; remembers which it was given, call by call."""

    _supports_structured_output = True

    def __init__(self) -> None:
        super().__init__()
        self.types: list[object] = []

    async def stream(self, *given: Any, **more: Any) -> AsyncIterator[Any]:
        self.types.append(more.pop("structured_output_model", None))
        async for event in super().stream(*given, **more):
            yield event


def types_given(monkeypatch: pytest.MonkeyPatch, model: Obedient, *turns: Turn) -> list[object]:
    monkeypatch.setattr(agent, "build_model", lambda *_: Success(model))
    for outcome in play(*turns):
        answered(outcome)
    return model.types


def test_a_provider_that_enforces_types_is_given_the_one_that_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    model = settings("echo")
    due = [turn(model, answer_type=each) for each in (ROUTES, None, EvaluationAnswer)]
    assert types_given(monkeypatch, Obedient(), *due) == [ROUTES, None, EvaluationAnswer]


def test_an_agent_with_tools_is_not_held_to_a_type_which_would_keep_it_from_calling_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tools = (ToolRef(name="calculator"),)
    asked = turn(settings("echo"), answer_type=ROUTES, tools=tools)
    assert types_given(monkeypatch, Obedient(), asked) == [None]


def test_any_other_provider_is_asked_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    class Free(Obedient):
        _supports_structured_output = False

    assert types_given(monkeypatch, Free(), turn(settings("echo"), answer_type=ROUTES)) == [None]


def test_bedrock_answers_in_one_call_with_text_that_is_read_as_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[Mapping[str, Any]] = []
    said = '{"route": "winds"}'

    def converse_stream(**request: Any) -> dict[str, Any]:
        sent.append(request)
        return {"stream": stream_of(said)}

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "for tests only")
    real = agent.build_model

    def built(*given: Any) -> Result[Any, Any]:
        model = real(*given)
        model.map(lambda bedrock: monkeypatch.setattr(bedrock.client, "converse_stream", converse_stream))
        return model

    monkeypatch.setattr(agent, "build_model", built)
    record = Recorded()
    bedrock = settings("bedrock", model_id="some.model", region="us-east-1")
    [outcome] = play(turn(bedrock, answer_type=ROUTES), record=record)
    answer = answered(outcome)
    assert (answer.text, answer.usage) == (said, Usage(7, 3))
    assert record.said == [("user", "What is tea?"), ("assistant", said)]
    [request] = sent
    asked_for = json.loads(request["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"])
    assert asked_for["properties"]["route"]["enum"] == ["tides", "winds"]
    assert "toolConfig" not in request


@pytest.mark.parametrize(
    ("pattern", "config", "due"),
    [
        (
            "routing",
            {"router": {"agent": "ann"}, "routes": {"tides": {"then": STEP}, "winds": {"then": STEP}}},
            ROUTES,
        ),
        (
            "orchestrator_workers",
            {"orchestrator": {"agent": "ann"}, "worker_template": {"agent": "ann"}},
            TasksAnswer,
        ),
        ("chain", {"steps": STEP}, None),
    ],
)
def test_a_pattern_says_which_type_is_due(pattern: str, config: dict[str, Any], due: object) -> None:
    spec = spec_of(pattern, config)
    [request] = PATTERNS[pattern].wanted(PATTERNS[pattern].initial(spec))
    assert isinstance(request, CallAgent)
    assert request.answer_type is due


def test_an_evaluator_is_due_a_score_and_its_producer_is_not() -> None:
    accept = {"min_score": 50, "max_iters": 1}
    config = {"producer": "ann", "evaluator": {"agent": "ann"}, "accept": accept}
    spec = spec_of("evaluator_optimizer", config)
    state = PATTERNS["evaluator_optimizer"].initial(spec)
    due = []
    for _ in range(2):
        [request] = PATTERNS["evaluator_optimizer"].wanted(state)
        assert isinstance(request, CallAgent)
        due.append(request.answer_type)
        state = told(spec, state, **{request.unit: "a draft"}) if request.answer_type is None else state
    assert due == [None, EvaluationAnswer]


def stream_of(text: str) -> Iterator[dict[str, Any]]:
    """A stream of Bedrock's Converse API that says ``text``."""
    yield {"messageStart": {"role": "assistant"}}
    yield {"contentBlockDelta": {"delta": {"text": text}, "contentBlockIndex": 0}}
    yield {"contentBlockStop": {"contentBlockIndex": 0}}
    yield {"messageStop": {"stopReason": "end_turn"}}
    yield {
        "metadata": {
            "usage": {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10},
            "metrics": {"latencyMs": 1},
        }
    }


@pytest.mark.parametrize(
    ("made", "read"),
    [
        (ROUTES.model_validate({"route": "tides"}), lambda text: read_route(text, ("tides", "winds"))),
        (EvaluationAnswer(score=7, issues=["dull"], fixes=[]), read_evaluation),
        (
            TasksAnswer.model_validate({"tasks": [{"task": "a"}, {"task": "b"}]}),
            lambda text: read_tasks(text, 9),
        ),
        (TasksAnswer(tasks=[]), lambda text: read_tasks(text, 9)),
    ],
    ids=["route", "evaluation", "tasks", "no tasks"],
)
def test_what_fits_a_type_can_be_read(made: BaseModel, read: Any) -> None:
    assert isinstance(read(made.model_dump_json()), Success)
