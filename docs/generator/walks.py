"""Exhaustive walks: every state that a pattern's machine reaches on a sample, by every answer of the sample.

The diagram merges states that want the same units and stand at the same verdict: that is what a person can
tell apart. An answer is named on an arrow only where another answer leads elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from returns.result import Success

from docs.generator.samples import Sample, spec_of
from durable_core.drawing import Arrow, Box, BoxKind, Picture
from durable_core.patterns.base import (
    AskPerson,
    CallAgent,
    Completed,
    Failed,
    Finished,
    Open,
    Request,
    Responded,
    Waiting,
)
from durable_core.patterns.pattern import Pattern

MOST_STATES: Final = 2_000
"""States of one sample. Beyond that it is no sample any more, and the drawing no picture."""


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a walk: a box, a unit's answer and the events it led to, and the box after them."""

    source: Box
    unit: str
    answer: str
    events: tuple[str, ...]
    target: Box


def walk(kind: str, machine: Pattern[Any, Any], sample: Sample) -> tuple[Move, ...]:
    """Every move of ``machine`` on ``sample``, breadth first. Raises ValueError past MOST_STATES."""
    first = machine.initial(spec_of(kind, sample.config))
    waiting = [first]
    known: dict[str, list[Any]] = defaultdict(list)
    known[_box(machine, first).name].append(first)
    moves = []
    count = 1
    while waiting:
        state = waiting.pop(0)
        for unit, answer, events, after in _answers(machine, sample, state):
            target = _box(machine, after)
            moves.append(Move(_box(machine, state), unit, answer, events, target))
            if after in known[target.name]:
                continue
            count += 1
            if count > MOST_STATES:
                raise ValueError(f"the sample of {kind} has more than {MOST_STATES} states")
            known[target.name].append(after)
            waiting.append(after)
    return tuple(moves)


def drawn(kind: str, moves: tuple[Move, ...]) -> Picture:
    """The moves as a picture: each box once, arrows between the same two boxes joined."""
    dot = Box("start", (), "start")
    boxes = {box.name: box for move in moves for box in (move.source, move.target)}
    targets: dict[tuple[str, str], set[str]] = defaultdict(set)
    for move in moves:
        targets[move.source.name, move.unit].add(move.target.name)
    labels: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for move in moves:
        several = len(targets[move.source.name, move.unit]) > 1
        said = f" ({move.answer})" if several else ""
        label = f"{move.unit} {' + '.join(move.events)}{said}"
        labels[move.source.name, move.target.name][label] = None
    arrows = [Arrow("start", moves[0].source.name)]
    arrows += [Arrow(source, target, tuple(lines)) for (source, target), lines in labels.items()]
    return Picture(f"{kind}: states and events of a small workflow", (dot, *boxes.values()), tuple(arrows))


def _answers(
    machine: Pattern[Any, Any], sample: Sample, state: Any
) -> Iterator[tuple[str, str, tuple[str, ...], Any]]:
    """Each answer that leads on: unit, name of the answer, names of the events, the state after them."""
    for request in machine.wanted(state):
        for name, answer in _tried(sample, request).items():
            match request:
                case CallAgent(unit=unit):
                    decided = machine.decide(state, Completed(unit, answer, 1))
                case AskPerson(unit=unit, prompt=prompt):
                    decided = machine.decide(state, Responded(unit, prompt, answer))
            match decided:
                case Success(events) if events:
                    after = state
                    for event in events:
                        after = machine.evolve(after, event)
                    yield unit, name, tuple(map(_event_name, events)), after


def _tried(sample: Sample, request: Request) -> Mapping[str, str]:
    if isinstance(request, AskPerson):
        return sample.person
    return sample.said if request.shape is None else sample.due


def _event_name(event: Any) -> str:
    """``step_completed`` for ``chain.step_completed/1``."""
    name: str = event.type
    return name.partition(".")[2].partition("/")[0]


def _box(machine: Pattern[Any, Any], state: Any) -> Box:
    wanted = [request.unit for request in machine.wanted(state)]
    match machine.verdict(state):
        case Open():
            return _named("Open", wanted, "open")
        case Waiting():
            return _named("Waiting", wanted, "waiting")
        case Finished():
            return _named("Finished", [], "finished")
        case Failed(unit=unit):
            return _named("Failed", [f"at {unit}"], "failed")


def _named(heading: str, below: list[str], kind: BoxKind) -> Box:
    lines = (heading, *below)
    return Box("|".join(lines), lines, kind)
