"""Whatever question is open, the part of the spec that asks it is found: its text tells where it is later."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_core.patterns import pattern_of
from durable_core.patterns.base import AskPerson
from durable_core.session.withdrawn import asking_alone_at, asking_at, became_of, not_there
from property_tests.kits import KITS
from property_tests.kits.kit import Kit
from tests.support.template_places import after, answers


@pytest.mark.parametrize("kit", KITS, ids=str)
@given(data=st.data())
def test_the_part_of_the_spec_that_asks_an_open_question_is_found(kit: Kit, data: st.DataObject) -> None:
    spec, other = data.draw(kit.specs), data.draw(kit.specs)
    state = pattern_of(spec).initial(spec)
    for _ in range(data.draw(st.integers(0, 8))):
        requests = pattern_of(spec).wanted(state)
        if not requests:
            break
        for request in requests:
            asking = asking_at(spec, request.unit)
            assert (asking is not None) == isinstance(request, AskPerson)
            if asking is None or not isinstance(request, AskPerson):
                continue
            assert (asking.prompt, asking.default) == (request.prompt, request.default)
            assert asking_alone_at(spec, request.unit) in (asking, None)
            assert not_there([request.unit], spec, spec) == {}
            assert became_of(request.unit, asking_alone_at(spec, request.unit), other).startswith(
                "the question at "
            )
        chosen = data.draw(st.sampled_from(requests))
        following = after(spec, state, chosen, data.draw(st.sampled_from(answers(spec, chosen))))
        state = state if following is None else following
