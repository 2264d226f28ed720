"""The spec: a whole workflow document as frozen values.

Field names are the format's own, so that a pointer into the file and a path through the models read alike.
What a field means stands in its description, which the JSON Schema for editors shows too.
``model_dump_json(by_alias=True, exclude_unset=True)`` writes a spec as JSON that reads as an equal spec.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final, Literal, get_args

from pydantic import BeforeValidator, Field

from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.base_types import (
    AnyJson,
    Count,
    Deferred,
    FilledNameTable,
    Given,
    Items,
    Later,
    Model,
    Scalar,
    Seconds,
    Share,
    Table,
    Tag,
    Temperature,
    Text,
    Version,
    Wait,
)
from durable_core.spec.patterns import PATTERN_TYPES, AnyPattern, pattern_part
from durable_core.spec.steps import (
    AgentNode,
    AgentTask,
    AnyNode,
    AnyStep,
    AnyTask,
    HumanStep,
    HumanTask,
    Step,
    Validation,
)

if TYPE_CHECKING:
    from durable_core.patterns.chain.config import ChainConfig, ChainPattern
    from durable_core.patterns.evaluator_optimizer.config import (
        Accept,
        Evaluator,
        EvaluatorOptimizerConfig,
        EvaluatorOptimizerPattern,
    )
    from durable_core.patterns.graph.config import Choice, Edge, GraphConfig, GraphPattern
    from durable_core.patterns.orchestrator_workers.config import (
        Limits,
        Orchestrator,
        OrchestratorWorkersConfig,
        OrchestratorWorkersPattern,
        WorkerTemplate,
    )
    from durable_core.patterns.parallel.config import Branch, ParallelConfig, ParallelPattern
    from durable_core.patterns.routing.config import Route, Router, RoutingConfig, RoutingPattern
    from durable_core.patterns.workflow.config import WorkflowConfig, WorkflowPattern
    from durable_core.spec.extras import (
        Compaction,
        ContextPolicy,
        HttpExecutor,
        McpServer,
        Metadata,
        Notes,
        Otel,
        Redact,
        Retrieval,
        Secret,
        Skill,
        Telemetry,
    )


def _load_extra(name: str) -> type[Model]:
    from durable_core.spec import extras  # noqa: PLC0415  # most files hold none of them

    model: type[Model] = getattr(extras, name)
    return model


def _extra(name: str) -> object:
    return Annotated[object, Later(partial(_load_extra, name))]


if TYPE_CHECKING:
    _Metadata = Metadata
    _Secret = Secret
    _Telemetry = Telemetry
    _ContextPolicy = ContextPolicy
    _Skill = Skill
    _McpServer = McpServer
    _HttpExecutor = HttpExecutor
else:
    _Metadata = _extra("Metadata")
    _Secret = _extra("Secret")
    _Telemetry = _extra("Telemetry")
    _ContextPolicy = _extra("ContextPolicy")
    _Skill = _extra("Skill")
    _McpServer = _extra("McpServer")
    _HttpExecutor = _extra("HttpExecutor")

Provider = Literal[
    "bedrock", "ollama", "openai", "anthropic", "gemini", "litellm", "llamacpp", "mistral", "echo", "scripted"
]
"""Who runs the models. ``echo`` and ``scripted`` are offline and need no key."""

PROVIDERS: Final[tuple[str, ...]] = get_args(Provider)

InputType = Literal["string", "number", "integer", "boolean", "array", "object"]
"""The type of an input, in the words of JSON Schema."""

Backoff = Literal["constant", "exponential", "jittered"]


class Budgets(Model):
    """What a session may use in all, resumes included. Nothing is limited unless it is named."""

    max_steps: Given[Count] = Field(None, description="Most units that call a model.")
    max_tokens: Given[Count] = Field(None, description="Most tokens, input plus output.")
    max_duration_s: Given[Count] = Field(None, description="Most seconds of working time.")
    warn_threshold: Share = Field(0.8, description="The share of a budget at which to warn, once.")


class FailurePolicy(Model):
    """What to do about faults that may pass: throttling, timeouts, connections, failing servers."""

    retries: Annotated[int, Field(ge=0)] = Field(2, description="Most retries after the first attempt.")
    backoff: Backoff = Field("exponential", description="How the waits grow.")
    wait_min: Wait = Field(1, description="Shortest wait, in seconds.")
    wait_max: Wait = Field(60, description="Longest wait, in seconds.")


class Timeouts(Model):
    """How long a turn of an agent may take. A turn is all that leads to one answer: calls of the model, and
    of tools between them."""

    model: Given[Seconds] = Field(
        None, description="Most seconds of one call of the model. Default: what the turn has left."
    )
    tool: Given[Seconds] = Field(None, description="Most seconds of one call of a tool. Default: 600.")
    turn: Given[Seconds] = Field(
        None,
        description="Most seconds of all calls of the model in one turn; tools not counted. Default: 600.",
    )


class Runtime(Model):
    """Which model runs the agents, and what the whole session may use."""

    provider: Provider = Field(description="Who runs the model.")
    model_id: Given[str] = Field(None, description="The model, in the provider's words.")
    region: Given[str] = Field(None, description="Cloud region, for providers that have them.")
    host: Given[str] = Field(None, description="Address of the server, such as http://localhost:11434.")
    temperature: Given[Temperature] = Field(None, description="Sampling temperature, 0..2.")
    top_p: Given[Share] = Field(None, description="Nucleus sampling, 0..1.")
    max_tokens: Given[Count] = Field(None, description="Most tokens in one answer.")
    max_parallel: Count = Field(5, description="Most units at the same time.")
    budgets: Deferred[Budgets] = Field(
        default_factory=Budgets.model_construct, description="What the session may use in all."
    )
    failure_policy: Deferred[FailurePolicy] = Field(
        default_factory=FailurePolicy.model_construct, description="When to try again."
    )
    timeouts: Given[Deferred[Timeouts]] = Field(None, description="How long a turn of an agent may take.")


class InputDeclaration(Model):
    """What an input must be."""

    type: InputType = Field(description="The type of its value.")
    description: Given[str] = Field(None, description="What to enter; for people.")
    default: AnyJson = Field(None, description="The value when none is given.")
    enum: Given[Annotated[Items[AnyJson], Field(min_length=1)]] = Field(
        None, description="The only values that are allowed."
    )

    @property
    def has_default(self) -> bool:
        """Whether a value is there when none is given. ``default:`` with nothing after it is none."""
        return self.default is not None


def _declaration(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


Declaration = Annotated[
    InputDeclaration, BeforeValidator(_declaration, json_schema_input_type=InputType | InputDeclaration)
]


class Inputs(Model):
    """The variables that a workflow takes."""

    required: Table[Declaration] = Field(default_factory=FrozenDict, description="Inputs that must be given.")
    optional: Table[Declaration] = Field(default_factory=FrozenDict, description="Inputs that may be given.")
    values: Table[Scalar] = Field(default_factory=FrozenDict, description="Values for the inputs.")


class Env(Model):
    """What a workflow takes from its surroundings."""

    secrets: Items[_Secret] = Field((), description="Secrets, which no session keeps.")
    mounts: Table[str] = Field(default_factory=FrozenDict, description="Local folders, by name.")


InDoubtPolicy = Literal["ask", "retry", "skip", "fail"]
"""What to do about a tool call that was started and never returned."""


class PythonTool(Model):
    """A Python function as a tool."""

    callable: Text = Field(
        description="Its import path, such as package.module.function, or ./file.py:function."
    )
    reads_only: bool = Field(False, description="Whether it changes nothing, so that it may be called again.")


def _python_tool(value: object) -> object:
    return {"callable": value} if isinstance(value, str) else value


class Tools(Model):
    """The tools that agents may name."""

    python: tuple[
        Annotated[PythonTool, BeforeValidator(_python_tool, json_schema_input_type=Text | PythonTool)], ...
    ] = Field((), description="Python functions.")
    mcp: Items[_McpServer] = Field((), description="MCP servers.")
    http_executors: Items[_HttpExecutor] = Field((), description="HTTP services.")
    in_doubt: Table[InDoubtPolicy] = Field(
        default_factory=FrozenDict,
        description="By tool: what to do when a call was interrupted, unless it only reads. Default: ask.",
    )


class Inference(Model):
    """How an agent's answers are made, where it differs from the runtime."""

    temperature: Given[Temperature] = Field(None, description="Sampling temperature, 0..2.")
    top_p: Given[Share] = Field(None, description="Nucleus sampling, 0..1.")
    max_tokens: Given[Count] = Field(None, description="Most tokens in one answer.")


