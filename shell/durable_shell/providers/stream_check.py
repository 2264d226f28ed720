"""One model call's stream, checked on its way to the SDK.

What comes out is what the SDK can take at its word: text of whole characters, tool arguments that are an
object, an end only where the provider said one, and usage only where it was reported. See
``finish_reasons`` for what counts as an end.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any, Final

from strands.models.model import Model
from strands.types.streaming import StreamEvent

from durable_core.bounds import MOST_REPORTED
from durable_core.characters import whole
from durable_core.session.conversation import NOT_REPORTED
from durable_shell.providers.finish_reasons import Ending, ending
from durable_shell.providers.tool_arguments import usable_arguments
from durable_shell.providers.wire_fault import WireFault

_SDK_REASONS: Final[Mapping[Ending, str]] = {
    "whole": "end_turn",
    "calls": "tool_use",
    "cut": "max_tokens",
}


MAX_ANSWER_CHARS: Final = 16 * 1024 * 1024
"""Characters of one answer: a stream that never ends fills no memory. A long book has one or two million."""


class CheckedStream(Model):
    """A mixin for the SDK's models: their ``stream``, checked. ``provider`` says by which table.

    The model under it gives the raw finish reason as its stop reason, or none.
    """

    provider: str

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[StreamEvent, None]:
        """The SDK's events of one call, checked."""
        check = StreamCheck(self.provider)
        model: Any = super()  # the next class in line: a model of the SDK, whose stream has a body
        async for event in model.stream(*args, **kwargs):
            for passed in check.passed(event):
                yield passed
        for last in check.end():
            yield last


class StreamCheck:
    """The events of one call, one after the other, each made into those that may pass.

    The end and the usage are held back to the last, whatever order the provider tells them in.
    """

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._chars = 0
        self._half = ""
        self._half_of = ""
        self._arguments: list[str] | None = None
        self._calls = 0
        self._nameless = False
        self._reason: str | None = None
        self._usage: Mapping[str, Any] = {}
        self._metrics: Mapping[str, Any] = {}

    def passed(self, event: Mapping[str, Any]) -> Iterator[Any]:
        """What passes of ``event``."""
        match event:
            case {"contentBlockDelta": {"delta": {"text": str(text)}}}:
                yield from self._text("text", text)
            case {"contentBlockDelta": {"delta": {"reasoningContent": {"text": str(text)}}}}:
                yield from self._text("reasoning", text)
            case {"contentBlockDelta": {"delta": {"toolUse": dict(use)}}}:
                self._arguments = [*(self._arguments or ()), _written(use.get("input"))]
                yield _delta({"toolUse": {**use, "input": ""}})
            case {"contentBlockStart": {"start": {"toolUse": dict(use)}}}:
                self._arguments = []
                self._nameless = self._nameless or not (use.get("name") and use.get("toolUseId"))
                yield event
            case {"contentBlockStop": _}:
                yield from self._block_end()
                yield event
            case {"messageStop": _} | {"metadata": _}:
                self._note_end(event)
            case _:
                yield event

    def end(self) -> Iterator[Any]:
        """What is to follow the last event: how it ended, and the usage or that there was none."""
        yield from self._flush()
        meant = self._meant()
        yield {"messageStop": {"stopReason": _SDK_REASONS.get(meant) or ended(meant, self._reason)}}
        unknown = {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0, NOT_REPORTED: 1}
        usage = self._usage if _counted(self._usage) else unknown
        yield {"metadata": {"usage": usage, "metrics": {"latencyMs": 0, **self._metrics}}}

    def _text(self, kind: str, text: str) -> Iterator[Any]:
        self._chars += len(text)
        if self._chars > MAX_ANSWER_CHARS:
            raise WireFault("limit", f"wrote more than {MAX_ANSWER_CHARS} characters in one answer")
        if self._half_of != kind:
            yield from self._flush()
        said, self._half = _parted(self._half + text)
        self._half_of = kind
        if said:
            yield _text_delta(kind, whole(said))

    def _flush(self) -> Iterator[Any]:
        if self._half:
            yield _text_delta(self._half_of, whole(self._half))
        self._half = ""

    def _block_end(self) -> Iterator[Any]:
        yield from self._flush()
        if self._arguments is not None:
            yield _delta({"toolUse": {"input": usable_arguments("".join(self._arguments))}})
            self._calls += 1
        self._arguments = None

    def _note_end(self, event: Mapping[str, Any]) -> None:
        if "messageStop" in event:
            self._reason = event["messageStop"].get("stopReason")
        if "metadata" in event:
            self._usage = event["metadata"].get("usage") or {}
            self._metrics = event["metadata"].get("metrics") or {}

    def _meant(self) -> Ending:
        meant = ending(self._provider, self._reason)
        if meant == "whole" and self._calls:  # several servers say "stop" after a call as well
            meant = "calls"
        return "spoiled" if meant == "calls" and (self._nameless or not self._calls) else meant


def ended(meant: Ending, reason: str | None) -> str:
    """A stop reason that the SDK does not know: what is meant, and the provider's own word."""
    return f"{meant}: {reason[:80]}" if reason else meant


def _counted(usage: Mapping[str, Any]) -> bool:
    counts = [usage.get(name) for name in ("inputTokens", "outputTokens")]
    return all(type(count) is int and 0 <= count <= MOST_REPORTED for count in counts)


def _written(arguments: object) -> str:
    """A piece of arguments as it was written; some clients have read it as JSON already."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments) if arguments else ""


def _parted(text: str) -> tuple[str, str]:
    """``text`` and, apart, the first half of a character at its end, whose other half may be to come."""
    return (text[:-1], text[-1]) if text and "\ud800" <= text[-1] <= "\udbff" else (text, "")


def _text_delta(kind: str, text: str) -> dict[str, Any]:
    return _delta({"text": text} if kind == "text" else {"reasoningContent": {"text": text}})


def _delta(delta: dict[str, Any]) -> dict[str, Any]:
    return {"contentBlockDelta": {"delta": delta}}
