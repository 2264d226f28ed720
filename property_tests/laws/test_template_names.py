"""What ``validate`` accepts in a template is what a run offers there: in each place, in every state.

The specs are drawn with a text at every place that may have one, and each text uses every name that the check
accepts there, so a name that is accepted and not offered fails a rendering too.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returns.result import Success

from durable_core.patterns import PATTERNS, pattern_of
from durable_core.patterns.base import AskPerson, Failed, Finished, Respecify
from durable_core.spec.models import Spec
from durable_core.templates.rendering import render
from property_tests.kits import KITS
from property_tests.kits.kit import Kit
from property_tests.kits.strategies import VARIABLES, document
from tests.support.template_places import after, answers, disagreements, misshapen, using_every_name


@pytest.mark.parametrize("kit", KITS, ids=str)
@given(data=st.data())
def test_the_names_that_validate_accepts_are_the_names_that_a_run_offers(
    kit: Kit, data: st.DataObject
) -> None:
    spec = using_every_name(document(data.draw(kit.specs)))
    state = pattern_of(spec).initial(spec)
    for _ in range(data.draw(st.integers(0, 12))):
        _look(spec, state)
        if data.draw(st.integers(0, 3)) == 0:
            edited = using_every_name(document(data.draw(st.sampled_from(kit.edits(spec)))))
            for event in pattern_of(spec).decide(state, Respecify(edited, VARIABLES)).value_or(()):
                state, spec = pattern_of(edited).evolve(state, event), edited
            continue
        requests = pattern_of(spec).wanted(state)
        if not requests:
            break
        request = data.draw(st.sampled_from(requests))
        answer = data.draw(st.sampled_from(answers(spec, request)))
        following = after(spec, state, request, answer, **VARIABLES)
        state = state if following is None else following
    _look(spec, state)


def test_every_pattern_has_its_kit() -> None:
    assert [kit.pattern for kit in sorted(KITS, key=str)] == sorted(PATTERNS)


def _look(spec: Spec, state: object) -> None:
    assert disagreements(spec, state) == []
    assert misshapen(spec, state) == []
    for request in pattern_of(spec).wanted(state):
        texts = (request.prompt, request.display) if isinstance(request, AskPerson) else (request.input,)
        for text in filter(None, texts):
            lenient = getattr(request, "lenient", False)
            rendered = render(text, {**VARIABLES, **request.context}, place=request.place, lenient=lenient)
            assert isinstance(rendered, Success), (request.unit, rendered)
    match pattern_of(spec).verdict(state):
        case Finished(_, context):
            for artifact in spec.outputs.artifacts:
                assert isinstance(render(artifact.from_, {**VARIABLES, **context}, place="a"), Success)
        case Failed(fault=fault):
            assert fault.kind != "template" or "nowhere" in fault.message, fault
