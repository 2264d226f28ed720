"""Fixtures for tests of workflows. pytest finds them by itself once strands-durable is installed.

This module is imported at every start of pytest, whatever is tested: it imports nothing of ours, and the
fixtures load what they need when a test asks for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from strands_durable.testing.crashes import CrashDifference
    from strands_durable.testing.player import Played


@pytest.fixture
def strands_play() -> Callable[..., Played]:
    """``strands_durable.testing.play``: run a workflow with scripted answers, in memory."""
    from strands_durable.testing import play

    return play


@pytest.fixture
def strands_crash_everywhere() -> Callable[..., tuple[CrashDifference, ...]]:
    """``strands_durable.testing.crash_everywhere``: run a workflow again from every length of its journal."""
    from strands_durable.testing import crash_everywhere

    return crash_everywhere


@pytest.fixture
def strands_store(tmp_path: Path) -> str:
    """The URL of a store that is the test's own, for ``strands_durable.run(..., store=strands_store)``."""
    return f"file://{tmp_path}/strands"
