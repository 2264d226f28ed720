"""The seven patterns as a spec writes them, and the steps that they are made of."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Discriminator, Field, Tag

from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.base_types import (
    Count,
    Deferred,
    FilledNameTable,
    Given,
    Id,
    Items,
    Model,
    NameTable,
    Scalar,
    Table,
)


class Validation(Model):
    """What a person's answer must look like."""

    pattern: Given[str] = Field(None, description="Regular expression that the answer must match.")


class HumanStep(Model):
    """A question to a person; the session pauses until it is answered."""

    type: Literal["hitl"] = Field(description="Marks a question to a person (human in the loop).")
    prompt: str = Field(description="The question. A template.")
    context_display: Given[str] = Field(None, description="What the person is shown beside it. A template.")
    default: Given[str] = Field(None, description="The answer taken for an empty one, and after the timeout.")
    timeout_seconds: Given[Annotated[int, Field(ge=0)]] = Field(
        None, description="Seconds from the pause until the default is taken; 0 or nothing: no limit."
    )
    validation: Given[Deferred[Validation]] = Field(None, description="What the answer must look like.")


class HumanTask(HumanStep):
    """A question to a person, as a task of a workflow."""

    id: Id = Field(description="The task's name, unique in the workflow.")
    deps: Items[Id] = Field((), description="Tasks that must be completed before this one.")


class Step(Model):
    """One call of an agent."""

    agent: str = Field(description="The agent to call, a key of `agents`.")
    input: Given[str] = Field(None, description="What the agent is sent. A template.")
    vars: Given[Table[Scalar]] = Field(None, description="Variables for this step alone.")
    tool_overrides: Given[Items[str]] = Field(
        None, description="The tools for this step, in place of the agent's own."
    )


class AgentTask(Model):
    """One call of an agent, as a task of a workflow."""

    id: Id = Field(description="The task's name, unique in the workflow.")
    agent: str = Field(description="The agent to call, a key of `agents`.")
    deps: Items[Id] = Field((), description="Tasks that must be completed before this one.")
    description: Given[str] = Field(None, description="What the task is for; for people.")
    input: Given[str] = Field(None, description="What the agent is sent. A template.")


class AgentNode(Model):
    """One call of an agent, as a node of a graph."""

    agent: str = Field(description="The agent to call, a key of `agents`.")
    input: Given[str] = Field(None, description="What the agent is sent. A template.")


def _is_human(value: object) -> bool:
    return "type" in value if isinstance(value, Mapping) else isinstance(value, HumanStep)


def _step_tag(value: object) -> str:
    return "HumanStep" if _is_human(value) else "Step"


def _task_tag(value: object) -> str:
    return "HumanTask" if _is_human(value) else "AgentTask"


def _node_tag(value: object) -> str:
    return "HumanStep" if _is_human(value) else "AgentNode"


# Whoever writes `type` means a person: so a misspelt `type: hilt` is told what it should be, not that
# `agent` is missing. The tags are the names of the models, which is how problems find the known keys.
AnyStep = Annotated[
    Annotated[Step, Tag("Step")] | Annotated[Deferred[HumanStep], Tag("HumanStep")], Discriminator(_step_tag)
]
AnyTask = Annotated[
    Annotated[AgentTask, Tag("AgentTask")] | Annotated[Deferred[HumanTask], Tag("HumanTask")],
    Discriminator(_task_tag),
]
AnyNode = Annotated[
    Annotated[AgentNode, Tag("AgentNode")] | Annotated[Deferred[HumanStep], Tag("HumanStep")],
    Discriminator(_node_tag),
]
Steps = Annotated[Items[AnyStep], Field(min_length=1)]


class ChainConfig(Model):
    """Steps one after another."""

    steps: Steps = Field(description="The steps, in order.")


class WorkflowConfig(Model):
    """Tasks that start as soon as the tasks they depend on are completed."""

    tasks: Annotated[Items[AnyTask], Field(min_length=1)] = Field(description="The tasks, in any order.")


class Router(Model):
    """The call that chooses the route."""

    agent: str = Field(description="The agent that answers with the name of a route.")
    input: Given[str] = Field(None, description="What it is sent. A template.")
    max_retries: Annotated[int, Field(ge=0)] = Field(
        2, description="How often it is asked again when its answer cannot be used."
    )
    review_router: Given[Deferred[HumanStep]] = Field(
        None, description="Ask a person about the chosen route."
    )


class Route(Model):
    """What is done when this route is chosen."""

    then: Items[AnyStep] = Field((), description="The steps of the route, in order; at least one.")


class RoutingConfig(Model):
    """An agent chooses one of several chains."""

    router: Router = Field(description="Who chooses.")
    routes: NameTable[Route] = Field(description="The routes, by name; at least one.")


class Branch(Model):
    """One of several chains that run at the same time."""

    id: Id = Field(description="The branch's name, unique in the pattern.")
    steps: Steps = Field(description="The steps of the branch, in order.")


class ParallelConfig(Model):
    """Chains that run at the same time, and a step that joins them."""

    branches: Annotated[Items[Branch], Field(min_length=2)] = Field(description="The branches.")
    reduce: Given[AnyStep] = Field(None, description="The step that joins the branches.")


class Limits(Model):
    """How much an orchestrator may hand out."""

    max_workers: Given[Count] = Field(None, description="Most tasks a round, and most at the same time.")
    max_rounds: Given[Count] = Field(None, description="Most rounds; one when left out.")


class Orchestrator(Model):
    """The call that divides the work."""

    agent: str = Field(description="The agent that answers with a list of tasks.")
    limits: Limits = Field(default_factory=Limits.model_construct, description="How much it may hand out.")


