"""Budgets: what a session may spend, over all its resumes (semantics, section 5)."""

from __future__ import annotations

from typing import Final, assert_never

from durable_core.bounds import MOST_COUNTED
from durable_core.patterns.base import Exhausted
from durable_core.session.events import BudgetWarned
from durable_core.session.state import BudgetName, Session

BUDGETS: Final[tuple[BudgetName, ...]] = ("max_tokens", "max_duration_s", "max_steps")


def whole_limit(given: str | float) -> float | None:
    """``given``, as a person says it, as the limit of a budget; None unless it is a whole number above 0.

    What is more than can be counted is as much as can be counted.
    """
    if isinstance(given, str):
        if not given.isascii() or not given.isdecimal():
            return None
        given = float(given)
    most = min(given, MOST_COUNTED)
    return float(most) if most >= 1 and most == int(most) else None


def limit(session: Session, budget: BudgetName) -> float | None:
    """What may be spent in all (tokens, units, seconds), or None for no limit."""
    allowed: float | None = getattr(session.budgets, budget)
    return allowed


def spent(session: Session, budget: BudgetName) -> float:
    """What was spent so far, in the budget's own measure."""
    match budget:
        case "max_tokens":
            return session.spending.usage.total
        case "max_steps":
            return session.spending.steps
        case "max_duration_s":
            return session.worked_s
        case _ as never:
            assert_never(never)


def any_limit(session: Session) -> bool:
    """Whether any budget is set at all."""
    allowed = session.budgets  # named one by one: this is asked at every report
    return not (allowed.max_tokens is None and allowed.max_duration_s is None and allowed.max_steps is None)


def unkept(session: Session) -> BudgetName | None:
    """The budget that can't be kept because a provider does not report what its calls cost; None if all can.

    What is reported still counts against it.
    """
    return "max_tokens" if session.budgets.max_tokens is not None and session.spending.unreported else None


def exhausted(session: Session) -> Exhausted | None:
    """The first budget that is used up, if one is."""
    for budget in BUDGETS:
        allowed = limit(session, budget)
        if allowed is not None and spent(session, budget) >= allowed:
            return Exhausted(budget, allowed, spent(session, budget))
    return None


def warnings(session: Session, at: float) -> tuple[BudgetWarned, ...]:
    """The budgets whose warn threshold is passed and that were not warned of yet."""
    due = []
    for budget in BUDGETS:
        allowed = limit(session, budget)
        if allowed is None or budget in session.spending.warned:
            continue
        if spent(session, budget) >= session.budgets.warn_threshold * allowed:
            due.append(BudgetWarned(at=at, budget=budget, spent=spent(session, budget), limit=allowed))
    return tuple(due)
