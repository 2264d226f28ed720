"""The list of mutants is up to date: quick to see, while killing them all takes `make test-nightly`."""

from __future__ import annotations

from collections import Counter

import pytest

from durable_core.patterns import PATTERNS
from tests.mutants.mutant import CORE, LAW, ROOT, Mutant
from tests.mutants.mutants import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_changes_one_place_and_is_a_program(mutant: Mutant) -> None:
    text = (CORE / mutant.file).read_text(encoding="utf-8")
    changed = mutant.applied(text)
    assert changed != text
    compile(changed, mutant.file, "exec")


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_the_tests_that_kill_a_mutant_are_there(mutant: Mutant) -> None:
    for killer in mutant.killers:
        if killer.startswith(LAW):
            law = killer.removeprefix(LAW)
            files = (ROOT / "property_tests" / "laws").glob("*_laws.py")
            assert any(f"\ndef {law}(" in file.read_text(encoding="utf-8") for file in files), law
            continue
        file, _, test = killer.partition("::")
        name = test.partition("[")[0]
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not name or f"\ndef {name}(" in text, f"there is no {killer}"


def test_a_mutant_whose_old_text_is_gone_is_out_of_date() -> None:
    mutant = Mutant("x.py", "one", "two", "breaks nothing", ())
    for text in ("none", "", "one one"):
        with pytest.raises(ValueError, match="bring the list up to date"):
            mutant.applied(text.replace("none", "neither"))
    assert mutant.applied("just one") == "just two"


def test_every_pattern_and_the_session_have_their_mutants() -> None:
    count = Counter(mutant.file for mutant in MUTANTS)
    for pattern in PATTERNS:
        rooms = (f"patterns/{pattern}.py", f"patterns/{pattern}/")
        assert sum(number for file, number in count.items() if file.startswith(rooms)) >= 3, pattern
    assert sum(number for file, number in count.items() if file.startswith("session/")) >= 10
    assert len(MUTANTS) == len({str(mutant) for mutant in MUTANTS}) >= 34
