"""What the check accepts in a template is what a run offers there, in every state of the examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from returns.result import Success

from durable_core.patterns import PATTERNS, pattern_of
from durable_core.patterns.base import AskPerson, Failed, Finished
from durable_core.persistent.frozen_dict import FrozenDict
from durable_core.spec.document import read_document
from durable_core.spec.models import PATTERN_TYPES, Spec
from durable_core.spec.parse import parse_spec
from durable_core.spec.template_names import TemplatePlace, Use, templates
from durable_core.templates.rendering import render
from tests.support.spec_kit import FULL_CONFIGS, HUMAN, document, good
from tests.support.template_places import (
    accepted,
    after,
    disagreements,
    every_state,
    misshapen,
    offered,
    using_every_name,
)

EXAMPLES = sorted((Path(__file__).parents[4] / "docs" / "examples").glob("*.yaml"))
MOST_STATES = 250


def written(path: Path) -> dict[str, Any]:
    """An example as plain data."""
    return dict(read_document(path.read_text(), format="yaml").unwrap().data)


def compared(spec: Spec) -> int:
    """How many texts were compared over the states of ``spec``; AssertionError where two sides differ."""
    texts = 0
    for state in every_state(spec, MOST_STATES):
        assert disagreements(spec, state) == []
        assert misshapen(spec, state) == []
        texts += len([path for path, _ in offered(spec, state) if path in accepted(spec)])
    return texts


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_in_every_example_the_accepted_names_are_the_offered_ones(path: Path) -> None:
    assert compared(parse_spec(path.read_text()).unwrap()) > 0
    assert compared(using_every_name(written(path))) > 0


@pytest.mark.parametrize("kind", list(FULL_CONFIGS))
def test_with_every_part_of_a_pattern_the_accepted_names_are_the_offered_ones(kind: str) -> None:
    spec = using_every_name(document(kind, FULL_CONFIGS[kind]))
    assert compared(spec) > 20


@pytest.mark.parametrize("kind", list(FULL_CONFIGS))
def test_a_text_that_uses_every_accepted_name_can_always_be_rendered(kind: str) -> None:
    spec = using_every_name(document(kind, FULL_CONFIGS[kind]))
    pattern = pattern_of(spec)
    for state in every_state(spec, MOST_STATES):
        for request in pattern.wanted(state):
            texts = (request.prompt, request.display) if isinstance(request, AskPerson) else (request.input,)
            for text in filter(None, texts):
                rendered = render(text, {"topic": "tides", **request.context}, place=request.place)
                assert isinstance(rendered, Success), (request.unit, rendered)
        match pattern.verdict(state):
            case Finished(_, context):
                for artifact in spec.outputs.artifacts:
                    assert isinstance(render(artifact.from_, context, place="artifact"), Success)
            case Failed(fault=fault):
                assert fault.kind != "template"


def test_a_condition_may_use_every_accepted_name_and_no_other() -> None:
    edges = [
        {"from": "ask", "to": ["work"]},
        {"from": "work", "choose": [{"when": "x", "to": "ask"}, {"when": "else", "to": "end"}]},
    ]
    call = {"agent": "writer"}
    data = document("graph", {"nodes": {"ask": HUMAN, "work": call, "end": call}, "edges": edges})
    (place,) = [each for each in templates(Spec.model_validate(data)) if each.source == "x"]
    assert place.names == {"nodes", "last_response", "hitl_response"}
    condition = " and ".join(f"{name} is defined" for name in sorted(place.names))
    edges[1]["choose"][0]["when"] = condition  # type: ignore[index]  # free JSON
    spec = good(document("graph", {"nodes": {"ask": HUMAN, "work": call, "end": call}, "edges": edges}))
    state = pattern_of(spec).initial(spec)
    for answer in ("yes", "done"):
        state = after(spec, state, *pattern_of(spec).wanted(state), answer)
    assert state.at == "ask"


def test_a_name_of_one_place_is_no_name_of_another() -> None:
    """The comparison itself: one name more or less on a side is seen."""
    spec = using_every_name(document("chain", FULL_CONFIGS["chain"]))
    states = list(every_state(spec, 9))
    assert not any(disagreements(spec, state) for state in states)
    without_people = using_every_name(document("chain", {"steps": [{"agent": "writer"}] * 3}))
    assert any(disagreements(without_people, state) for state in states)


def test_every_pattern_of_the_format_is_in_the_table_and_says_what_it_offers() -> None:
    assert tuple(PATTERNS) == PATTERN_TYPES
    assert len(PATTERNS) == 7
    for kind, pattern in PATTERNS.items():
        spec = using_every_name(document(kind, FULL_CONFIGS[kind]))
        told = {name for scope in pattern.scopes for name in scope.names}
        config = spec.pattern.config
        places, artifacts = pattern.template_names(config)
        variables_of_a_step = {"tone", "loud", "n"}
        assert {name for place in places for name in place.names} - variables_of_a_step <= told
        assert artifacts.keys() <= told
    with pytest.raises(KeyError):
        PATTERNS["loop"]
    assert "loop" not in PATTERNS


@pytest.mark.parametrize(
    ("source", "use", "may"),
    [
        ("On {{ topic }}. And [so] on", "text", False),
        ("{{ topic.x }}", "text", True),
        ("{{ topic[0] }}", "text", True),
        ("{{ topic|attr('x') }}", "text", True),
        ("no markup. none", "text", False),
        ("topic == 'x'", "condition", False),
        ("topic.x == 'x'", "condition", True),
    ],
)
def test_most_templates_look_into_nothing(source: str, use: Use, may: bool) -> None:
    assert TemplatePlace("/x", source, use, FrozenDict()).may_look is may
