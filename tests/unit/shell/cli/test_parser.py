"""Command lines: what is understood, and what is said about those that are not."""

from __future__ import annotations

import re
from typing import Any

import docopt
import pytest

from durable_shell.cli.command_table import read_table
from durable_shell.cli.main import COMMANDS
from durable_shell.cli.parser import Arguments, parse
from durable_shell.cli.usage import USAGE
from durable_shell.cli.usage_errors import UsageProblem

TABLE = read_table()


def understood(*argv: str) -> Arguments:
    found = parse(argv)
    assert isinstance(found, Arguments), found
    return found


def problem(*argv: str) -> str:
    found = parse(argv)
    assert isinstance(found, UsageProblem), found
    return found.text


def test_bytes_that_are_no_utf_8_are_refused_wherever_they_stand() -> None:
    refusal = "Error: 'a\\xffb' is not UTF-8 text.\nSee 'strands --help'.\n"
    assert problem("run", "a\udcffb") == problem("run", "x.yaml", "--var", "a\udcffb") == refusal
    assert problem("a\udcffb") == problem("run", "x.yaml", "--", "a\udcffb") == refusal


# --- Mistakes ------------------------------------------------------------------------------------------

MISTAKES = {
    "sesions list": "Unknown command 'sesions'. Did you mean 'sessions'?\nSee 'strands --help'.",
    "sessions lst": "Unknown command 'sessions lst'. Did you mean 'sessions list'?\nSee 'strands --help'.",
    "Run a.yaml": "Unknown command 'Run'. Did you mean 'run'?\nSee 'strands --help'.",
    "list": "Unknown command 'list'. Did you mean 'sessions list'?\nSee 'strands --help'.",
    "a.yaml": "Unknown command 'a.yaml'. Did you mean 'strands run a.yaml'?\nSee 'strands --help'.",
    "qqqqqq": "Unknown command 'qqqqqq'.\nSee 'strands --help'.",
    "sessions": (
        "'strands sessions' needs one of: "
        "list, show, delete, answer, settle, tick, verify, repair, cleanup.\n"
        "See 'strands --help'."
    ),
    "": "No command given. To begin: strands run SPEC.\nSee 'strands --help'.",
    "--json": "No command given. To begin: strands run SPEC.\nSee 'strands --help'.",
    "-- run a.yaml": "No command given. To begin: strands run SPEC.\nSee 'strands --help'.",
    "--forc": "Unknown option '--forc'. Did you mean '--force'?\nSee 'strands --help'.",
    "sessions delete x --forse": (
        "Unknown option '--forse' for 'strands sessions delete'. Did you mean '--force'?\n"
        "See 'strands sessions delete --help'."
    ),
    "run a --forc": (
        "Unknown option '--forc' for 'strands run'. Did you mean '--force'?\nSee 'strands run --help'."
    ),
    "run a -force": (
        "Unknown option '-force' for 'strands run'. Did you mean '--force'?\nSee 'strands run --help'."
    ),
    "run a -x": "Unknown option '-x' for 'strands run'.\nSee 'strands run --help'.",
    "run a -qx": "Unknown option '-x' for 'strands run'.\nSee 'strands run --help'.",
    "run a --force=yes": "'--force' takes no value: got 'yes'.\nSee 'strands run --help'.",
    "run a -f=yes": "'-f' takes no value: got 'yes'.\nSee 'strands run --help'.",
    "run a --out": "'--out' needs a value: --out DIR.\nSee 'strands run --help'.",
    "run a -o": "'--out' needs a value: --out DIR.\nSee 'strands run --help'.",
    "run a --out -- b": "'--out' needs a value: --out DIR.\nSee 'strands run --help'.",
    "run a --out --force": (
        "'--out' needs a value: --out DIR. If '--force' is the value, write '--out=--force'.\n"
        "See 'strands run --help'."
    ),
    "run": "'strands run' needs SPEC or --resume ID or --continue.\nSee 'strands run --help'.",
    "resume": "'strands resume' needs ID.\nSee 'strands resume --help'.",
    "sessions show": "'strands sessions show' needs ID.\nSee 'strands sessions show --help'.",
    "sessions delete --force": "'strands sessions delete' needs ID.\nSee 'strands sessions delete --help'.",
    "run a b": "'strands run' takes SPEC: 'b' is too many.\nSee 'strands run --help'.",
    "schema a": "'strands schema' takes no argument: 'a' is too many.\nSee 'strands schema --help'.",
    "run a --resume b": (
        "'strands run' takes SPEC or --resume ID or --continue, not both: got 'a'.\nSee 'strands run --help'."
    ),
    "run a --gate g": (
        "'--gate' goes with 'strands run --resume ID', not with 'strands run SPEC'.\n"
        "See 'strands run --help'."
    ),
    "run --resume b --name n": (
        "'--name' goes with 'strands run SPEC', not with 'strands run --resume ID'.\n"
        "See 'strands run --help'."
    ),
    "validate a --out d": (
        "'strands validate' does not take '--out'. It belongs to: run, resume.\n"
        "See 'strands validate --help'."
    ),
    "run a -o b --out c": "'--out' is given more than once.\nSee 'strands run --help'.",
    "run a -q --verbose": "'--quiet' and '--verbose' do not go together.\nSee 'strands run --help'.",
    "sessions list --status runing": (
        "'--status' takes 'running', 'paused', 'interrupted', 'completed', 'failed' or 'damaged':"
        " got 'runing'. Did you mean 'running'?\n"
        "See 'strands sessions list --help'."
    ),
    "resume a --spec-from disk": (
        "'--spec-from' takes 'file' or 'snapshot': got 'disk'.\nSee 'strands resume --help'."
    ),
    "run a --var topic": "'--var' needs K=V, such as topic=tides: got 'topic'.\nSee 'strands run --help'.",
    "run a --var =x": "'--var' needs K=V, such as topic=tides: got '=x'.\nSee 'strands run --help'.",
    "resume a --budget max_tokens": (
        "'--budget' needs K=N, such as max_tokens=50000: got 'max_tokens'.\nSee 'strands resume --help'."
    ),
    "resume a --budget max_tokens=-1": (
        "'--budget' needs a number above 0 after '=': got 'max_tokens=-1'.\nSee 'strands resume --help'."
    ),
    "resume a --budget max_tokens=0.0": (
        "'--budget' needs a number above 0 after '=': got 'max_tokens=0.0'.\nSee 'strands resume --help'."
    ),
    "run --resume=": "ID of 'strands run' is empty. Is a shell variable unset?\nSee 'strands run --help'.",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_named_with_the_nearest_right_word(line: str) -> None:
    assert problem(*line.split()) == f"Error: {MISTAKES[line]}\n"


def test_an_empty_word_is_named_rather_than_taken_for_a_file_or_a_session() -> None:
    for argv, name in [(("run", ""), "SPEC"), (("sessions", "delete", "a", ""), "ID")]:
        assert f"{name} of 'strands" in problem(*argv)
        assert "Is a shell variable unset?" in problem(*argv)
    assert "Unknown command ''" in problem("")


def test_a_long_text_is_repeated_only_in_part() -> None:
    for argv in [("x" * 100_000,), ("run", "a", "x" * 100_000), ("run", "a", "--" + "x" * 100_000)]:
        assert len(problem(*argv)) < 250


def test_a_message_never_repeats_control_characters() -> None:
    text = problem("run", "a", "\x1b]0;owned\x07\x9b31m\r\nb")
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\x9b" not in text
    assert text.count("\n") == 2


def test_what_docopt_alone_refuses_is_told_in_our_words() -> None:
    usage = USAGE.replace("strands schema", "strands schema (A B | C)")
    found = parse(["schema"], usage)
    assert isinstance(found, UsageProblem)
    assert found.text == (
        "Error: These arguments do not fit: strands schema (A B | C)\nSee 'strands schema --help'.\n"
    )


def test_docopt_reads_the_options_of_one_command_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    grammars: list[str] = []

    def listening(grammar: str, *args: Any, **kwargs: Any) -> Any:
        grammars.append(grammar)
        return judged(grammar, *args, **kwargs)

    judged = docopt.docopt
    monkeypatch.setattr(docopt, "docopt", listening)
    assert isinstance(parse(["sessions", "list", "--json"]), Arguments)
    (grammar,) = grammars
    described = grammar.partition("\nOptions:\n")[2]
    assert re.findall(r"^  (?:-\w, )?(--[\w-]+)", described, re.MULTILINE) == ["--status", "--json"]


def test_an_option_that_no_command_takes_is_refused() -> None:
    usage = USAGE.replace("  --json      ", "  --jason                JSON for Jason.\n  --json      ")
    found = parse(["schema", "--jason"], usage)
    assert isinstance(found, UsageProblem)
    assert found.message == "'strands schema' does not take '--jason'."


# --- What is understood --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "run a.yaml --out dir --var x=1 --force",
        "--force --out dir --var x=1 run a.yaml",
        "run --var=x=1 --out=dir a.yaml --force",
        "run -o dir -f --var x=1 a.yaml",
        "run -odir -f --var x=1 -- a.yaml",
        "run -fodir --var x=1 a.yaml",
        "run -fo=dir --var x=1 a.yaml",
        "run -f -o dir --force --var x=1 a.yaml",
    ],
)
def test_options_may_stand_anywhere_and_in_any_of_the_usual_spellings(line: str) -> None:
    found = understood(*line.split())
    assert found.command == "run"
    assert found.word("SPEC") == "a.yaml"
    assert found.text("--out") == "dir"
    assert found.texts("--var") == ("x=1",)
    assert found.flag("--force")
    assert not found.flag("--quiet")
    assert found.text("--name") is None


