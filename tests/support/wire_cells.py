"""Everything that can go wrong between us and a provider, and what the program makes of each.

A cell is one fault of one provider, played through the program's own factory and agent against a local
server of that provider's wire format. What each cell has to be stands in ``tests/data/wire.jsonl``, which is
what ``python -m tests.support.wire_cells`` prints; docs/reference/providers.md shows it.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple, TypedDict

from durable_core.session.retries import wait_before_retry
from durable_core.session.turns import Answer, NoAnswer
from durable_core.spec.models import FailurePolicy
from durable_core.spec.settings import ModelSettings, TurnLimits
from durable_core.types import Fault
from durable_shell.providers.agent import SdkModels
from tests.support.model_kit import Recorded, settings, turn
from tests.support.night import NIGHTLY
from tests.support.servers.anthropic_server import AnthropicHandler, AnthropicServer
from tests.support.servers.bedrock_server import BedrockHandler, BedrockServer
from tests.support.servers.behaviour import Call, Misbehave, ModelServer
from tests.support.servers.gemini_server import GeminiHandler, GeminiServer
from tests.support.servers.llamacpp_server import LlamaCppHandler, LlamaCppServer
from tests.support.servers.mistral_server import MistralHandler, MistralServer
from tests.support.servers.ollama_server import OllamaHandler, OllamaServer
from tests.support.servers.openai_server import OpenAIHandler, OpenAIServer
from tests.support.servers.wire_format import Handler, Piece

EXPECTED: Final = Path(__file__).parents[1] / "data" / "wire.jsonl"
"""What each cell has to be, a cell a line."""

LIMIT_S: Final = 0.2
"""The limit of a turn whose server is silent, in seconds. It is doubled until the server was reached."""

PROMPT: Final = "What is tea?\nanswer: Tea is a plant that is drunk."

ENVIRONMENT: Final = {
    "OPENAI_API_KEY": "a-key-of-the-tests",
    "ANTHROPIC_API_KEY": "a-key-of-the-tests",
    "GEMINI_API_KEY": "a-key-of-the-tests",
    "MISTRAL_API_KEY": "a-key-of-the-tests",
    "AWS_ACCESS_KEY_ID": "a-key-of-the-tests",
    "AWS_SECRET_ACCESS_KEY": "a-key-of-the-tests",
}
"""The keys; AWS's own are read from the process's environment by its client."""

REFUSING: Final = "The parameter rate can't be 429."
"""What a server says with status 400: words that look like something else to who reads words."""


class WireProvider(NamedTuple):
    """How a provider is reached at a local server."""

    server: type[ModelServer]
    handler: type[Handler]
    path: str = ""
    region: str | None = None
    model: str = "tea-1"

    def settings(self, provider: str, url: str) -> ModelSettings:
        """The model at ``url``."""
        return settings(provider, model_id=self.model, host=url + self.path, region=self.region)


WIRE_PROVIDERS: Final[Mapping[str, WireProvider]] = {
    "openai": WireProvider(OpenAIServer, OpenAIHandler, path="/v1"),
    "ollama": WireProvider(OllamaServer, OllamaHandler),
    "anthropic": WireProvider(AnthropicServer, AnthropicHandler),
    "gemini": WireProvider(GeminiServer, GeminiHandler),
    "mistral": WireProvider(MistralServer, MistralHandler),
    "bedrock": WireProvider(BedrockServer, BedrockHandler, region="eu-central-1"),
    "llamacpp": WireProvider(LlamaCppServer, LlamaCppHandler),
}


_BY_LITELLM: Final = {
    "litellm": WireProvider(OpenAIServer, OpenAIHandler, path="/v1", model="openai/tea-1"),
}

PLAYED_PROVIDERS: Final[Mapping[str, WireProvider]] = {
    **WIRE_PROVIDERS,
    **(_BY_LITELLM if NIGHTLY and find_spec("litellm") else {}),
}
"""The providers of the table, and at night litellm where it is installed: it is too large for every day."""


class Cell(TypedDict):
    """What came of one fault."""

    outcome: str  # "answer", or the class of the fault
    requests: int  # that one attempt sent
    attempts: int  # that the default failure policy makes while the fault lasts
    wait: float | None  # seconds that the provider asks for, at least, before the next attempt
    usage: str
    message: str


def pieces(handler: type[Handler]) -> list[Piece]:
    """The pieces of a whole answer in one provider's format."""
    call = Call(
        "", "tea-1", [{"role": "user", "content": PROMPT}], {"stream_options": {"include_usage": True}}, {}
    )
    return handler.pieces(call, call.answer, handler.reasons["whole"], counted=True)


