"""A workflow is inspected: what is wrong with it whatever it is given, and what is remarkable."""

from __future__ import annotations

from collections.abc import Collection

from durable_core.frozen import frozen
from durable_core.patterns import PATTERNS
from durable_core.spec.features import unsupported
from durable_core.spec.models import Spec
from durable_core.spec.problems import Problem, at_most
from durable_core.spec.source import Source
from durable_core.spec.template_names import has_markup
from durable_core.spec.undefined_names import needed_variables, undefined_names
from durable_core.spec.variables import declared_names
from durable_shell.sources.spec_file import Loaded, placed
from durable_shell.terminal.messages import errors as error_messages


@frozen()
class Inspection:
    """``problems`` keep a workflow from running, ``remarks`` are for people.

    ``undeclared`` are the variables that a run has to be given and no input declares.
    """

    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]
    undeclared: tuple[str, ...]


def inspect_workflow(
    path: str, loaded: Loaded, *, file: Collection[str], texts: Collection[str]
) -> Inspection:
    """Inspect the workflow that is called ``path``.

    A run of it is given the variables of a ``file`` and those of a command line (``texts``), and maybe more.
    """
    spec = loaded.spec
    known = declared_names(spec) | {*file, *texts}
    undefined = undefined_names(spec, known)
    wrong = at_most(each.problem for each in undefined if not each.can_be_given)
    needed = placed(needed_variables(spec, undefined), loaded.source)
    return Inspection(
        problems=placed(wrong + unsupported(spec, patterns=frozenset(PATTERNS)), loaded.source),
        remarks=(
            *prompt_warnings(path, spec, loaded.source, known),
            *variable_warnings(spec, file=file, texts=texts),
            *(_remark("Note", path, problem) for problem in needed),
        ),
        undeclared=tuple(sorted({each.name for each in undefined if each.can_be_given})),
    )


def prompt_warnings(path: str, spec: Spec, source: Source, variables: Collection[str]) -> tuple[str, ...]:
    """Of names in agents' prompts that go to the model as they are written, for people."""
    if not any(has_markup(agent.prompt) for agent in spec.agents.values()):
        return ()
    from durable_core.spec.oversights import unknown_in_prompts

    unknown = placed(unknown_in_prompts(spec, variables), source)
    return tuple(_remark("⚠ Warning", path, problem) for problem in unknown)


def variable_warnings(
    spec: Spec, *, file: Collection[str] = (), texts: Collection[str] = ()
) -> tuple[str, ...]:
    """Of variables that have no effect, for people.

    A file of variables may serve several workflows, so of those in it only what looks mistyped is told.
    """
    given = {*file, *texts}
    if given <= declared_names(spec):
        return ()
    from durable_core.spec.oversights import unused_variables

    warned = [*unused_variables(spec, texts, given)]
    warned += [each for each in unused_variables(spec, file, given) if each[1] is not None]
    return tuple(error_messages.variable_unused(name, hint or "") for name, hint in warned)


def _remark(word: str, path: str, problem: Problem) -> str:
    return error_messages.remark(
        word, path, problem.line, problem.column, problem.message, problem.hint or ""
    )
