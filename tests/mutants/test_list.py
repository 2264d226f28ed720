"""The list of mutants is up to date: quick to see, while killing them all takes `make test-nightly`."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from durable_core.patterns import PATTERNS
from tests.mutants.mutant import LAW, ROOT, SHELL, Mutant
from tests.mutants.mutants import MUTANTS
from tests.mutants.places import NotThereError


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_changes_one_place_and_is_a_program(mutant: Mutant) -> None:
    text = mutant.source()
    changed = mutant.applied(text)
    assert changed != ast.unparse(ast.parse(text)) + "\n"
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


PROGRAM = """
LIMIT = 3

class Row:
    def may(self, one, other):
        # as long as there is room
        return one < LIMIT and self.room(one, other)

def may(one):
    match one:
        case Row(): return limit(least=0)
"""


def mutant(function: str, old: str, new: str) -> Mutant:
    return Mutant("x.py", function, old, new, "breaks nothing", ())


@pytest.mark.parametrize(
    ("function", "old", "new", "line"),
    [
        ("Row.may", "one < LIMIT", "one <= LIMIT", "return one <= LIMIT and self.room(one, other)"),
        ("Row.may", "self.room(one, other)", "self.room(other, one)", "self.room(other, one)"),
        ("Row.may", "return one < LIMIT and self.room(one, other)", "pass", "        pass"),
        ("Row", "one < LIMIT", "True", "return True and"),
        ("gone", "one < LIMIT", "True", "return True and"),
        ("may", "return limit(least=0)", "return limit(least=1)", "limit(least=1)"),
        ("may", "least=0", "least=1", "limit(least=1)"),
        ("may", "case Row()", "case Row() if False", "case Row() if False:"),
    ],
)
def test_a_change_is_made_in_its_function(function: str, old: str, new: str, line: str) -> None:
    assert line in mutant(function, old, new).applied(PROGRAM)


def test_a_change_is_found_however_the_code_is_laid_out_and_its_variables_are_called() -> None:
    spread = PROGRAM.replace(
        "return one < LIMIT and", "return (  # told\n            one\n            < LIMIT and"
    ).replace("other)\n\ndef", "other))\n\ndef")
    renamed = PROGRAM.replace("one", "here").replace("other", "there")
    swap = mutant("Row.may", "self.room(one, other)", "self.room(other, one)")
    assert "return one < LIMIT and self.room(other, one)" in swap.applied(spread)
    assert "return here < LIMIT and self.room(there, here)" in swap.applied(renamed)


@pytest.mark.parametrize(
    ("function", "old"),
    [
        ("Row.may", "one"),  # twice
        ("Row.may", "one < limit"),  # another name, and not a local one
        ("Row.may", "one < 3"),
        ("Row.may", "self.room(one, one)"),  # two variables were never one
        ("gone", "one"),
        ("Row.may", "self.room(other, one)"),  # the same variables, the other way round
    ],
)
def test_a_mutant_that_fits_no_place_or_several_is_out_of_date(function: str, old: str) -> None:
    with pytest.raises(NotThereError, match="bring the list up to date"):
        mutant(function, old, "None").applied(PROGRAM)


def test_every_pattern_the_session_and_the_shell_have_their_mutants() -> None:
    count = Counter(mutant.file for mutant in MUTANTS)
    for pattern in PATTERNS:
        rooms = (f"patterns/{pattern}.py", f"patterns/{pattern}/")
        assert sum(number for file, number in count.items() if file.startswith(rooms)) >= 3, pattern
    assert sum(number for file, number in count.items() if file.startswith("session/")) >= 10
    assert sum(number for file, number in count.items() if file.startswith(SHELL)) >= 40
    assert len(MUTANTS) == len({str(mutant) for mutant in MUTANTS}) >= 34
