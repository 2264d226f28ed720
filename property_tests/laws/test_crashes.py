"""A crash machine for each pattern: memory equals disk, whatever is sent, repeated, edited, or killed.

The disk is a list of JSON lines, which is all that a journal is once files are taken away. Memory is the
session that the driver holds. After every step the disk, read by a new process, must give the memory.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from durable_core.journal import codec
from durable_core.patterns.base import Exhausted, Failed, Finished
from durable_core.session import Turn, commands, decide, open_gates, replay, verdict, wanted
from durable_core.session.state import Options
from durable_core.views.documents import pattern_document
from property_tests.kits import KITS
from property_tests.kits.kit import Kit
from property_tests.worlds.oracle import Ledger
from property_tests.worlds.world import World
from tests.support.night import at_night

numbers = st.integers(0, 30)


class CrashMachine(RuleBasedStateMachine):
    """One session of ``kit``, in the hands of Hypothesis."""

    kit: Kit

    @initialize(data=st.data())
    def begin_session(self, data: st.DataObject) -> None:
        """A new session is on disk before anything else happens."""
        self.world = World.of(self.kit, data.draw(self.kit.specs))
        self.changed = False

    # --- what a driver does ---------------------------------------------------------------------------

    @precondition(lambda self: bool(wanted(self.world.session)))
    @rule(number=numbers)
    def send(self, number: int) -> None:
        """An attempt starts, or a question is put."""
        attempts = wanted(self.world.session)
        self.world.begin(attempts[number % len(attempts)])

    @precondition(lambda self: bool(self.world.flights))
    @rule(number=numbers)
    def answer(self, number: int) -> None:
        """A running attempt comes back."""
        units = list(self.world.flights)
        self.world.conclude(units[number % len(units)])

    @precondition(
        lambda self: any(isinstance(f.todo, Turn) and f.sent < 2 for f in self.world.flights.values())
    )
    @rule(number=numbers)
    def say(self, number: int) -> None:
        """A message of a running turn is recorded."""
        talking = [u for u, f in self.world.flights.items() if self.world.has_more_to_say(f)]
        self.world.say(talking[number % len(talking)])

    @precondition(lambda self: bool(self.world.flights))
    @rule(number=numbers, kind=st.sampled_from(["throttled", "server", "refused", "empty"]))
    def fault(self, number: int, kind: Any) -> None:
        """A running attempt fails."""
        units = list(self.world.flights)
        self.world.fault(units[number % len(units)], kind)

    @rule()
    def commit(self) -> None:
        """All that was decided is on disk."""
        self.world.commit()

    # --- what people do -------------------------------------------------------------------------------

    @precondition(lambda self: bool(open_gates(self.world.session)))
    @rule(number=numbers)
    def answer_gate(self, number: int) -> None:
        """A person answers one of the open questions."""
        gates = open_gates(self.world.session)
        self.world.person(gates[number % len(gates)].unit)

    @precondition(lambda self: isinstance(verdict(self.world.session), Exhausted))
    @rule()
    def allow_more(self) -> None:
        """A person raises the budget that ran out."""
        self.world.allow_more()

    @precondition(lambda self: not isinstance(verdict(self.world.session), Finished))
    @rule(number=numbers)
    def edit_the_spec(self, number: int) -> None:
        """A person edits the spec file between two runs."""
        changes = self.kit.edits(self.world.session.spec)
        self.world.respecify(changes[number % len(changes)])
        self.changed = True

    @precondition(lambda self: not isinstance(verdict(self.world.session), Finished))
    @rule(topic=st.sampled_from(["bridges", "tunnels"]), out=st.sampled_from([".", "elsewhere"]))
    def edit_variables_and_options(self, topic: str, out: str) -> None:
        """A person edits session.json, and wants the files elsewhere."""
        self.world.resume()
        self.world.tell(commands.EditVariables(at=self.world.tick(), variables={"topic": topic}))
        self.world.tell(commands.ChangeOptions(at=self.world.tick(), options=Options(out=out)))
        self.world.commit()
        self.changed = True

    @rule()
    def pass_time(self) -> None:
        """A minute goes by, and timeouts are applied."""
        self.world.pass_time()

    # --- what goes wrong ------------------------------------------------------------------------------

    @precondition(lambda self: bool(self.world.delivered or self.world.stale))
    @rule(number=numbers)
    def repeat(self, number: int) -> None:
        """A report comes again, or long after its attempt was given up."""
        reports = [*self.world.delivered[-5:], *self.world.stale[-5:]]
        self.world.repeat(reports[number % len(reports)])

    @precondition(lambda self: bool(self.world.flights))
    @rule()
    def cancel(self) -> None:
        """Running units are dropped, and the session is resumed."""
        self.world.resume()

    @precondition(lambda self: not isinstance(verdict(self.world.session), Finished))
    @rule(number=numbers)
    def crash(self, number: int) -> None:
        """The process dies; the disk keeps what was committed, and perhaps some of the rest."""
        self.world.crash(number % (len(self.world.journal) - self.world.committed + 1))

    @precondition(lambda self: isinstance(verdict(self.world.session), Failed))
    @rule()
    def resume(self) -> None:
        """A failed session is resumed."""
        self.world.resume()

    # --- what holds throughout ------------------------------------------------------------------------

    @invariant()
    def memory_equals_disk(self) -> None:
        """The journal's text, read by a new process, gives the session in memory."""
        lines = [json.dumps(codec.encode(event)) for event in self.world.journal]
        read = codec.decode_all([json.loads(line) for line in lines]).unwrap()
        assert replay(read).unwrap() == self.world.session
        assert self.world.session.seq == len(lines)

    @invariant()
    def the_oracle_agrees(self) -> None:
        """What may start is what the journal says, counted by hand."""
        ledger = Ledger.of(self.world.journal)
        may_start = [(attempt.unit, attempt.number) for attempt in wanted(self.world.session)]
        assert may_start == ledger.wanted(self.kit)
        assert len(ledger.completed) == len(set(ledger.completed))

    @invariant()
    def nobody_can_finish_it_twice(self) -> None:
        """A finished session is not resumed."""
        refused = decide(self.world.session, commands.Resume(at=self.world.at)).value_or(None) is None
        assert refused == isinstance(verdict(self.world.session), Finished)

    def teardown(self) -> None:
        """Whatever happened, the session can be brought to the end it would have had."""
        if not hasattr(self, "world"):
            return
        self.world.finish()
        if not self.changed:
            first = self.world.journal[0]
            calm = World.of(self.kit, first.spec).finish()  # type: ignore[union-attr]  # it is SessionStarted
            assert _kept(self.world) == _kept(calm)


def _kept(world: World) -> Any:
    shown = pattern_document(world.session)
    gates = sorted((gate["unit"], gate["response"]) for gate in shown.pop("gates"))
    stand = verdict(world.session)
    return json.dumps(shown), gates, stand.result if isinstance(stand, Finished) else stand


@pytest.mark.parametrize("kit", KITS, ids=str)
def test_a_session_survives_whatever_happens(kit: Kit) -> None:
    machine = type(f"{kit.pattern}_crashes", (CrashMachine,), {"kit": kit})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=at_night(40, 300), stateful_step_count=at_night(40, 100), report_multiple_bugs=False
        ),
    )
