"""Every mutant: small lies in the core and the shell that the tests must not believe.

A mutant that lives says that a law is missing. Then the laws are strengthened, never the list shortened.
"""

from __future__ import annotations

from typing import Final

from tests.mutants import (
    in_journals,
    in_rounds,
    in_sessions,
    in_shapes,
    in_shell_runs,
    in_shell_shortage,
    in_shell_store,
    in_steps,
    in_templates,
)
from tests.mutants.mutant import Mutant

MUTANTS: Final[tuple[Mutant, ...]] = (
    *in_steps.MUTANTS,
    *in_rounds.MUTANTS,
    *in_sessions.MUTANTS,
    *in_journals.MUTANTS,
    *in_templates.MUTANTS,
    *in_shapes.MUTANTS,
    *in_shell_store.MUTANTS,
    *in_shell_runs.MUTANTS,
    *in_shell_shortage.MUTANTS,
)
