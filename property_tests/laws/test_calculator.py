"""The calculator: right where Python is right, and soon done or refused, whatever a model asks it for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_shell.tools.builtin.calculator import calculator

NUMBERS = (
    st.integers(-20, 20)
    | st.integers(-(10**12), 10**12)
    | st.sampled_from([10**9, -(10**9), 10**299, -(10**299)])
    | st.floats(allow_nan=False, allow_infinity=False)
).map(lambda number: f"({number!r})")


def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "//", "%", "**"])
    functions = st.sampled_from("abs round min max sqrt exp log log10 sin cos tan floor ceil".split())
    return (
        st.builds("({} {} {})".format, inner, operators, inner)
        | st.builds("{}({})".format, functions, inner)
        | st.builds("{}({}, {})".format, functions, inner, inner)
    )


ANY = st.recursive(NUMBERS, joined, max_leaves=8)

WHOLE = st.recursive(
    st.integers(0, 99).map(str),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*"]), inner),
    max_leaves=12,
)


@given(ANY)
def test_an_expression_is_calculated_or_refused_in_a_sentence(expression: str) -> None:
    try:
        told = calculator(expression)
    except ValueError as refused:
        told = str(refused)
    assert told


@given(WHOLE)
def test_whole_numbers_come_out_as_python_has_them(expression: str) -> None:
    assert calculator(expression) == str(eval(expression))  # of our own making


@pytest.mark.parametrize("digits", [-(10**9), 10**9, -(10**299), -301, 301])
@pytest.mark.parametrize("number", ["1", "1.5", "10 ** 299", "-7"])
def test_rounding_far_beyond_a_number_is_rounding_it_away_or_not_at_all(number: str, digits: int) -> None:
    rounded = calculator(f"round({number}, {digits})")
    assert rounded == calculator(f"{number} * 1") if digits > 0 else float(rounded) == 0


def test_rounding_to_no_whole_number_of_places_is_refused() -> None:
    with pytest.raises(ValueError, match="can't be calculated"):
        calculator("round(1.5, 0.5)")
    assert calculator("round(2.5)") == "2"
    assert calculator("round(1250, -2)") == "1200"
    assert calculator("round(1.256, 2)") == "1.26"
