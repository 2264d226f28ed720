"""The option that looks at one law alone."""

from __future__ import annotations

import pytest

from tests.support.profiles import pytest_collection_modifyitems

__all__ = ["pytest_addoption", "pytest_collection_modifyitems"]

pytest.register_assert_rewrite("property_tests.laws")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--law NAME``: of the laws of all patterns, look at this one alone."""
    parser.addoption("--law", help="of the laws of all patterns, look at this one alone")
