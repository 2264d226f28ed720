"""Regular expressions from templates: what they may cost at worst is known before they run."""

from __future__ import annotations

import pytest

from durable_core.templates.regex_cost import (
    LEAST_ANSWER,
    MAX_RANGES,
    MAX_STEPS,
    Guarded,
    UnsafePattern,
    accepts,
    begins,
    found_in,
    guarded,
    judged,
)


def degree_of(guard: Guarded) -> int:
    """The power of the text's length with which the work from one start grows."""
    return len(guard.search.work.factors) - 1


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
    assert degree_of(guard) == 0
    assert guard.steps(1_000_000) <= 20 * 1_000_000


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
    assert degree_of(guarded(pattern)) == degree


@pytest.mark.parametrize(
    ("pattern", "ways"),
    [
        ("a?b", 2),
        ("-a?b", 1),
        ("xab{0,3}b", 4),
        ("x(?:ab|cd|ef)y", 3),
        ("x(?:ab|cd){2}y", 4),
        ("(?:ab){5}", 1),
        ("(a?){90}b{5}", 10**12),
        ("(?=a?a?a?)x", 1),
        ("x(?:ab|c){1,2}+y", 1),
    ],
)
def test_choices_multiply_the_ways(pattern: str, ways: int) -> None:
    assert guarded(pattern).search.ways.factors == (ways,)


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


def test_a_pattern_that_nobody_wrote_by_hand_is_refused() -> None:
    with pytest.raises(UnsafePattern, match="more than 500 characters"):
        guarded("a" * 501)


def test_an_unusual_construct_is_refused_by_its_name() -> None:
    with pytest.raises(UnsafePattern, match=r"not supported here \(groupref_exists\)"):
        guarded(r"(a)?(?(1)b|c)")


def test_fixed_text_before_a_run_leaves_fewer_places_to_start() -> None:
    assert guarded("<answer>.*x").steps(8_000) < guarded(".*x").steps(8_000) / 4
    # Text that overlaps itself may start at every letter of a run.
    assert guarded("aaaa.*x").steps(8_000) >= guarded(".*x").steps(8_000)


def test_letters_beyond_ascii_may_fold_so_that_a_run_begins_at_each() -> None:
    assert guarded("(?i)s\u017f.*x").period == 1
    assert guarded("s\u017f.*x").period == 2


def test_a_sign_that_is_no_letter_may_fold_too() -> None:
    # the circled letters have a capital and a small form, and are not letters
    assert degree_of(guarded("(?i)\u24d0[\u24b6]*b")) == 1
    assert degree_of(guarded("\u24d0[\u24b6]*b")) == 0


def test_a_lazy_run_costs_more_than_one_that_runs_ahead() -> None:
    assert guarded("a.*?b").steps(100) > guarded("a.*b").steps(100)
    assert guarded("a-*?b").steps(100) > guarded("a-*b").steps(100)


def test_a_large_class_costs_more_to_look_at() -> None:
    many = "".join(f"\\d{letter}" for letter in "abcdefghijklmnop")
    assert guarded(f"[{many}]x").steps(100) > guarded("[abc]x").steps(100)


def test_ranges_that_hold_very_many_characters_are_refused_before_they_are_spread_out() -> None:
    wide = "[\x00-\uffff]"
    assert guarded(wide * (MAX_RANGES // 65_536)).making > guarded("a" * 70).making
    with pytest.raises(UnsafePattern, match="ranges of the pattern hold more than"):
        guarded("(?i)" + wide * 90)


def test_making_a_pattern_that_folds_its_ranges_costs_more() -> None:
    assert guarded("(?i)[\x00-\uffff]").making > guarded("[\x00-\uffff]").making + 4 * 8_192


@pytest.mark.parametrize(
    "pattern",
    [
        "yes|no",
        r"\d{4}-\d{2}-\d{2}",
        r"^[\w.+-]+@[\w-]+\.[\w.-]+$",
        r"^(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,}$",
        r"(?s).*yes.*no.*",
        r"(approve|reject)(: .*)?",
        r"https?://[\w.-]+(?:/[\w./?=&%-]*)?",
        r"(?:\d{1,3}\.){3}\d{1,3}",
        r"(?:[a-z]{1,10} ){1,5}",
        r"\s*(\S.*\S|\S)\s*",
        r"(?i)y(es)?|no?",
    ],
)
def test_what_people_ask_of_an_answer_can_be_judged(pattern: str) -> None:
    assert judged(pattern).full_steps(LEAST_ANSWER) <= MAX_STEPS


@pytest.mark.parametrize("pattern", ["a*a*a*a*a*a*a*a*b", r"(\d*,?\d*){8}", "(a?){90}b", "((a*){99}){99}"])
def test_a_pattern_that_could_not_judge_an_answer_is_refused_with_a_remedy(pattern: str) -> None:
    guarded(pattern)
    with pytest.raises(UnsafePattern, match=r"can take for ever; use fewer repetitions.*such as"):
        judged(pattern)


def test_the_end_of_an_answer_makes_the_matcher_try_again_where_a_search_would_be_content() -> None:
    guard = guarded("a*a*a*")
    assert guard.steps(1_000) < 10_000
    assert guard.full_steps(1_000) > 1_000**3


def test_a_run_at_the_start_of_an_answer_is_entered_once() -> None:
    assert guarded("[a-z]*-").full_steps(1_000) < 10_000
    assert guarded("^[a-z]*-").full_steps(1_000) < 10_000
    assert guarded("[a-z]*-").steps(1_000) > 1_000**2


@pytest.mark.parametrize(("answer", "fits"), [("yes", True), ("yes, please", False), ("", False)])
def test_an_answer_is_accepted_when_the_whole_of_it_matches(answer: str, fits: bool) -> None:
    assert accepts("yes|no", answer) is fits


@pytest.mark.parametrize(("text", "found"), [("say yes", True), ("say no", False)])
def test_a_text_is_searched_for_a_pattern(text: str, found: bool) -> None:
    assert found_in("y.*s", text) is found


def test_a_text_too_long_for_its_pattern_is_not_searched() -> None:
    with pytest.raises(UnsafePattern, match=r"a text of 100,000 characters cannot be searched"):
        found_in(".*a.*b", "a" * 100_000)


@pytest.mark.parametrize(("text", "begun"), [("yes, say", True), ("say yes", False)])
def test_a_text_is_looked_at_for_what_it_begins_with(text: str, begun: bool) -> None:
    assert begins(guarded("y.*s"), text) is begun


def test_a_text_too_long_for_its_pattern_is_not_looked_at() -> None:
    with pytest.raises(UnsafePattern, match=r"a text of 100,000 characters cannot be compared"):
        begins(guarded(".*a.*b"), "a" * 100_000)


def test_an_answer_too_long_for_its_pattern_is_not_compared() -> None:
    assert not accepts(".*a.*a.*b", "a" * 200)
    with pytest.raises(UnsafePattern, match=r"an answer of 3,000 characters cannot be compared"):
        accepts(".*a.*a.*b", "a" * 3_000)


def test_the_cost_grows_with_the_text_as_the_degree_says() -> None:
    assert guarded(".*x").steps(2_000) / guarded(".*x").steps(1_000) == pytest.approx(4, rel=0.01)
    assert guarded("(a*){20}x").steps(1_000) > 10**50
    assert guarded("((a*){99}){99}x").steps(1) > 10**12
