"""What completed units are called to people."""

from __future__ import annotations

import pytest

from durable_core.session.state import Done
from durable_core.types import Usage
from durable_core.views.labels import done_label


@pytest.mark.parametrize(
    ("unit", "agent", "label"),
    [
        ("steps/0", "ann", "step 0: ann"),
        ("steps/12", None, "step 12: person"),
        ("tasks/draft", "ann", "tasks/draft: ann"),
        ("steps/extra", "ann", "steps/extra: ann"),
        ("branches/a/steps/0", "ann", "branches/a/steps/0: ann"),
        ("router", None, "router: person"),
    ],
)
def test_a_completed_unit_is_called_by_its_step_or_its_id(unit: str, agent: str | None, label: str) -> None:
    assert done_label(Done(unit=unit, agent=agent, usage=Usage())) == label
