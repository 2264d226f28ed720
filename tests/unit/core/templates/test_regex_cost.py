"""Regular expressions from templates: what they may cost at worst is known before they run."""

from __future__ import annotations

import pytest

from durable_core.templates.regex_cost import UnsafePattern, guarded


@pytest.mark.parametrize(
    "pattern",
    [
        "APPROVED",
        r"Score:\s*(\d+)",
        r"Score:\s*(\d+)/100",
        r"(?i)Score: *(\d+)",
        r"(?i)score:\s*(\d+)",
        r"(?i:score):\s*(\d+)",
        r"a\s*\d+\s*b",
        r"Verdict: (.*)",
        r"Verdict: (.+?)",
        r"x\D*",
        r"(?:a:(\s*)\d)",
        r"(?>a:\s*)\d",
        r"^\d",
        r"a-+b",
        r"a[-+]*b",
        r":[^:]*:",
        r"x:[^\n]*",
        r"\[x\]\s?\d",
        r"a;\d++",
        r"id=[0-9a-f]*;",
        r"a:\W*",
    ],
)
def test_a_pattern_that_never_tries_again_is_linear(pattern: str) -> None:
    guard = guarded(pattern)
    assert guard.degree == 0
    assert guard.steps(1_000_000) <= 1_000_000 * guard.ways * 2 + 100


@pytest.mark.parametrize(
    ("pattern", "degree"),
    [
        (r"(\d+)/100", 1),
        (r"\s+$", 1),
        (r".*x", 1),
        (r"<answer>(.*?)</answer>", 1),
        (r"a[^b]*b", 1),
        (r".*.*x", 2),
        (r"a.*b.*c", 2),
        (r"(a*)\1x", 2),
        (r"(?=.*x)a", 1),
        (r"(?!.*x)a", 1),
        (r"(?:ab)*c", 1),
        (r"x(?:a*|b*c*)y", 2),
        (r"x(a*){3}y", 3),
        (r"a[^b]*[^c]d", 1),
        (r"a[^\d]*5", 1),
        (r"a\w*\d", 1),
        (r"(?i)a[bc]*d", 1),
        (r"(?i)ab*c", 1),
        (r"a[b-d]*c", 1),
        (r"a\W*-", 1),
        (r"a\s*\b-", 1),
        (r"ab{200}c", 1),
        (r"a\d{200,}", 1),
        (r"-\s*\W", 1),
        (r"-[\s.]*[^x]", 1),
        (r"-\s*.", 1),
        (r"-[a\d]*[\s\d]", 1),
    ],
)
def test_a_pattern_that_may_try_again_is_counted(pattern: str, degree: int) -> None:
    assert guarded(pattern).degree == degree


@pytest.mark.parametrize(
    ("pattern", "ways"),
    [
        ("a?b", 2),
        ("-a?b", 1),
        ("xab{0,3}b", 4),
        ("x(?:ab|cd|ef)y", 3),
        ("x(?:ab|cd){2}y", 8),
        ("a.*?b", 4),
        ("(?:ab){5}", 5),
        ("(a?){90}b{5}", 10**12),
    ],
)
def test_choices_multiply_the_ways(pattern: str, ways: int) -> None:
    assert guarded(pattern).ways == ways


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a*)*",
        "(?:a|aa)+$",
        r"(\w+\s?)*x",
        "(a?)*b",
        "(.*)*",
        "(a{1,2})+",
        "([ab]*c)*d",
        "((a|bc)+d)+",
    ],
)
def test_a_repetition_of_what_varies_is_refused_with_a_remedy(pattern: str) -> None:
    with pytest.raises(UnsafePattern, match=r"repeats a repetition or a choice without bound.*such as"):
        guarded(pattern)


@pytest.mark.parametrize(
    "pattern", ["(", "[", "*a", "a{2,1}", "(?P<n>a)(?P<n>b)", r"\q", "(" * 250 + ")" * 249]
)
def test_what_is_no_regular_expression_is_refused(pattern: str) -> None:
    with pytest.raises(UnsafePattern, match="not a regular expression"):
        guarded(pattern)


def test_an_unusual_construct_is_refused_by_its_name() -> None:
    with pytest.raises(UnsafePattern, match=r"not supported here \(groupref_exists\)"):
        guarded(r"(a)?(?(1)b|c)")


def test_fixed_text_before_a_run_leaves_fewer_places_to_start() -> None:
    assert guarded("<answer>.*x").steps(8_000) < guarded(".*x").steps(8_000) / 4
    # Text that overlaps itself may start at every letter of a run.
    assert guarded("aaaa.*x").steps(8_000) == guarded(".*x").steps(8_000)


def test_the_cost_grows_with_the_text_as_the_degree_says() -> None:
    assert guarded(".*x").steps(2_000) / guarded(".*x").steps(1_000) == pytest.approx(4, rel=0.01)
    assert guarded("(a*){20}x").steps(10) < 10**12
