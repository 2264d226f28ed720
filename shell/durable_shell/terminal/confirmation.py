"""A yes or no from whoever sits at the terminal. Imports no machine: deleting is quick."""

from __future__ import annotations

from durable_shell.cli.environment import Environment


def agrees(environment: Environment, question: str) -> bool:
    """Whether the person says yes to ``question``, which ends where they type."""
    return typed_at(environment, question).strip().lower() in ("y", "yes")


def typed_at(environment: Environment, prompt: str) -> str:
    """The line that is typed after ``prompt``; empty at the end of the input."""
    environment.stderr.write(prompt)
    environment.stderr.flush()
    return environment.stdin.readline()