class WorkerTemplate(Model):
    """What every worker is like."""

    agent: str = Field(description="The agent that each task is given to.")
    tools: Given[Items[str]] = Field(None, description="Their tools, in place of the agent's own.")


class OrchestratorWorkersConfig(Model):
    """An agent divides the work, workers do it, and a step or two bring it together."""

    orchestrator: Orchestrator = Field(description="Who divides the work.")
    decomposition_review: Given[Deferred[HumanStep]] = Field(
        None, description="Ask a person about the tasks."
    )
    worker_template: WorkerTemplate = Field(description="Who does the work.")
    reduce_review: Given[Deferred[HumanStep]] = Field(
        None, description="Ask a person about the workers' answers."
    )
    reduce: Given[AnyStep] = Field(None, description="The step that joins the workers' answers.")
    writeup: Given[AnyStep] = Field(None, description="The step that writes the final answer.")


class Evaluator(Model):
    """The call that scores a draft."""

    agent: str = Field(description="The agent that answers with a score from 0 to 100.")
    input: Given[str] = Field(None, description="What it is sent. A template.")


class Accept(Model):
    """When a draft is good enough."""

    min_score: Annotated[int, Field(ge=0, le=100)] = Field(description="The score that is enough, 0..100.")
    max_iters: Count = Field(3, description="Most evaluations.")


class EvaluatorOptimizerConfig(Model):
    """A draft is written, scored and revised until it is good enough."""

    producer: str = Field(description="The agent that writes and revises the draft.")
    evaluator: Evaluator = Field(description="Who scores the draft.")
    accept: Accept = Field(description="When the draft is good enough.")
    revise_prompt: Given[str] = Field(None, description="What is sent for a revision. A template.")
    review_gate: Given[Deferred[HumanStep]] = Field(None, description="Ask a person before each revision.")


class Choice(Model):
    """One condition and where it leads."""

    when: str = Field(description="A condition over the nodes so far, or `else`.")
    to: Id = Field(description="The node to go to when it holds.")


class Edge(Model):
    """Where to go from a node: ``to`` or ``choose``, and not both."""

    from_: Id = Field(alias="from", description="The node to go from.")
    to: Given[Items[Id]] = Field(None, description="The node to go to: the first of the list.")
    choose: Given[Items[Choice]] = Field(None, description="Conditions; the first that holds is taken.")


class GraphConfig(Model):
    """Nodes, and edges that may lead back."""

    max_iterations: Count = Field(10, description="Most visits of one node.")
    nodes: FilledNameTable[AnyNode] = Field(
        description="The nodes, by name; the first is where the run begins."
    )
    edges: Annotated[Items[Edge], Field(min_length=1)] = Field(description="The edges; order counts.")


class ChainPattern(Model):
    """The chain pattern."""

    type: Literal["chain"]
    config: ChainConfig


class WorkflowPattern(Model):
    """The workflow pattern."""

    type: Literal["workflow"]
    config: WorkflowConfig


class RoutingPattern(Model):
    """The routing pattern."""

    type: Literal["routing"]
    config: RoutingConfig


class ParallelPattern(Model):
    """The parallel pattern."""

    type: Literal["parallel"]
    config: ParallelConfig


class OrchestratorWorkersPattern(Model):
    """The orchestrator-workers pattern."""

    type: Literal["orchestrator_workers"]
    config: OrchestratorWorkersConfig


class EvaluatorOptimizerPattern(Model):
    """The evaluator-optimizer pattern."""

    type: Literal["evaluator_optimizer"]
    config: EvaluatorOptimizerConfig


class GraphPattern(Model):
    """The graph pattern."""

    type: Literal["graph"]
    config: GraphConfig


_MODELS: Final[Mapping[str, type[Model]]] = FrozenDict(
    chain=ChainPattern,
    workflow=WorkflowPattern,
    routing=RoutingPattern,
    parallel=ParallelPattern,
    orchestrator_workers=OrchestratorWorkersPattern,
    evaluator_optimizer=EvaluatorOptimizerPattern,
    graph=GraphPattern,
)

PATTERN_TYPES: tuple[str, ...] = tuple(_MODELS)
"""The words that ``pattern.type`` may be."""


def config_keys(pattern_type: str, *, required: bool = False) -> set[str]:
    """The keys of the config of that pattern; those alone that are ``required``."""
    config = _MODELS[pattern_type].model_fields["config"].annotation
    assert isinstance(config, type), "a config is a class of its own"
    assert issubclass(config, Model), "and a model"
    return {key for key, field in config.model_fields.items() if field.is_required() or not required}


def _pattern_tag(value: object) -> str:
    if isinstance(value, Mapping):
        # the parser has looked at an unknown type already: what is checked here is the rest
        return _MODELS.get(str(value.get("type")), ChainPattern).__name__
    return type(value).__name__


AnyPattern = Annotated[
    Annotated[Deferred[ChainPattern], Tag("ChainPattern")]
    | Annotated[Deferred[WorkflowPattern], Tag("WorkflowPattern")]
    | Annotated[Deferred[RoutingPattern], Tag("RoutingPattern")]
    | Annotated[Deferred[ParallelPattern], Tag("ParallelPattern")]
    | Annotated[Deferred[OrchestratorWorkersPattern], Tag("OrchestratorWorkersPattern")]
    | Annotated[Deferred[EvaluatorOptimizerPattern], Tag("EvaluatorOptimizerPattern")]
    | Annotated[Deferred[GraphPattern], Tag("GraphPattern")],
    Discriminator(_pattern_tag),
]
