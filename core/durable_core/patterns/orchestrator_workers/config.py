"""An orchestrator with workers, as a spec writes it."""

from typing import Literal

from pydantic import Field

from durable_core.spec.base_types import Count, Deferred, Given, Items, Model
from durable_core.spec.steps import AnyStep, HumanStep


class Limits(Model):
    """How much an orchestrator may hand out."""

    max_workers: Given[Count] = Field(None, description="Most tasks a round, and most at the same time.")
    max_rounds: Given[Count] = Field(None, description="Most rounds; one when left out.")

    @property
    def rounds(self) -> int:
        """How many rounds there may be."""
        return self.max_rounds or 1


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


class OrchestratorWorkersPattern(Model):
    """The orchestrator-workers pattern."""

    type: Literal["orchestrator_workers"]
    config: OrchestratorWorkersConfig
