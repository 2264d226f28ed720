"""The list of mutants fits the code of today: the night, which runs it, is late to tell."""

from __future__ import annotations

import pytest

from tests.mutants.mutant import CORE, ROOT, Mutant
from tests.mutants.mutants import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_can_be_made_of_the_code_and_its_killers_are_there(mutant: Mutant) -> None:
    text = (CORE / mutant.file).read_text(encoding="utf-8")
    assert mutant.applied(text) != text
    for killer in mutant.killers:
        file, _, test = killer.partition("::")
        name = test.partition("[")[0]
        assert not name or f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), killer