def test_repeated_pairs_keep_their_order_and_further_equals_signs() -> None:
    found = understood("run", "a", "--var", "x=1", "--var=y=a=b", "--var", "x=", "--var", "z= spaced ")
    assert found.pairs("--var") == (("x", "1"), ("y", "a=b"), ("x", ""), ("z", " spaced "))


def test_everything_after_two_dashes_is_a_word() -> None:
    assert understood("run", "--", "--force").word("SPEC") == "--force"
    assert understood("sessions", "delete", "a", "--", "-f", "--", "list").words("ID") == (
        "a",
        "-f",
        "--",
        "list",
    )


@pytest.mark.parametrize(
    "value", ["-", "-5", "-1.5", "- item", "x", "", "list", "run", "{{ x }}", "[--a]", "💥"]
)
def test_a_value_may_look_like_anything_but_an_option(value: str) -> None:
    assert understood("resume", "a", "--hitl-response", value).text("--hitl-response") == value


@pytest.mark.parametrize("value", ["-x", "--force", "--", "--=", "=", "-"])
def test_a_value_behind_an_equals_sign_may_begin_with_dashes(value: str) -> None:
    assert understood("resume", "a", f"--hitl-response={value}").text("--hitl-response") == value


def test_a_word_that_equals_a_command_is_still_a_word() -> None:
    assert understood("sessions", "show", "list").words("ID") == ("list",)
    assert understood("run", "run").word("SPEC") == "run"


