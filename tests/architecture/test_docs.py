"""What a machine can tell of the documentation: its links lead somewhere, its examples are valid."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.yaml"))

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _dead_links(page: Path) -> list[str]:
    """Each relative link of the page that leads to no file, or to no heading of it."""
    links = LINK.findall(FENCE.sub("", page.read_text()))
    return [link for link in links if "://" not in link and not _leads_somewhere(page, link)]


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, heading = link.partition("#")
    target = (page.parent / name) if name else page
    return target.exists() and (not heading or heading in _headings(target))


def _headings(page: Path) -> set[str]:
    """The anchors of a page's headings: lower case, words joined by hyphens, other signs dropped."""
    titles = re.findall(r"^#+ +(.*)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=_short)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert _dead_links(page) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# One `name`, twice\n")
    page = tmp_path / "page.md"
    page.write_text("[a](gone.md) [b](other.md) [c](other.md#one-name-twice) [d](other.md#two) [e](#no)\n")
    assert _dead_links(page) == ["gone.md", "other.md#two", "#no"]


def test_every_page_is_listed_in_the_index() -> None:
    index = ROOT / "docs" / "index.md"
    listed = {(index.parent / link).resolve() for link in LINK.findall(index.read_text())}
    fragments = set((ROOT / "docs" / "changes").glob("*.md"))  # these are parts of CHANGELOG.md
    assert set((ROOT / "docs").rglob("*.md")) - fragments - {index} - listed == set()


@pytest.mark.parametrize("example", EXAMPLES, ids=_short)
def test_every_example_is_a_valid_spec(example: Path) -> None:
    program = "import sys; from durable_shell.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "validate", str(example)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_readme_shows_the_two_commands() -> None:
    shown = FENCE.findall((ROOT / "README.md").read_text())
    assert "```\nmake demo\n```" in shown
    assert "```\nmake test\n```" in shown
