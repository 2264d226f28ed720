"""A workflow, as a spec writes it."""

from typing import Annotated, Literal

from pydantic import Field

from durable_core.spec.base_types import Items, Model
from durable_core.spec.steps import AnyTask


class WorkflowConfig(Model):
    """Tasks that start as soon as the tasks they depend on are completed."""

    tasks: Annotated[Items[AnyTask], Field(min_length=1)] = Field(description="The tasks, in any order.")


class WorkflowPattern(Model):
    """The workflow pattern."""

    type: Literal["workflow"]
    config: WorkflowConfig
