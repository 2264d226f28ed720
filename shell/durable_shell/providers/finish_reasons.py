"""The finish reasons of each provider, and what each means. The tables are closed.

A model's answer counts only if its provider said, in the words below, that it is whole. What a provider
says beyond them, or does not say, is a fault: half an answer looks like a whole one, and nothing else tells
them apart. The words are those of the wire; the SDK takes many of them for the end of an answer.

Sources, read in November 2026: the providers' API references and the types of their own clients
(openai ``chat_completion_chunk``, anthropic ``stop_reason``, google-genai ``FinishReason``, mistralai
``completionresponsestreamchoice``, botocore's ``bedrock-runtime``, Ollama's ``api.md``, llama.cpp's server).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from durable_core.frozen import frozen
from durable_core.types import FaultKind

Ending = Literal[
    "whole",  # the answer is complete
    "calls",  # it asks for tools
    "cut",  # it reached the limit of output tokens
    "overflow",  # conversation and answer reached the model's context window
    "filtered",  # the provider's content filter stopped it
    "declined",  # the model will not answer this
    "spoiled",  # the model wrote what the provider could not read, such as a broken tool call
    "failed",  # the provider failed while it answered
    "missing",  # the stream ended and no reason had come
    "unknown",  # a reason that is not in the table
]

FINISH_REASONS: Final[Mapping[str, Mapping[str, Ending]]] = MappingProxyType(
    {
        "openai": {
            "stop": "whole",
            "tool_calls": "calls",
            "function_call": "calls",
            "length": "cut",
            "content_filter": "filtered",
        },
        "litellm": {
            "stop": "whole",
            "tool_calls": "calls",
            "function_call": "calls",
            "length": "cut",
            "content_filter": "filtered",
        },
        "llamacpp": {
            "stop": "whole",
            "tool_calls": "calls",
            "length": "cut",
        },
        "ollama": {
            "stop": "whole",
            "length": "cut",
        },
        "mistral": {
            "stop": "whole",
            "tool_calls": "calls",
            "length": "cut",
            "model_length": "overflow",
            "error": "failed",
        },
        "anthropic": {
            "end_turn": "whole",
            "stop_sequence": "whole",
            "tool_use": "calls",
            "max_tokens": "cut",
            "model_context_window_exceeded": "overflow",
            "refusal": "declined",
        },
        "bedrock": {
            "end_turn": "whole",
            "stop_sequence": "whole",
            "tool_use": "calls",
            "max_tokens": "cut",
            "model_context_window_exceeded": "overflow",
            "content_filtered": "filtered",
            "guardrail_intervened": "filtered",
            "malformed_model_output": "spoiled",
            "malformed_tool_use": "spoiled",
        },
        "gemini": {
            "STOP": "whole",
            "MAX_TOKENS": "cut",
            "CONTINUATION": "cut",
            "PROMPT_BLOCKED": "filtered",  # ours, for a block reason of the prompt in place of an answer
            "SAFETY": "filtered",
            "RECITATION": "filtered",
            "BLOCKLIST": "filtered",
            "PROHIBITED_CONTENT": "filtered",
            "SPII": "filtered",
            "IMAGE_SAFETY": "filtered",
            "IMAGE_PROHIBITED_CONTENT": "filtered",
            "IMAGE_RECITATION": "filtered",
            "LANGUAGE": "declined",
            "NO_IMAGE": "declined",
            "IMAGE_OTHER": "failed",
            "OTHER": "failed",
            "MALFORMED_FUNCTION_CALL": "spoiled",
            "UNEXPECTED_TOOL_CALL": "spoiled",
            "TOO_MANY_TOOL_CALLS": "spoiled",
        },
    }
)
"""By provider, then by the word on its wire."""


@frozen()
class Meaning:
    """Of an ending that is no answer: the kind of its fault, what happened and what to do, as sentences."""

    kind: FaultKind
    said: str
    next_step: str


FAULTS: Final[Mapping[Ending, Meaning]] = MappingProxyType(
    {
        "cut": Meaning(
            "limit",
            "cut the answer off at max_tokens",
            "Raise max_tokens, in runtime or in inference of the agent, and resume.",
        ),
        "overflow": Meaning(
            "limit",
            "stopped the answer because the conversation fills the model's context window",
            "Shorten the inputs, or use a model with a larger one, and resume.",
        ),
        "filtered": Meaning(
            "refused",
            "stopped the answer by its content filter",
            "Change the prompt and resume.",
        ),
        "declined": Meaning(
            "refused",
            "refused to answer this",
            "Change the prompt, or use another model, and resume.",
        ),
        "spoiled": Meaning(
            "server",
            "could not read what the model wrote",
            "If it stays so, use another model.",
        ),
        "failed": Meaning(
            "server",
            "failed while it answered",
            "What came is not taken for an answer.",
        ),
        "missing": Meaning(
            "connection",
            "broke off before the answer was whole",
            "What came is not taken for an answer.",
        ),
        "unknown": Meaning(
            "unexplained",
            "ended the answer for a reason that is not known here",
            "What came is not taken for an answer. A later version of strands may know the reason.",
        ),
    }
)
"""What is told of each ending but ``whole`` and ``calls``."""


def ending(provider: str, reason: str | None) -> Ending:
    """What it means that ``provider`` ended its answer with ``reason``; None when it gave none."""
    if not reason:
        return "missing"
    return FINISH_REASONS[provider].get(reason, "unknown")
