"""A parallel pattern, as a spec writes it."""

from typing import Annotated, Literal

from pydantic import Field

from durable_core.spec.base_types import Given, Id, Items, Model
from durable_core.spec.steps import AnyStep, Steps


class Branch(Model):
    """One of several chains that run at the same time."""

    id: Id = Field(description="The branch's name, unique in the pattern.")
    steps: Steps = Field(description="The steps of the branch, in order.")


class ParallelConfig(Model):
    """Chains that run at the same time, and a step that joins them."""

    branches: Annotated[Items[Branch], Field(min_length=2)] = Field(description="The branches.")
    reduce: Given[AnyStep] = Field(None, description="The step that joins the branches.")


class ParallelPattern(Model):
    """The parallel pattern."""

    type: Literal["parallel"]
    config: ParallelConfig
