"""The events and the state of a graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from durable_core.frozen import frozen
from durable_core.patterns.records import Record
from durable_core.patterns.scopes import Heard
from durable_core.persistent.ordered_map import OrderedMap
from durable_core.persistent.persistent_list import PersistentList
from durable_core.spec.models import Edge, GraphConfig
from durable_core.types import Counted


@frozen(kw_only=True)
class Transition:
    """The way on from a node: ``to`` is the next node, None for the end; ``edge`` the edge's index (from 0).

    When a condition could not be evaluated, ``problem`` says which and why.
    """

    to: str | None = None
    edge: Counted | None = None
    problem: str | None = None


@frozen(kw_only=True)
class NodeCompleted:
    """An agent answered visit ``visit`` (from 1) of ``node`` with ``response``, for ``tokens`` tokens."""

    node: str
    visit: Counted
    agent: str
    response: str
    tokens: Counted
    way: Transition
    type: Literal["graph.node_completed/2"] = "graph.node_completed/2"


@frozen(kw_only=True)
class NodeAnswered:
    """A person was shown ``prompt`` at visit ``visit`` (from 1) of ``node`` and answered ``response``."""

    node: str
    visit: Counted
    prompt: str
    response: str
    way: Transition
    type: Literal["graph.node_answered/2"] = "graph.node_answered/2"


Event = NodeCompleted | NodeAnswered


@frozen(kw_only=True, eq=False)
class NodeRecord(Record):
    """A node's latest visit (``iteration``, from 1), by an agent or, where ``agent`` is empty, a person."""

    response: str
    agent: str
    status: str
    iteration: int


@frozen(kw_only=True, eq=False)
class AgentVisit(Record):
    """An agent answered visit ``iteration`` (from 1) of ``node``."""

    node: str
    iteration: int
    agent: str
    response: str
    tokens: int


@frozen(kw_only=True, eq=False)
class HumanVisit(Record):
    """A person was shown ``prompt`` at visit ``iteration`` (from 1) of ``node`` and answered ``response``."""

    node: str
    iteration: int
    type: Literal["hitl"] = "hitl"
    prompt: str
    response: str


class State(NamedTuple):
    """``at`` is the node to visit next, None at the end and while ``lost`` says why there is no way on.

    ``edges`` are those of each node with their indices, and ``heard`` says who may have answered before it.
    ``nodes`` are the nodes' latest visits as templates see them, ``history`` all visits in order.
    ``last_response`` is the last agent's answer and ``hitl_response`` the last person's, None before that.
    """

    config: GraphConfig
    edges: Mapping[str, tuple[tuple[int, Edge], ...]]
    heard: Mapping[str, Heard]
    nodes: OrderedMap[NodeRecord]
    at: str | None
    lost: Transition | None = None
    history: PersistentList[AgentVisit | HumanVisit] = PersistentList()
    last_response: str | None = None
    hitl_response: str | None = None
