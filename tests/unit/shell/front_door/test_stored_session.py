"""Sessions looked at from Python, and as a piece of HTML."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from durable_core.journal import codec
from durable_core.session import commands
from durable_core.types import Fault, Usage
from durable_shell.store.opening import open_store
from strands_durable import Listed, OperationError, Session, StoreFailed, load, resume, run, sessions
from strands_durable.session_page import MOST_CHARACTERS, MOST_UNITS
from strands_durable.testing import CountedIds, MemorySession, ScriptedModels, SteppingClock
from tests.support.session_kit import chain_of

ASK = {"type": "hitl", "prompt": "Is {{ last_response }} right?", "validation": {"pattern": "yes|no"}}
WRITE = {"agent": "ann", "input": "Write about {{ topic }}."}
SPEC = chain_of(WRITE, ASK, {"agent": "bob", "input": "Shorter."}, name="bridges")
MODELS = ScriptedModels({"ann": "Bridges.", "bob": "Short."})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of the test's own."""
    return tmp_path / "home"


@pytest.fixture
def paused(store: Path) -> Session:
    """A session that asks a person."""
    outcome = run(
        SPEC,
        {"topic": "tides"},
        store=store,
        models=MODELS,
        name="mine",
        clock=SteppingClock(),
        ids=CountedIds(),
    )
    return Session.open(outcome.session_id, store=store)