def test_run_with_resume_is_resume() -> None:
    found = understood("run", "--resume", "@latest", "--spec-from", "snapshot", "--budget", "max_tokens=5")
    assert (found.command, found.word("ID")) == ("resume", "@latest")
    assert found.text("--spec-from") == "snapshot"
    assert understood("run", "-r", "x").word("ID") == "x"


def test_resume_takes_the_same_options_either_way() -> None:
    (itself,) = TABLE.forms_of("resume")
    through_run = [form for form in TABLE.forms_of("run") if form.required]
    for way, form in zip(("--resume", "--continue"), through_run, strict=True):
        assert set(form.options) == {way, *itself.options}
        assert form.repeatable == itself.repeatable
        assert form.exclusive == itself.exclusive


def test_continue_resumes_the_newest_session_of_this_folder() -> None:
    for line in ("run -c", "run --continue"):
        found = understood(*line.split())
        assert (found.command, found.word("ID")) == ("resume", "@here")


@pytest.mark.parametrize(
    ("line", "topic"),
    [
        ("--help", ()),
        ("run --help", ("run",)),
        ("run -h a b c", ("run",)),
        ("sessions delete --forse -h", ("sessions", "delete")),
        ("sessions --help", ("sessions",)),
        ("sesions --help", ()),
        ("run --out --help", ("run",)),
        ("-qh run", ("run",)),
    ],
)
def test_a_wish_for_help_wins_over_any_mistake(line: str, topic: tuple[str, ...]) -> None:
    found = understood(*line.split())
    assert (found.command, found.words("COMMAND")) == ("help", topic)


