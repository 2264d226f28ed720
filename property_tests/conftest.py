"""How hard the property tests look, and the audit hook that each of them runs under."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, Phase, settings

from property_tests.worlds import audit

# A deadline would make a slow machine a failing one; the timeout of the whole test stands in pyproject.toml.
settings.register_profile("dev", max_examples=60, deadline=None)
# The same examples on every run, so that a red build is red for everybody.
settings.register_profile(
    "ci", max_examples=100, deadline=None, derandomize=True, database=None, print_blob=True
)
# For mutants: that a test fails is all there is to know, so the time goes into finding an example, and none
# into making it smaller.
settings.register_profile(
    "mutants",
    settings.get_profile("ci"),
    max_examples=2000,
    phases=[Phase.explicit, Phase.generate],
    print_blob=False,
)
settings.register_profile(
    "nightly",
    max_examples=300,
    stateful_step_count=100,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "dev")
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test in which the core reached outside, also where the core swallowed the error."""
    with audit.watching() as seen:
        yield
    if seen:
        pytest.fail("the core reached outside:\n" + "\n".join(seen), pytrace=False)