def _schema_of_data(value: object) -> object:
    if not isinstance(value, str | Mapping):
        raise ValueError("must be the path of a JSON Schema file, or a JSON Schema")
    return value


DataSchema = Annotated[AnyJson, BeforeValidator(_schema_of_data)]
"""A JSON Schema: the path of its file, or itself."""


class Agent(Model):
    """Who answers: a system prompt, and what the agent may use.

    ``ref`` (``$ref`` in the file) names the file that this agent was taken from; the prompt is always here.
    """

    ref: Given[Text] = Field(None, alias="$ref", description="A file that holds this agent.")
    prompt: str = Field(description="The system prompt. A template; names it does not know stay as written.")
    tools: Given[Items[str]] = Field(None, description="The tools it may use, by name.")
    provider: Given[Provider] = Field(None, description="Who runs its model, if not the runtime's.")
    model_id: Given[str] = Field(None, description="Its model, if not the runtime's.")
    inference: Given[Deferred[Inference]] = Field(None, description="How its answers are made.")
    timeouts: Given[Deferred[Timeouts]] = Field(
        None, description="How long a turn of it may take, where that differs from the runtime's."
    )
    input_schema: Given[DataSchema] = Field(None, description="What its input must look like.")
    output_schema: Given[DataSchema] = Field(None, description="What its answer must look like.")


