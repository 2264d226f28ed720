"""The parts of a spec that few files hold: secrets, tools, traces, memory, and words for people.

They are loaded when a file has something in their place; ``durable_core.spec.models`` gives them by name.
"""

from typing import Annotated, Literal

from pydantic import Field

from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.base_types import (
    AnyJson,
    Count,
    Deferred,
    Given,
    Id,
    Items,
    Model,
    Scalar,
    Share,
    Table,
    Text,
)


class Metadata(Model):
    """Words about the workflow, for people and catalogues."""

    name: Given[str] = Field(None, description="A name for people.")
    description: Given[str] = Field(None, description="What the workflow is for.")
    labels: Given[Table[Scalar]] = Field(None, description="Free labels.")


class Secret(Model):
    """Something that must not stand in the file."""

    key: Id = Field(description="The name of the environment variable, or of the entry in the store.")
    name: Given[str] = Field(None, description="What the workflow calls it: the key, unless it is named.")
    source: Literal["env", "file", "ssm", "secrets_manager"] = Field(description="Where it is kept.")
    path: Given[str] = Field(None, description="The file that holds it, for `source: file`.")


class Otel(Model):
    """Where traces go."""

    endpoint: Given[str] = Field(None, description="Address of the collector.")
    service_name: Given[str] = Field(None, description="The name that traces carry.")
    sample_ratio: Given[Share] = Field(None, description="The share of runs that are traced, 0..1.")


class Redact(Model):
    """What traces must not show."""

    tool_inputs: bool = Field(True, description="Leave out what tools are given.")
    tool_outputs: bool = Field(False, description="Leave out what tools answer.")


class Telemetry(Model):
    """Traces of a run."""

    otel: Given[Deferred[Otel]] = Field(None, description="Where traces go.")
    redact: Given[Deferred[Redact]] = Field(None, description="What traces must not show.")


class Compaction(Model):
    """Long conversations are summarised."""

    enabled: bool = Field(True, description="Whether to do it at all.")
    when_tokens_over: Given[Annotated[int, Field(ge=1000)]] = Field(
        None, description="Summarise before a conversation has more tokens than this."
    )
    summary_ratio: Share = Field(0.35, description="The share of older messages to summarise, 0..1.")
    preserve_recent_messages: Count = Field(12, description="How many last messages stay as they are.")
    summarization_model: Given[str] = Field(None, description="A cheaper model for summaries.")


class Notes(Model):
    """Notes that agents share."""

    file: str = Field(description="The file of the notes.")
    include_last: Count = Field(12, description="How many last notes an agent is shown.")
    format: Literal["markdown", "json"] = Field("markdown", description="How notes are written.")


class Retrieval(Model):
    """Tools to look things up while working."""

    jit_tools: Items[str] = Field((), description="File tools: grep, head, tail, search.")
    mcp_servers: Items[str] = Field((), description="MCP servers, by id.")


class ContextPolicy(Model):
    """What agents remember and look up."""

    compaction: Given[Deferred[Compaction]] = Field(None, description="Summaries of long conversations.")
    notes: Given[Deferred[Notes]] = Field(None, description="Notes that agents share.")
    retrieval: Given[Deferred[Retrieval]] = Field(None, description="Tools to look things up.")


class Skill(Model):
    """Instructions that an agent may load."""

    id: Id = Field(description="The skill's name.")
    path: str = Field(description="The folder of the skill.")
    description: Given[str] = Field(None, description="When to use it.")
    preload_metadata: bool = Field(False, description="Whether its head is read at the start.")


class McpServer(Model):
    """A server of tools: a ``command`` that is started, or a ``url``, and not both."""

    id: Id = Field(description="The server's name.")
    command: Given[Text] = Field(None, description="The command that starts it.")
    args: Items[str] = Field((), description="The command's arguments.")
    env: Table[str] = Field(default_factory=FrozenDict, description="The command's environment variables.")
    url: Given[Text] = Field(None, description="The server's address.")
    headers: Table[str] = Field(default_factory=FrozenDict, description="HTTP headers. Templates.")


class HttpExecutor(Model):
    """An HTTP service as a tool."""

    id: Id = Field(description="The tool's name.")
    base_url: Text = Field(description="The address that paths are added to.")
    headers: Table[str] = Field(default_factory=FrozenDict, description="HTTP headers. Templates.")
    timeout_ms: Given[Count] = Field(None, description="Longest wait for an answer, in milliseconds.")
    description: Given[str] = Field(None, description="When to use it; for the agent.")
    examples: Items[Table[AnyJson]] = Field((), description="Example requests; for the agent.")
    common_endpoints: Items[Table[AnyJson]] = Field((), description="Paths to know; for the agent.")
    response_format: Given[str] = Field(None, description="What answers look like; for the agent.")
    authentication_info: Given[str] = Field(None, description="How to sign in; for the agent. No secrets.")
