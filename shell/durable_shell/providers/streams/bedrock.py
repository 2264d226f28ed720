"""Bedrock's converse stream."""

from __future__ import annotations

from typing import Any

from strands.models.bedrock import BedrockModel

from durable_shell.providers.stream_check import CheckedStream
from durable_shell.providers.wire_fault import check_type


class BedrockStream(CheckedStream, BedrockModel):
    """``BedrockModel``, checked. The SDK hands on this provider's events as they come."""

    provider = "bedrock"

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.client.meta.events.register("after-call.bedrock-runtime.*", _refuse_page)


def _refuse_page(http_response: Any, **_: Any) -> None:
    if http_response.status_code < 300:
        check_type(http_response.headers.get("content-type", ""))
