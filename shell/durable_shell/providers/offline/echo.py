"""The ``echo`` provider: a model behind the SDK's own interface that answers by rule, offline.

It needs no key and no network and never tires: the same conversation always gets the same answer. The
rules are in ``echo_rules``; usage is counted in word pieces, see ``offline``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, TypeVar

from pydantic import BaseModel
from strands.models.model import Model
from strands.types.content import Messages
from strands.types.streaming import StreamEvent
from strands.types.tools import ToolChoice, ToolSpec

from durable_shell.providers.offline.echo_rules import echo_answer
from durable_shell.providers.offline.playback import cost, text_events, user_texts

_T = TypeVar("_T", bound=BaseModel)


class EchoModel(Model):
    """Answers by rule; ``delay`` is how long each call takes, in seconds."""

    def __init__(self, *, model_id: str = "echo", delay: float = 0.0) -> None:
        self.config: dict[str, Any] = {"model_id": model_id, "delay": delay}

    def update_config(self, **model_config: Any) -> None:
        self.config.update(model_config)

    def get_config(self) -> dict[str, Any]:
        return self.config

    async def stream(
        self,
        messages: Messages,
        tool_specs: list[ToolSpec] | None = None,  # noqa: ARG002 -- the SDK's signature; echo calls no tools
        system_prompt: str | None = None,
        *,
        tool_choice: ToolChoice | None = None,  # noqa: ARG002 -- as above
        **kwargs: Any,  # noqa: ARG002 -- as above
    ) -> AsyncGenerator[StreamEvent, None]:
        if self.config["delay"]:
            await asyncio.sleep(self.config["delay"])
        text = echo_answer(system_prompt or "", user_texts(messages))
        for event in text_events(text, cost(messages, system_prompt, text)):
            yield event

    async def structured_output(
        self, output_model: type[_T], prompt: Messages, system_prompt: str | None = None, **kwargs: Any
    ) -> AsyncGenerator[dict[str, _T | Any], None]:
        """The rule's answer read as JSON; a pydantic ValidationError when it does not fit."""
        del kwargs
        text = echo_answer(system_prompt or "", user_texts(prompt))
        yield {"output": output_model.model_validate_json(text)}
