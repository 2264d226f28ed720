"""Laws of what may run, and of what it is asked."""

from __future__ import annotations

from returns.result import Success

from durable_core.patterns import pattern_of
from durable_core.patterns.base import CallAgent, Completed, Finished, Open, Responded, Waiting
from durable_core.session import (
    ArtifactText,
    Recovered,
    Turn,
    brief,
    commands,
    decide,
    open_gates,
    verdict,
    wanted,
)
from property_tests.laws.law import Moment, When, law
from property_tests.worlds.world import World


@law(When.AFTER_EACH_MOVE)
def what_may_run_is_what_the_oracle_says(moment: Moment) -> None:
    world, expected = moment.world, moment.expected
    session = world.session
    pattern = pattern_of(session.spec)
    assert [
        (request.unit, getattr(request, "agent", None)) for request in pattern.wanted(session.pattern)
    ] == [(want.unit, want.agent) for want in expected.wants]
    assert [(attempt.unit, attempt.number) for attempt in wanted(session)] == moment.ledger.wanted(world.kit)
    stand = pattern.verdict(session.pattern)
    assert (stand.result if isinstance(stand, Finished) else None) == expected.result


@law(When.AFTER_EACH_MOVE)
def what_is_sent_is_what_the_oracle_says(moment: Moment) -> None:
    session = moment.world.session
    prompts = {want.unit: want.prompt for want in moment.expected.wants}
    for attempt in wanted(session):
        todo = brief(session, attempt).unwrap()
        if isinstance(todo, Turn):
            before = list(todo.history)[: len(todo.history) - todo.kept]
            assert before == moment.ledger.settled.get(todo.conversation, [])
        if isinstance(todo, Recovered):
            assert isinstance(attempt.request, CallAgent)
            residue = session.conversation(attempt.request.conversation).residue
            prompt = residue[0].message["content"][0]["text"]
        elif isinstance(todo, ArtifactText):
            continue
        else:
            prompt = todo.prompt
        corrected = session.progress_of(attempt.unit).correction is not None
        if prompts[attempt.unit] is not None and not corrected:
            assert prompt == prompts[attempt.unit]


@law(When.AFTER_EACH_MOVE)
def a_completed_unit_is_never_wanted_again(moment: Moment) -> None:
    world, completed = moment.world, moment.ledger.completed
    assert len(completed) == len(set(completed))
    assert not set(completed) & {attempt.unit for attempt in wanted(world.session)}
    assert not set(completed) & set(world.flights)


@law(When.AFTER_EACH_MOVE)
def a_pattern_hears_nothing_of_a_unit_that_is_done_or_was_never_wanted(moment: Moment) -> None:
    """The session drops such reports too; a pattern does not rely on that."""
    session = moment.world.session
    pattern, state = pattern_of(session.spec), session.pattern
    for unit in [*(done.unit for done in session.done), "steps/99", "nowhere/0", ""]:
        assert pattern.decide(state, Completed(unit, "text", 1)) == Success(())
        assert pattern.decide(state, Responded(unit, "Go on?", "text")) == Success(())


@law(When.AFTER_EACH_MOVE)
def no_more_than_max_parallel_calls_ever_run(moment: Moment) -> None:
    world = moment.world
    calls = [flight for flight in world.flights.values() if isinstance(flight.todo, Turn)]
    assert len(calls) <= world.session.spec.runtime.max_parallel


@law(When.AFTER_EACH_MOVE)
def calls_that_may_run_side_by_side_never_share_a_conversation(moment: Moment) -> None:
    session = moment.world.session
    requests = pattern_of(session.spec).wanted(session.pattern)
    names = [request.conversation for request in requests if isinstance(request, CallAgent)]
    assert len(names) == len(set(names))


@law(When.AFTER_EACH_MOVE)
def nothing_is_wanted_or_running_exactly_when_the_verdict_is_not_open(moment: Moment) -> None:
    session = moment.world.session
    stand = verdict(session)
    at_work = bool(wanted(session)) or session.running > 0
    assert at_work == isinstance(stand, Open)
    assert session.running == len(moment.world.flights)
    if isinstance(stand, Waiting):
        assert stand.gates == tuple(gate.unit for gate in open_gates(session)) != ()


@law(When.AFTER_EACH_MOVE)
def a_report_that_comes_twice_changes_nothing(moment: Moment) -> None:
    for report in moment.world.delivered[-6:]:
        if not isinstance(report, commands.Tick):
            # a person's answer to a question that is closed is refused; a report is just dropped
            assert decide(moment.world.session, report).value_or(()) == ()


@law(When.AFTER_EACH_MOVE)
def a_report_on_an_attempt_that_was_given_up_changes_nothing(moment: Moment) -> None:
    for report in moment.world.stale:
        assert decide(moment.world.session, report) == Success(())


@law(When.BESIDE_A_CALM_RUN)
def the_order_in_which_things_happen_leaves_no_trace(calm: World, wild: World) -> None:
    """Units are asked the same, whatever ran beside them: prompts are a trace too."""
    assert all(len(prompts) == 1 for prompts in wild.prompts.values())
    assert all(calm.prompts.get(unit, prompts) == prompts for unit, prompts in wild.prompts.items())
