"""Routing, as a spec writes it."""

from typing import Annotated, Literal

from pydantic import Field

from durable_core.spec.base_types import Deferred, Given, Items, Model, NameTable
from durable_core.spec.steps import AnyStep, HumanStep


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


class RoutingPattern(Model):
    """The routing pattern."""

    type: Literal["routing"]
    config: RoutingConfig
