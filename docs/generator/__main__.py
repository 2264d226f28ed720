"""``python -m docs.generator``, which is ``make docs``: writes what is generated, and says what changed."""

from __future__ import annotations

import sys

from docs.generator.pages import DOCS, generated


def main() -> None:
    """Write every generated file whose text has changed."""
    for path, text in generated().items():
        new = text()
        if not path.exists() or path.read_text(encoding="utf-8") != new:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(new, encoding="utf-8")
            sys.stdout.write(f"docs/{path.relative_to(DOCS)}\n")


main()
