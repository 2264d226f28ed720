"""Graph, as the laws see it: its specs, and its oracle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType

from hypothesis import strategies as st

from durable_core.spec.models import GraphConfig, HumanStep, Spec
from property_tests.kits.chain import fill
from property_tests.kits.kit import Answers, Expectation, Kit, Look, Want
from property_tests.kits.strategies import VARIABLES, Doc, agent_names, document, gates, specs

NODES = ("draft", "check", "fix", "end")

BROKEN = "nowhere == 1"
"""A condition over a name that is not defined."""

CONDITIONS: Mapping[str, Callable[[dict[str, int], str, str], bool]] = MappingProxyType(
    {
        "nodes.draft.iteration >= 2": lambda visits, last, topic: visits.get("draft", 0) >= 2,
        "{{ nodes.draft.status == 'not_executed' }}": lambda visits, last, topic: "draft" not in visits,
        "last_response is defined and 'check' in last_response": lambda visits, last, topic: "check" in last,
        "topic == 'tunnels'": lambda visits, last, topic: topic == "tunnels",
        "topic == 'bridges' and nodes.draft.response": lambda visits, last, topic: (
            topic == "bridges" and "draft" in visits
        ),
        "Else": lambda visits, last, topic: True,
    }
)
"""Conditions, and what they mean in Python: given the visits of each node, the last agent's answer and the
topic."""


def oracle(spec: Spec, answers: Answers) -> Expectation:
    """A walk along the edges, from the first node on."""
    config = config_of(spec)
    known, visits = dict(VARIABLES), dict[str, int]()
    spoken_last = ""
    at: str | None = next(iter(config.nodes))
    while at is not None:
        visit = visits.get(at, 0) + 1
        if visit > config.max_iterations:
            return Expectation()
        unit, node = f"nodes/{at}/{visit}", config.nodes[at]
        is_person = isinstance(node, HumanStep)
        if unit not in answers:
            if isinstance(node, HumanStep):
                return Expectation((Want(unit, None, fill(node.prompt, known)),))
            text = _default(known, spoken_last) if node.input is None else fill(node.input, known)
            return Expectation((Want(unit, node.agent, text),))
        visits[at] = visit
        spoken_last = "hitl_response" if is_person else "last_response"
        known[spoken_last] = answers[unit]
        try:
            at = _way_found(answers.looks[unit], at, visits, known.get("last_response", ""))
        except LookupError:
            return Expectation()
    return Expectation(result=known.get("last_response", known.get("hitl_response", "")))


def _way_found(looks: Sequence[Look], node: str, visits: dict[str, int], last: str) -> str | None:
    """Where the first look leads that meets no broken condition. LookupError when each does."""
    for spec, variables in looks:
        with suppress(LookupError):
            return way(config_of(spec), node, visits, last, variables["topic"])
    raise LookupError(node)


def way(config: GraphConfig, node: str, visits: dict[str, int], last: str, topic: str) -> str | None:
    """Where the edges lead from ``node``. LookupError when a broken condition is in the way."""
    for edge in config.edges:
        if edge.from_ != node:
            continue
        if edge.to:
            return edge.to[0]
        for choice in edge.choose or ():
            if CONDITIONS[choice.when](visits, last, topic):
                return choice.to
    return None


def config_of(spec: Spec) -> GraphConfig:
    """The pattern's config."""
    config = spec.pattern.config
    assert isinstance(config, GraphConfig)
    return config


def answer(spec: Spec, unit: str, attempt: int) -> str:
    """Words with braces in them, which no template takes for its own."""
    return f"answer of {unit} {{{{ topic }}}}"


def _default(known: dict[str, str], spoken_last: str) -> str:
    if not spoken_last:
        return "Begin."
    if spoken_last == "last_response":
        return known["last_response"]
    if "last_response" not in known:
        return known["hitl_response"]
    return f"{known['last_response']}\n\nA person answered: {known['hitl_response']}"


@st.composite
def _nodes(draw: st.DrawFn) -> Doc:
    if draw(st.integers(0, 3)) == 0:
        return draw(gates(prompt="Go on with {{ topic }}?"))
    node: Doc = {"agent": draw(agent_names)}
    if draw(st.booleans()):
        node["input"] = "Write about {{ topic }}."
    return node


@st.composite
def configs(draw: st.DrawFn) -> Doc:
    """Up to four nodes and any edges between them, loops and dead ends included."""
    names = NODES[: draw(st.integers(1, len(NODES)))]
    some_name = st.sampled_from(names)
    choices = st.fixed_dictionaries({"when": st.sampled_from([*CONDITIONS, BROKEN]), "to": some_name})
    edges = st.one_of(
        st.fixed_dictionaries({"from": some_name, "to": st.lists(some_name, max_size=2)}),
        st.fixed_dictionaries({"from": some_name, "choose": st.lists(choices, max_size=3)}),
    )
    return {
        "max_iterations": draw(st.integers(1, 3)),
        # `draft` is there always, because conditions name it
        "nodes": {name: draw(_nodes()) for name in draw(st.permutations(names))},
        "edges": draw(st.lists(edges, min_size=1, max_size=6)),
    }


def _with_a_visit_more(spec: Spec) -> Spec:
    changed = document(spec)
    config = changed["pattern"]["config"]
    config["max_iterations"] = min(config["max_iterations"] + 1, 4)
    return Spec.model_validate(changed)


def _repaired(spec: Spec) -> Spec:
    changed = document(spec)
    for edge in changed["pattern"]["config"]["edges"]:
        for choice in edge.get("choose") or ():
            choice["when"] = "Else" if choice["when"] == BROKEN else choice["when"]
    return Spec.model_validate(changed)


GRAPH = Kit(
    pattern="graph",
    specs=specs(
        "graph",
        configs(),
        artifact_texts=("{{ execution_path | join(' ') }}", "{{ terminal_node }} {{ total_steps }}"),
    ),
    oracle=oracle,
    bound=lambda spec: len(config_of(spec).nodes) * config_of(spec).max_iterations,
    answer=answer,
    own_edits=lambda spec: (_with_a_visit_more(spec), _repaired(spec)),
)
