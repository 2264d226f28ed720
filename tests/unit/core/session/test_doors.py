"""The session package: its names are there although none is loaded before it is used."""

from __future__ import annotations

import pytest

import durable_core.session


@pytest.mark.parametrize("name", durable_core.session.__all__)
def test_every_door_opens(name: str) -> None:
    found = durable_core.session.__getattr__(name)
    assert found is getattr(durable_core.session, name)
    assert name in dir(durable_core.session)


def test_there_is_no_other_door() -> None:
    with pytest.raises(AttributeError, match="no attribute 'resumed'"):
        durable_core.session.resumed  # type: ignore[attr-defined]  # noqa: B018  # what this test is about