# --- bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate", "text", "words"),
    [
        ("steps/7", "yes", "no question is open at steps/7"),
        (None, "perhaps", "the answer does not match the pattern yes|no of gate steps/1"),
        (None, " ", "an empty answer says nothing"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_and_changes_nothing(
    gate: str | None, text: str, words: str, paused: Session
) -> None:
    with pytest.raises(OperationError) as raised:
        paused.answer(gate, text)
    assert words in str(raised.value)
    before = paused.events
    assert paused.reload().events == before


def test_a_damaged_session_is_an_exception_that_says_where(paused: Session, store: Path) -> None:
    journal = next(store.glob("sessions/*/journal.jsonl"))
    journal.write_text(journal.read_text().replace("tides", "rides", 1))
    with pytest.raises(StoreFailed, match="is damaged") as raised:
        Session.open("mine", store=store)
    assert raised.value.code == 17


def test_a_word_that_several_sessions_fit_is_refused_with_all_of_them(store: Path) -> None:
    for _ in range(2):
        run(SPEC, {"topic": "tides"}, store=store, models=MODELS, name="twin", ask=lambda _: "yes")
    with pytest.raises(OperationError, match="More than one session fits twin") as raised:
        Session.open("twin", store=store)
    assert all(one.session_id in str(raised.value) for one in sessions(store=store))


def test_a_call_that_is_not_in_doubt_is_not_settled(paused: Session) -> None:
    with pytest.raises(OperationError, match="no tool call is in doubt at steps/0"):
        paused.settle("steps/0", "done")


# --- one session --------------------------------------------------------------------------------------


def test_a_session_tells_what_it_is_and_how_far(paused: Session) -> None:
    assert (paused.id, paused.name, paused.spec) == ("00000000-0000-4000-8000-000000000001", "mine", SPEC)
    assert (paused.status, paused.result, paused.error) == ("paused", None, None)
    assert (dict(paused.variables), paused.usage, paused.artifacts) == ({"topic": "tides"}, Usage(3, 4), ())
    assert [(gate.unit, gate.prompt) for gate in paused.gates] == [("steps/1", "Is Bridges. right?")]
    assert paused.in_doubt == ()
    assert paused.created_at < paused.units["steps/0"].started_at <= paused.updated_at
    assert repr(paused) == f"<Session {paused.id}: bridges, paused>"


def test_a_unit_tells_what_it_was_asked_and_answered(paused: Session) -> None:
    unit = paused.units["steps/0"]
    assert (unit.agent, unit.prompt, unit.answer) == ("ann", "Write about tides.", "Bridges.")
    assert (unit.usage, len(unit.attempts), unit.tool_calls) == (Usage(3, 4), 1, ())


def test_an_answered_gate_is_acted_on_by_the_next_resume(paused: Session, store: Path) -> None:
    paused.answer("steps/1", "yes")
    assert (paused.gates, paused.units["steps/1"].answer, paused.status) == ((), "yes", "interrupted")
    assert resume(paused.id, store=store, models=MODELS).result == "Short."
    assert (paused.status, paused.reload().status) == ("interrupted", "completed")
    assert paused.outcome.result == paused.result == "Short."


def test_a_replay_gives_the_state_after_each_event(paused: Session) -> None:
    steps = list(paused.replay())
    assert [event for event, _ in steps] == list(paused.events)
    assert [state.seq for _, state in steps] == list(range(1, len(paused.events) + 1))
    assert steps[-1][1].gates.get("steps/1") == paused.gates[0]


def test_a_failed_session_says_why(store: Path) -> None:
    models = ScriptedModels({"ann": Fault("refused", "no such model")})
    outcome = run(SPEC, {"topic": "tides"}, store=store, models=models)
    session = Session.open(outcome.session_id, store=store)
    assert (session.status, session.error) == ("failed", "steps/0: no such model")
    assert "steps/0: no such model" in session._repr_html_()


def test_a_tool_call_in_doubt_is_seen_and_settled() -> None:
    with_tool = chain_of(WRITE, name="pays", tools={"python": ("m:pay",), "in_doubt": {"pay": "ask"}})
    told = MemorySession.of(with_tool, {"topic": "tides"}, session_id=CountedIds().session_id())
    told.send("steps/0")
    about = {"unit": "steps/0", "attempt": 1, "call": "c1", "name": "pay", "input": {}, "reads_only": False}
    told.tell(commands.ToolStarted(at=told.later(), **about))
    store = open_store("memory://of-a-doubt", command="a test", clock=lambda: told.at)
    store.create(told.session.id).unwrap()
    lease = store.lease(told.session.id, now=told.at).unwrap()
    store.append(lease, 0, told.at, [codec.encode(event) for event in told.journal]).unwrap()
    store.release(lease)

    session = Session.open(told.session.id, store=store)
    assert [(doubt.unit, doubt.call.name) for doubt in session.in_doubt] == [("steps/0", "pay")]
    assert session.units["steps/0"].tool_calls[0].settled is None
    session.settle("steps/0", "it paid")
    assert session.in_doubt == ()
    assert session.units["steps/0"].tool_calls[0].settled == "done"


# --- many sessions ------------------------------------------------------------------------------------


def test_sessions_are_listed_newest_first_and_found_by_status_workflow_and_name(store: Path) -> None:
    other = chain_of(WRITE, name="towers")
    for spec, name in ((SPEC, "a"), (other, "b"), (SPEC, "c")):
        run(spec, {"topic": "tides"}, store=store, models=MODELS, name=name)

    def names(**given: object) -> list[str]:
        found: tuple[Listed, ...] = sessions(store=store, **given)  # type: ignore[arg-type]  # each is typed where it is given
        return [one.name for one in found]

    assert sorted(names()) == ["a", "b", "c"]
    assert [one.updated_at for one in sessions(store=store)] == sorted(
        (one.updated_at for one in sessions(store=store)), reverse=True
    )
    assert names(status="completed") == ["b"]
    assert sorted(names(workflow="bridges")) == ["a", "c"]
    assert names(name="c") == ["c"]
    assert names(status="paused", name="b") == []
    assert len(names(limit=2)) == 2
    assert names(limit=0) == []


def test_a_store_that_is_not_there_holds_no_sessions(store: Path) -> None:
    assert sessions(store=store) == ()
    assert not store.exists()


# --- how they look ------------------------------------------------------------------------------------


def test_a_spec_is_a_drawing_in_a_notebook() -> None:
    drawn = ElementTree.fromstring(load(SPEC)._repr_svg_())
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert "bridges (chain)" in "".join(drawn.itertext())


def test_a_session_is_a_table_and_a_drawing_in_a_notebook(paused: Session) -> None:
    page = ElementTree.fromstring(paused._repr_html_().replace("<br>", "<br/>"))
    rows = [["".join(cell.itertext()) for cell in row] for row in page.iter("tr")]
    assert rows[0] == ["unit", "by", "status", "tries", "seconds", "tokens", "asked", "answered"]
    assert rows[1][:4] == ["steps/0", "ann", "completed", "1"]
    assert rows[1][5:] == ["7", "Write about tides.", "Bridges."]
    assert rows[2] == ["steps/1", "person", "waiting", "1", "", "0", "Is Bridges. right?", ""]
    assert page.find("{http://www.w3.org/2000/svg}svg") is not None
    assert "mine" in "".join(page.itertext())


def test_whatever_stands_in_a_session_is_text_on_its_page(store: Path) -> None:
    evil = '<script>alert("x")</script>&amp;</td>'
    spec = chain_of({"agent": "ann", "input": "{{ topic }}"}, name=evil)
    outcome = run(
        spec, {"topic": evil}, store=store, name=evil, models=ScriptedModels({"ann": Fault("refused", evil)})
    )
    page = Session.open(outcome.session_id, store=store)._repr_html_()
    tree = ElementTree.fromstring(page.replace("<br>", "<br/>"))
    assert not list(tree.iter("script"))
    row = list(tree.iter("tr"))[1]
    assert ["".join(cell.itertext()) for cell in row][-2:] == [evil, evil]


def test_long_texts_and_long_sessions_are_cut_on_the_page(store: Path) -> None:
    spec = chain_of(*[{"agent": "ann", "input": "x"}] * (MOST_UNITS + 5))
    models = ScriptedModels({"ann": "y" * (MOST_CHARACTERS + 1)})
    outcome = run(spec, store=store, models=models)
    page = Session.open(outcome.session_id, store=store)._repr_html_()
    assert "<p>5 earlier units are not shown.</p>" in page
    assert page.count("<tr>") == MOST_UNITS + 1
    assert "y" * MOST_CHARACTERS + " …</td>" in page
    assert "y" * (MOST_CHARACTERS + 1) not in page
