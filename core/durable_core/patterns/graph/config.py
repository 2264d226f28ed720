"""A graph, as a spec writes it."""

from typing import Annotated, Literal

from pydantic import Field

from durable_core.spec.base_types import Count, FilledNameTable, Given, Id, Items, Model
from durable_core.spec.steps import AnyNode


class Choice(Model):
    """One condition and where it leads."""

    when: str = Field(description="A condition over the nodes so far, or `else`.")
    to: Id = Field(description="The node to go to when it holds.")


class Edge(Model):
    """Where to go from a node: ``to`` or ``choose``, and not both."""

    from_: Id = Field(alias="from", description="The node to go from.")
    to: Given[Items[Id]] = Field(None, description="The node to go to: the first of the list.")
    choose: Given[Items[Choice]] = Field(None, description="Conditions; the first that holds is taken.")

    @property
    def targets(self) -> tuple[tuple[str, str], ...]:
        """The nodes that it may lead to, each with its condition, which is empty for ``to``."""
        always = tuple((name, "") for name in (self.to or ())[:1])
        return (*always, *((choice.to, choice.when) for choice in self.choose or ()))


class GraphConfig(Model):
    """Nodes, and edges that may lead back."""

    max_iterations: Count = Field(10, description="Most visits of one node.")
    nodes: FilledNameTable[AnyNode] = Field(
        description="The nodes, by name; the first is where the run begins."
    )
    edges: Annotated[Items[Edge], Field(min_length=1)] = Field(description="The edges; order counts.")

    @property
    def entry(self) -> str:
        """The node where the run begins."""
        return next(iter(self.nodes))


class GraphPattern(Model):
    """The graph pattern."""

    type: Literal["graph"]
    config: GraphConfig
