"""Mutants of what is known of values before a run, and of what templates look for in them."""

from __future__ import annotations

from typing import Final

from tests.mutants.in_steps import SAME_NAMES
from tests.mutants.mutant import Mutant

FOUND: Final = ("tests/unit/core/templates/test_missing_parts.py::test_what_a_value_will_not_have_is_found",)
LEFT_ALONE: Final = (
    "tests/unit/core/templates/test_missing_parts.py::test_what_may_be_there_or_is_asked_for_is_left_alone",
)

MUTANTS: Final = (
    Mutant(
        "templates/shapes.py",
        "loosened",
        "Many(one_of(map(loosened, elements(shape))))",
        "shape",
        "an item is missed behind a question of how many there are",
        LEFT_ALONE,
    ),
    Mutant(
        "templates/shapes.py",
        "_loosened_fields",
        "shape.others if is_loose else one_of(fields.values())",
        "shape.others",
        "a task is missed behind a question of which there are",
        LEFT_ALONE,
    ),
    Mutant(
        "templates/shapes.py",
        "elements",
        "(*(items[n] for n in range(MOST_ELEMENTS)), ANYTHING)",
        "(*(items[n] for n in range(MOST_ELEMENTS)),)",
        "what is far behind in a long list is held to look like what is in front",
        (
            "tests/unit/core/templates/test_missing_parts.py::"
            "test_of_a_very_long_list_that_is_given_the_first_elements_are_looked_at",
        ),
    ),
    Mutant(
        "templates/expected_values.py",
        "ExpectedValues.possibly",
        "shape is outside.get(name)",
        "True",
        "what one turn of a loop does not have is missed behind a question of which turn it is",
        LEFT_ALONE,
    ),
    Mutant(
        "templates/missing_parts.py",
        "_Walk.visit_If",
        "truth is None",
        "False",
        "what a run is given is held against a branch that it does not take",
        LEFT_ALONE,
    ),
    Mutant(
        "templates/missing_parts.py",
        "_Walk.visit_For",
        "not turns or node.test is not None",
        "True",
        "what a loop does for an empty list is held to be done for every list",
        LEFT_ALONE,
    ),
    Mutant(
        "templates/missing_parts.py",
        "_Walk.visit_For",
        "turns and (not node.recursive)",
        "False",
        "what one of several steps does not have is found when others were paid for",
        FOUND,
    ),
    Mutant(
        "templates/lenient_prompts.py",
        "_lacks",
        "missing_parts(source, shapes, anywhere=True)",
        "missing_parts(source, shapes)",
        "a prompt fails for a part that it looks for in one of two cases",
        (
            "tests/unit/core/templates/test_lenient_prompts.py::"
            "test_what_looks_for_an_unknown_part_of_a_value_stays_as_written",
        ),
    ),
    Mutant(
        "patterns/places.py",
        "row_places",
        "KnownList(records, index)",
        "KnownList(records, index + 1)",
        "a step may look at itself",
        SAME_NAMES,
    ),
    Mutant(
        "spec/absent_parts.py",
        "variable_shapes",
        "declaration.type not in ('array', 'object')",
        "True",
        "a given mapping is held to have any field",
        (
            "tests/unit/core/spec/test_absent_parts.py::"
            "test_before_a_run_a_variable_is_what_it_is_declared_to_be",
        ),
    ),
)
