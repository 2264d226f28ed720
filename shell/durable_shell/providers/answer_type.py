"""Holds a model to the type of answer that is due, where its provider can do that.

A middleware around the SDK's model stage. The providers that the SDK knows to enforce a type answer with one
JSON text in one call, and fall back by themselves where a model can't. Nothing changes for the others: their
answers are read, and asked for again when they do not do.
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

from pydantic import BaseModel
from strands.middleware import InvokeModelContext

from durable_core.frozen import frozen

# That a model can't be held to a type is no news to a person at a terminal.
warnings.filterwarnings("ignore", message="Native structured output", category=UserWarning)


@frozen()
class AnswerType:
    """Asks for ``type`` in each model call of one turn.

    Not for agents with tools: a model that is held to a type can't call any.
    """

    type: type[BaseModel]

    async def __call__(self, context: InvokeModelContext, next_fn: Any) -> AsyncGenerator[Any, None]:
        """Around one model call."""
        if getattr(context.model, "_supports_structured_output", False) is True:
            context = replace(context, structured_output_model=self.type)
        async for event in next_fn(context):
            yield event
