"""The audit hook that each property test runs under, and the option that looks at one law alone."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from property_tests.worlds import audit

pytest.register_assert_rewrite("property_tests.laws")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--law NAME``: of the laws of all patterns, look at this one alone."""
    parser.addoption("--law", help="of the laws of all patterns, look at this one alone")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test in which the core reached outside, also where the core swallowed the error."""
    with audit.watching() as seen:
        yield
    if seen:
        pytest.fail("the core reached outside:\n" + "\n".join(seen), pytrace=False)
