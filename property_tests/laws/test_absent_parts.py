"""What ``validate`` accepts never fails in a run for a part that is not there, and what runs is not refused.

The specs are of every pattern, with a text at every place that may have one. Each text looks into what the
pattern offers there, and is rendered in every state in which it is due.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Failure, Success

from durable_core.patterns import pattern_of
from durable_core.spec.absent_parts import check_parts, variable_shapes
from durable_core.spec.problems import path_of
from durable_core.spec.template_names import TemplatePlace
from durable_core.templates.rendering import render
from property_tests.kits import KITS
from property_tests.kits.kit import Kit
from property_tests.kits.strategies import VARIABLES, document
from tests.support.template_places import after, answers, contexts, texts_by_path, with_texts

FIELDS = (
    "response agent tokens status prompt type steps iteration score issues draft chosen_route task index"
    " title"
).split()
PARTS = st.sampled_from([f".{name}" for name in FIELDS] + ["[0]", "[1]", "[-1]", "['response']", ".upper()"])
IDS = st.sampled_from([".draft", ".check", ".a", ".b", ".web", ".nobody", ""])


def looks(place: TemplatePlace) -> st.SearchStrategy[str]:
    """Expressions that look into what the place offers, and into variables."""
    names = st.sampled_from(sorted({"topic", *place.names}))
    return st.tuples(names, IDS, st.lists(PARTS, max_size=3).map("".join)).map("".join)


def texts(place: TemplatePlace) -> st.SearchStrategy[str]:
    """A text that looks somewhere, with a guard or without."""
    wrapped = st.sampled_from(
        [
            "{{{{ {} }}}}",
            "{{{{ {} }}}}",
            "{{{{ {} | default('none') }}}}",
            "{{{{ {} is defined }}}}",
            "{{% if {0} is defined %}}{{{{ {0} }}}}{{% endif %}}",
            "{{% for each in {} %}}{{{{ each.response }}}}{{% endfor %}}",
        ]
    )
    return st.tuples(wrapped, looks(place)).map(lambda drawn: "x" + drawn[0].format(drawn[1]))


@pytest.mark.parametrize("kit", KITS, ids=str)
@given(data=st.data())
def test_what_validate_accepts_lacks_no_part_and_what_it_refuses_does(kit: Kit, data: st.DataObject) -> None:
    spec = with_texts(document(data.draw(kit.specs)), lambda place: data.draw(texts(place)))
    refused = {path_of(problem.pointer) for problem in check_parts(spec, variable_shapes(spec, VARIABLES))}
    state = pattern_of(spec).initial(spec)
    for _ in range(data.draw(st.integers(0, 10))):
        for path, context in contexts(spec, state):
            _looked_at(texts_by_path(spec).get(path, ""), {**VARIABLES, **context}, path in refused)
        requests = pattern_of(spec).wanted(state)
        if not requests:
            break
        request = data.draw(st.sampled_from(requests))
        following = after(
            spec, state, request, data.draw(st.sampled_from(answers(spec, request))), **VARIABLES
        )
        state = state if following is None else following


def _looked_at(text: str, context: dict[str, object], is_refused: bool) -> None:
    rendered = render(text, context, place="here")
    lacks_a_field = isinstance(rendered, Failure) and re.match("there is no '", rendered.failure().message)
    if lacks_a_field and "tasks." not in text:  # which tasks are done by then, nobody knows
        assert is_refused, rendered
    if is_refused and "{%" not in text:
        assert not isinstance(rendered, Success), text
