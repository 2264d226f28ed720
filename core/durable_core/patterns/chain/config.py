"""A chain, as a spec writes it."""

from typing import Literal

from pydantic import Field

from durable_core.spec.base_types import Model
from durable_core.spec.steps import Steps


class ChainConfig(Model):
    """Steps one after another."""

    steps: Steps = Field(description="The steps, in order.")


class ChainPattern(Model):
    """The chain pattern."""

    type: Literal["chain"]
    config: ChainConfig
