"""The page about a session's files names every field that the views have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from docs.generator.pages import DOCS
from docs.generator.views import finished
from durable_core.patterns import PATTERNS
from durable_core.patterns.base import Finished
from durable_core.session import verdict
from durable_core.views.documents import session_document

PAGE = (DOCS / "reference" / "session-files.md").read_text(encoding="utf-8")
TABLE = "\n".join(line for line in PAGE.splitlines() if line.startswith("| "))
FREE = ("variables", "by_agent")
"""Fields whose own keys are names that a workflow chooses."""


def _fields(document: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, value in document.items():
        if isinstance(value, dict) and key not in FREE:
            yield from _fields(value, f"{path}{key}.")
        else:
            yield f"{path}{key}"


def test_every_field_of_session_json_is_explained() -> None:
    found = list(_fields(session_document(finished("chain"))))
    assert "metadata.status" in found
    named = [field for field in found if f"`{field}`" in TABLE or f"`{field.rpartition('.')[2]}`" in TABLE]
    assert named == found


@pytest.mark.parametrize("kind", sorted(PATTERNS))
def test_the_samples_are_played_to_their_end(kind: str) -> None:
    assert isinstance(verdict(finished(kind)), Finished)