class Artifact(Model):
    """A file written at the end."""

    path: Text = Field(description="Where it goes. A template.")
    from_: str = Field(alias="from", description="What it holds. A template.")


class Outputs(Model):
    """What a run leaves behind."""

    artifacts: Items[Deferred[Artifact]] = Field((), description="The files to write.")


class Guardrails(Model):
    """What agents must not do."""

    deny_network: bool = Field(False, description="No tool may use the network.")
    pii_redaction: bool = Field(False, description="Leave personal data out of traces and files.")
    allow_tools: Given[Items[str]] = Field(None, description="The only tools that are allowed.")


class Security(Model):
    """Limits on what a workflow may do."""

    guardrails: Deferred[Guardrails] = Field(
        default_factory=Guardrails.model_construct, description="What agents must not do."
    )


class Spec(Model):
    """A workflow: who the agents are, in what pattern they work, and what comes in and out."""

    version: Version = Field(description="The version of the format; 0.")
    name: Text = Field(description="The workflow's name.")
    description: Given[str] = Field(None, description="What the workflow does.")
    metadata: Given[_Metadata] = Field(None, description="Words about the workflow.")
    tags: Items[Tag] = Field((), description="Labels to find it by.")
    runtime: Runtime = Field(description="Which model runs the agents, and the limits.")
    inputs: Deferred[Inputs] = Field(
        default_factory=Inputs.model_construct, description="The variables that it takes."
    )
    env: Deferred[Env] = Field(
        default_factory=Env.model_construct, description="What it takes from its surroundings."
    )
    telemetry: Given[_Telemetry] = Field(None, description="Traces.")
    context_policy: Given[_ContextPolicy] = Field(None, description="What agents remember and look up.")
    skills: Items[_Skill] = Field((), description="Instructions that agents may load.")
    tools: Deferred[Tools] = Field(
        default_factory=Tools.model_construct, description="The tools that agents may name."
    )
    agents: FilledNameTable[Agent] = Field(description="The agents, by name.")
    pattern: AnyPattern = Field(description="How the agents work together.")
    outputs: Deferred[Outputs] = Field(
        default_factory=Outputs.model_construct, description="What a run leaves behind."
    )
    security: Deferred[Security] = Field(
        default_factory=Security.model_construct, description="Limits on what it may do."
    )

    def _repr_svg_(self) -> str:
        """How a notebook shows it."""
        from durable_core.planning.workflow_drawing import workflow_svg  # noqa: PLC0415  # it knows the spec

        return workflow_svg(self)


_EXTRAS: Final = frozenset(
    "Metadata Secret Telemetry Otel Redact ContextPolicy Compaction Notes Retrieval Skill "
    "McpServer HttpExecutor".split()
)

__all__ = [
    "Spec", "Runtime", "Provider", "PROVIDERS", "Budgets", "FailurePolicy", "Backoff", "Timeouts", "Metadata",
    "Inputs", "InputDeclaration", "InputType", "Env", "Secret", "Telemetry", "Otel", "Redact",
    "ContextPolicy", "Compaction", "Notes", "Retrieval", "Skill", "Tools", "PythonTool", "McpServer",
    "HttpExecutor", "InDoubtPolicy", "Agent", "Inference", "Outputs", "Artifact", "Security", "Guardrails",
    "PATTERN_TYPES", "AnyStep", "AnyTask", "AnyNode",
    "Step", "HumanStep", "Validation",
    "ChainPattern", "ChainConfig",
    "WorkflowPattern", "WorkflowConfig", "AgentTask", "HumanTask",
    "RoutingPattern", "RoutingConfig", "Router", "Route",
    "ParallelPattern", "ParallelConfig", "Branch",
    "OrchestratorWorkersPattern", "OrchestratorWorkersConfig", "Orchestrator", "Limits", "WorkerTemplate",
    "EvaluatorOptimizerPattern", "EvaluatorOptimizerConfig", "Evaluator", "Accept",
    "GraphPattern", "GraphConfig", "AgentNode", "Edge", "Choice",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """What few files hold, or only those of one pattern, is loaded when it is asked for."""
    if name in _EXTRAS:
        return _load_extra(name)
    if name in __all__:
        return pattern_part(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
