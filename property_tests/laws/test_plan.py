"""What a plan says will be sent is what a run sends, in every state in which it is due."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Success

from durable_core.patterns import pattern_of
from durable_core.patterns.base import AskPerson
from durable_core.patterns.topology import stands_for
from durable_core.planning.plan import plan
from durable_core.spec.template_names import TemplatePlace
from durable_core.templates.rendering import render
from property_tests.kits import KITS
from property_tests.kits.kit import Kit
from property_tests.kits.strategies import VARIABLES, document
from tests.support.template_places import after, answers, with_texts


@pytest.mark.parametrize("kit", KITS, ids=str)
@given(data=st.data())
def test_a_prompt_that_is_planned_is_the_one_that_is_sent(kit: Kit, data: st.DataObject) -> None:
    spec = with_texts(document(data.draw(kit.specs)), lambda place: data.draw(_texts(place)))
    planned = plan(spec, VARIABLES).units
    for unit in planned:
        assert not set(unit.open_names) & {"topic", "nobody"}, unit
        assert unit.needs == (), unit
        assert unit.prompt is not None or unit.open_names or unit.template is None, unit
    state = pattern_of(spec).initial(spec)
    for _ in range(data.draw(st.integers(0, 8))):
        requests = pattern_of(spec).wanted(state)
        if not requests:
            break
        for request in requests:
            text = request.prompt if isinstance(request, AskPerson) else request.input
            sent = render(text, {**VARIABLES, **request.context}, place=request.place)
            (unit,) = [each for each in planned if stands_for(each.unit, request.unit)]
            assert unit.prompt is None or sent == Success(unit.prompt), unit
        chosen = data.draw(st.sampled_from(requests))
        following = after(spec, state, chosen, data.draw(st.sampled_from(answers(spec, chosen))))
        state = state if following is None else following


def _texts(place: TemplatePlace) -> st.SearchStrategy[str]:
    """Texts that use names, and texts that do without: for nobody's there is no other way."""
    known = st.sampled_from(sorted({"topic", *place.names}))
    guarded = st.sampled_from(
        ["{{ %s | default('none yet') }}", "{%% if %s is defined %%}there{%% endif %%}"]
    )
    pieces = st.one_of(
        known.map("{{{{ {} }}}}".format),
        st.tuples(guarded, known | st.just("nobody")).map(lambda drawn: drawn[0] % drawn[1]),
    )
    return st.lists(pieces, max_size=3).map(lambda drawn: "x" + "".join(drawn))
