"""litellm, which talks to many services in the shape of OpenAI's answers.

The client writes advertisements on standard output and fetches a list of prices while it is imported; both
are turned off before and after that.
"""

from __future__ import annotations

import logging
import os
from typing import Any

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

import litellm  # it reads that variable while it is imported
from strands.models.litellm import LiteLLMModel
from strands.types.streaming import StreamEvent

from durable_shell.providers.stream_check import CheckedStream
from durable_shell.providers.streams.raw_chunks import raw_chunk

litellm.suppress_debug_info = True
for _name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
    logging.getLogger(_name).handlers = [logging.NullHandler()]
    logging.getLogger(_name).propagate = False


class LiteLLMStream(CheckedStream, LiteLLMModel):
    """``LiteLLMModel``, checked."""

    provider = "litellm"

    def format_chunk(self, event: dict[str, Any], **_: Any) -> StreamEvent:
        """The SDK's own, with the finish reason as it came."""
        return raw_chunk(event, super().format_chunk)
