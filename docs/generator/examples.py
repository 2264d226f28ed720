"""The example workflows, listed by what their own files say."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from docs.generator.markdown import table
from durable_core.spec.parse import parse_spec

EXAMPLES: Final = Path(__file__).parents[1] / "examples"


def listed() -> str:
    """Each example with its pattern and its description."""
    return table(("Example", "Pattern", "What it does"), map(_row, sorted(EXAMPLES.glob("*.yaml"))))


def _row(path: Path) -> tuple[str, str, str]:
    spec = parse_spec(path.read_text(encoding="utf-8")).unwrap()
    return f"[{path.stem}](examples/{path.name})", f"`{spec.pattern.type}`", spec.description or ""
