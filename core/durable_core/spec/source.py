"""What a spec was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from durable_core.frozen import frozen


@frozen(kw_only=True)
class Source:
    """The spec as it was read: its text, the name of its format, its SHA-256 (hex), and the file, if any.

    ``refs`` are the texts of the files that it names by ``$ref``, by the name it uses.
    """

    text: str
    format: Literal["yaml", "json"]
    sha256: str
    path: str | None = None
    refs: Mapping[str, str] = field(default_factory=dict)
