"""An evaluator-optimizer, as a spec writes it."""

from typing import Annotated, Literal

from pydantic import Field

from durable_core.spec.base_types import Count, Deferred, Given, Model
from durable_core.spec.steps import HumanStep


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


class EvaluatorOptimizerPattern(Model):
    """The evaluator-optimizer pattern."""

    type: Literal["evaluator_optimizer"]
    config: EvaluatorOptimizerConfig