def test_help_and_version_can_be_asked_for_in_words() -> None:
    assert understood("help", "sessions", "list").words("COMMAND") == ("sessions", "list")
    assert understood("help").words("COMMAND") == ()
    assert understood("version").command == understood("--version").command == "version"


def test_help_after_two_dashes_is_a_word() -> None:
    assert understood("run", "--", "--help").word("SPEC") == "--help"


def test_asking_for_a_name_that_the_usage_lacks_is_our_own_error() -> None:
    found = understood("schema")
    assert found.text("--out") is None
    with pytest.raises(KeyError):
        found.flag("--forse")
    with pytest.raises(KeyError):
        found.text("--force")


@pytest.mark.parametrize("text", ["a" * 100_000, "\x00", "'\"$(x)`", "ünï"])
def test_a_hostile_text_comes_through_unchanged(text: str) -> None:
    found = understood("run", text, "--name", text, f"--var=k={text}")
    assert (found.word("SPEC"), found.text("--name"), found.pairs("--var")) == (text, text, (("k", text),))


# --- The table -----------------------------------------------------------------------------------------


def test_every_command_of_the_usage_text_can_be_dispatched_and_no_other() -> None:
    assert set(COMMANDS) == set(TABLE.summaries) == {form.command for form in TABLE.forms if form.command}


def test_every_option_of_the_options_section_is_in_a_usage_line() -> None:
    used = {name for form in TABLE.forms for name in form.options}
    assert used == set(TABLE.options)


def test_a_wrapped_description_is_read_whole() -> None:
    assert TABLE.options["--spec-from"].choices == ("file", "snapshot")
    assert TABLE.options["--status"].choices == (
        "running",
        "paused",
        "interrupted",
        "completed",
        "failed",
        "damaged",
    )
    assert TABLE.options["--version"].help == "The same as 'strands version'."


def contradictions(usage: str) -> list[str]:
    """What a usage text says in one section and not in another."""
    table = read_table(usage)
    found = [
        f"{name} {value}".rstrip()
        for form in table.forms
        for name, value in re.findall(r"(--[\w-]+)(?: ([A-Z=]+))?", form.text)
        if name not in table.options or table.options[name].value != value
    ]
    return found + sorted({form.command for form in table.forms if form.command} ^ set(table.summaries))


def test_the_sections_of_the_usage_text_agree() -> None:
    assert contradictions(USAGE) == []


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("  strands schema\n", "  strands schema [--zap]\n", "--zap"),
        ("list [--status STATUS]", "list [--status STATE]", "--status STATE"),
        ("list [--status STATUS]", "list [--status]", "--status"),
        ("  strands schema\n", "  strands schema\n  strands zap SPEC\n", "zap"),
    ],
)
def test_a_usage_text_that_contradicts_itself_is_found(right: str, wrong: str, found: str) -> None:
    assert right in USAGE
    assert contradictions(USAGE.replace(right, wrong)) == [found]
