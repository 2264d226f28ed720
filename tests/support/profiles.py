"""How hard the tests look that draw their examples, and which tests show what is covered.

For the conftest of each suite, whichever of them runs alone.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, is_hypothesis_test, settings

from tests.support.night import NIGHTLY

# Hypothesis has a profile of its own for machines that set CI. Ours do not build on it, so that a newcomer's
# run and the one that judges a change see the same examples.
_PLAIN = settings.get_profile("default")

# A deadline would make a slow machine a failing one; the timeout of the whole test stands in pyproject.toml.
# The same examples on every run, so that a red build is red for everybody.
settings.register_profile(
    "day",
    _PLAIN,
    max_examples=80,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# New examples every night. What is too large to draw well is said by day.
settings.register_profile(
    "night",
    _PLAIN,
    max_examples=2000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# For mutants: that a test fails is all there is to know, so the time goes into finding an example, and none
# into making it smaller.
settings.register_profile(
    "mutants",
    settings.get_profile("day"),
    max_examples=2000,
    phases=[Phase.explicit, Phase.generate],
    print_blob=False,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("night" if NIGHTLY else "day"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The core's coverage comes from unit tests that draw nothing: no luck can make it whole or break it."""
    for item in items:
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.function):
            item.add_marker(pytest.mark.no_cover)


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """A report may quote half a character, which no process can send to another: all tests would end."""
    from durable_core.characters import whole_texts  # coverage begins after this module

    return whole_texts((yield))
