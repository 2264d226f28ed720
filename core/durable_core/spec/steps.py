"""The steps that all patterns are made of, as a spec writes them."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from durable_core.spec.base_types import Deferred, Given, Id, Items, Model, Scalar, Table


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
