"""Mutants of what the calls of a template cost."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant


def _runs(*names: str) -> tuple[str, ...]:
    """The hostile templates of these names."""
    test = "tests/unit/core/templates/test_bombs.py::test_a_hostile_template_is_a_problem_soon"
    return tuple(f"{test}[{name}]" for name in names)


MUTANTS: Final = (
    Mutant(
        "templates/meter.py",
        "Meter.charge",
        "units > 0",
        "True",
        "a negative count pays work back",
        _runs("a batch of less than nothing", "slices of less than nothing"),
    ),
    Mutant(
        "templates/meter.py",
        "Meter.items",
        "not count <= MAX_ITEMS",
        "count > MAX_ITEMS",
        "a count that is no number is within every limit",
        _runs("a batch of no number"),
    ),
    Mutant(
        "templates/filter_rules.py",
        "_encoded",
        "weight * _depth(data) // DEPTH_PER_UNIT",
        "0",
        "the depth of what is written as JSON costs nothing",
        _runs("a wide list at the bottom, as JSON"),
    ),
    Mutant(
        "templates/filter_rules.py",
        "_printed",
        "CHARS_PER_UNIT + _depth(data)",
        "CHARS_PER_UNIT",
        "the depth of what is printed costs nothing",
        _runs("a wide list at the bottom, printed"),
    ),
    Mutant(
        "templates/filter_rules.py",
        "_linked",
        "words * len(extra_schemes) // SCHEMES_PER_UNIT",
        "0",
        "the schemes that each word is tried with cost nothing",
        _runs("links with the keys of a table for schemes"),
    ),
    Mutant(
        "templates/filter_rules.py",
        "_sorted",
        "sum(each.count(',') for each in given if isinstance(each, str))",
        "0",
        "the fields that a list is sorted by cost nothing",
        _runs("very many fields to sort by"),
    ),
    Mutant(
        "templates/text.py",
        "pairs",
        "len(text) * len(other) // PAIRS_PER_UNIT",
        "0",
        "comparing each character with each costs nothing",
        _runs("many letters stripped", "many letters trimmed"),
    ),
    Mutant(
        "templates/sandbox.py",
        "Sandbox.built",
        "16 * (len(container) - len(set(map(slot_of, container)))) ** 2",
        "0",
        "keys that collide cost no more than others",
        _runs("many numbers that collide, as keys"),
    ),
)
