"""The ``scripted`` provider: a model behind the SDK's own interface that plays what a file says.

Answers, delays, faults and tool calls come from the rules of ``script_file``. A fault is raised as the kind
of exception that a real provider's client would raise, so that it takes the same way through the SDK.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel
from strands.models.model import Model
from strands.types.content import Messages
from strands.types.exceptions import ModelThrottledException
from strands.types.streaming import StreamEvent
from strands.types.tools import ToolChoice, ToolSpec

from durable_core.types import Usage
from durable_shell.providers.offline.playback import cost, text_events, tool_events, user_texts
from durable_shell.providers.offline.script_file import Chosen, Script

_T = TypeVar("_T", bound=BaseModel)

HEARD_IN_MESSAGE = 60
"""Characters of an unanswered prompt that the fault repeats: enough to recognise it."""


class ScriptedError(Exception):
    """A fault that the script asked for, shaped like an HTTP client's error."""

    def __init__(self, message: str, status_code: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.headers = headers or {}


class ScriptedModel(Model):
    """Plays ``script``."""

    def __init__(self, script: Script) -> None:
        self.config: dict[str, Any] = {"model_id": "scripted"}
        self._script = script
        self._tool_calls = 0

    def update_config(self, **model_config: Any) -> None:
        self.config.update(model_config)

    def get_config(self) -> dict[str, Any]:
        return self.config

    async def stream(
        self,
        messages: Messages,
        tool_specs: list[ToolSpec] | None = None,  # noqa: ARG002 -- the SDK's signature; the script decides
        system_prompt: str | None = None,
        *,
        tool_choice: ToolChoice | None = None,  # noqa: ARG002 -- as above
        invocation_state: dict[str, Any] | None = None,
        **kwargs: Any,  # noqa: ARG002 -- as above
    ) -> AsyncGenerator[StreamEvent, None]:
        agent = getattr((invocation_state or {}).get("agent"), "name", "")
        chosen = self._choose(agent, messages)
        if chosen.rule.delay:
            await asyncio.sleep(chosen.rule.delay)
        for event in self._events(chosen, messages, system_prompt):
            yield event

    async def structured_output(
        self, output_model: type[_T], prompt: Messages, system_prompt: str | None = None, **kwargs: Any
    ) -> AsyncGenerator[dict[str, _T | Any], None]:
        """The scripted answer read as JSON; a pydantic ValidationError when it does not fit."""
        del system_prompt, kwargs
        yield {"output": output_model.model_validate_json(_answer(self._choose("", prompt)))}

    def _choose(self, agent: str, messages: Messages) -> Chosen:
        heard = (user_texts(messages) or [""])[-1]
        try:
            chosen = self._script.choose(agent, heard)
        except ValueError as error:
            raise ScriptedError(f"a regex of {self._script.name} is of no use here: {error}", 400) from None
        if chosen is None:
            shown = " ".join(heard.split())[:HEARD_IN_MESSAGE]
            asked = f"agent '{agent}' on the prompt '{shown}'"
            raise ScriptedError(f"no rule of {self._script.name} with uses left answers {asked}", 400)
        return chosen

    def _next_id(self) -> str:
        self._tool_calls += 1
        return f"scripted-{self._tool_calls}"

    def _events(self, chosen: Chosen, messages: Messages, system_prompt: str | None) -> Iterator[StreamEvent]:
        rule = chosen.rule
        answer = _answer(chosen)
        usage = cost(messages, system_prompt, answer)
        if rule.usage is not None:
            usage = Usage(rule.usage.input, rule.usage.output)
        if rule.calls:
            calls = [(self._next_id(), asked.name, asked.input) for asked in rule.calls]
            yield from tool_events(calls, usage)
        elif rule.fault is None or rule.fault == "empty":
            yield from text_events(answer, usage)
        elif rule.fault == "hangup":
            # The first words arrive, then the connection breaks: what a provider's restart looks like.
            yield {"messageStart": {"role": "assistant"}}
            yield {"contentBlockStart": {"start": {}}}
            yield {"contentBlockDelta": {"delta": {"text": "The first words"}}}
            raise ConnectionResetError("the script hung up in mid-stream")
        else:
            _fail(chosen)


def _answer(chosen: Chosen) -> str:
    if chosen.rule.answers is not None:
        return chosen.rule.answers[chosen.used]
    return chosen.rule.answer or ""


def _fail(chosen: Chosen) -> NoReturn:
    match chosen.rule.fault:
        case "throttled":
            wait = chosen.rule.retry_after
            headers = {} if wait is None else {"retry-after": str(wait)}
            cause = ScriptedError("the script asks to slow down", 429, headers)
            raise ModelThrottledException(str(cause)) from cause
        case "timeout":
            raise TimeoutError("the script did not answer in time")
        case "connection":
            raise ConnectionRefusedError("the script refused the connection")
        case "server":
            raise ScriptedError("the script failed", 500)
        case _:
            raise ScriptedError("the script refused the request", 400)