def wire_faults(handler: type[Handler]) -> Iterator[tuple[str, Misbehave]]:
    """Every fault of a provider with its name, the whole answer first."""
    yield "a whole answer", Misbehave("whole")
    for reason in handler.every_reason:
        yield f"an answer that ended for the reason {reason}", Misbehave("reason", reason=reason)
    count = len(pieces(handler))
    for after in range(count):
        yield f"a stream that ends after {after} of {count} pieces", Misbehave("cut", after=after)
    for after in range(count + 1):
        name = f"a connection that breaks after {after} of {count} pieces"
        yield name, Misbehave("hangup", after=after)
    yield "a stream that ends in order, but without a reason", Misbehave("unfinished")
    yield "a stream with nothing in it", Misbehave("nothing")
    yield "a piece that can't be read", Misbehave("malformed")
    for error in handler.stream_errors:
        yield f"an error within the stream: {error}", Misbehave("error_chunk", error=error)
    yield "an answer without text", Misbehave("empty")
    yield "a whole answer without usage", Misbehave("no_usage")
    yield "a whole answer with usage below nothing", Misbehave("whole", usage=(18, -7))
    yield "a whole answer with usage beyond any count", Misbehave("whole", usage=(10**30, 10**30))
    yield "a web page with status 200", Misbehave("page", status=200)
    yield "a web page with status 502", Misbehave("page", status=502)
    for status in (400, 502):
        yield f"HTTP {status} with nothing in it", Misbehave("bare", status=status)
    yield "nothing with status 200", Misbehave("bare", status=200)
    said = "The engine is broken."
    yield "an error's document with status 200", Misbehave("status", status=200, message=said)
    yield "HTTP 400", Misbehave("status", status=400, message=REFUSING)
    yield "HTTP 400, the conversation is too long", Misbehave("status", status=400, message=handler.too_long)
    yield "HTTP 401", Misbehave("status", status=401, message="The key is not known.")
    yield "HTTP 403", Misbehave("status", status=403, message="The key may not do this.")
    yield "HTTP 404", Misbehave("status", status=404, message="There is no model tea-1.")
    yield "HTTP 408", Misbehave("status", status=408, message="That took too long.")
    slow = Misbehave("status", status=429, message="Too many requests.", headers={"Retry-After": "7"})
    yield "HTTP 429 with Retry-After: 7", slow
    for status in (500, 503, 529):
        yield f"HTTP {status}", Misbehave("status", status=status, message="Something is broken.")
    yield "a connection that is closed without an answer", Misbehave("drop")
    yield "silence in place of an answer", Misbehave("hang")
    yield "silence in the middle of a stream", Misbehave("stall")


def play_cells(provider: str) -> dict[str, Cell]:
    """Play every fault of a provider, one after the other, on one server, one set of clients and one loop."""
    how = WIRE_PROVIDERS[provider]
    with how.server() as server:
        return asyncio.run(_play_all(provider, how, server))


async def _play_all(provider: str, how: WireProvider, server: ModelServer) -> dict[str, Cell]:
    models = SdkModels(ENVIRONMENT)
    asked = turn(how.settings(provider, server.url), PROMPT)
    played: dict[str, Cell] = {}
    try:
        for name, fault in wire_faults(how.handler):
            if fault.kind in ("hang", "stall"):
                played[name] = await _play_silence(provider, how, fault)
                continue
            before = len(server.calls)
            server.misbehave_as(fault)
            outcome = await models.answer(asked, Recorded())
            played[name] = _cell(outcome, len(server.calls) - before, server.port)
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        nobody = replace(asked, settings=how.settings(provider, f"http://127.0.0.1:{port}"))
        played["a port at which nobody listens"] = _cell(await models.answer(nobody, Recorded()), 0, port)
    finally:
        await models.close()
    return played


async def _play_silence(provider: str, how: WireProvider, fault: Misbehave) -> Cell:
    """A turn that ends by our own limit, once that is long enough to reach the server on this machine.

    Each try has a server of its own: a request that comes too late for one must not be taken for another's.
    """
    limit = LIMIT_S
    while True:
        models = SdkModels(ENVIRONMENT)
        with how.server() as server:
            server.misbehave_as(fault)
            asked = turn(how.settings(provider, server.url), PROMPT)
            try:
                outcome = await models.answer(replace(asked, limits=TurnLimits(turn=limit)), Recorded())
            finally:
                server.break_silence()
                await models.close()
            requests = len(server.calls)
        if requests:
            cell = _cell(outcome, requests, server.port)
            return cell | {"message": cell["message"].replace(f"{limit:g} s", "LIMIT")}
        limit *= 2


def _cell(outcome: Answer | NoAnswer, requests: int, port: int) -> Cell:
    used = outcome.usage
    usage = f"{used.input_tokens} + {used.output_tokens}" if used.total else "not reported"
    if isinstance(outcome, Answer):
        return Cell(
            outcome="answer", requests=requests, attempts=1, wait=None, usage=usage, message=outcome.text
        )
    fault = outcome.fault
    return Cell(
        outcome=fault.kind,
        requests=requests,
        attempts=attempts_at(fault),
        wait=fault.retry_after,
        usage=usage,
        message=fault.message.replace(f":{port}", ":PORT"),
    )


def attempts_at(fault: Fault) -> int:
    """How many attempts the default failure policy makes at a unit that always meets this fault."""
    policy = FailurePolicy()
    made = 1
    while wait_before_retry(policy, fault, made, chance=0.0) is not None:
        made += 1
    return made


def expected_cells() -> dict[str, dict[str, Cell]]:
    """What each cell has to be, by provider and fault."""
    found: dict[str, dict[str, Cell]] = {}
    for line in EXPECTED.read_text(encoding="utf-8").splitlines():
        cell = json.loads(line)
        found.setdefault(cell.pop("provider"), {})[cell.pop("fault")] = cell
    return found


if __name__ == "__main__":
    os.environ |= ENVIRONMENT
    for played in sys.argv[1:] or WIRE_PROVIDERS:
        for name, cell in play_cells(played).items():
            print(json.dumps({"provider": played, "fault": name, **cell}, ensure_ascii=False))
