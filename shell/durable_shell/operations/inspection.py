"""A workflow is inspected: what is wrong with it whatever it is given, and what is remarkable."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from durable_core.frozen import frozen
from durable_core.patterns import PATTERNS
from durable_core.persistent.frozen_dict import JSON
from durable_core.spec.features import unsupported
from durable_core.spec.models import Spec
from durable_core.spec.problems import Problem, at_most
from durable_core.spec.source import Source
from durable_core.spec.template_names import has_markup, templates
from durable_core.spec.undefined_names import needed_variables, undefined_names
from durable_core.spec.variables import declared_names, known_variables
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
    path: str, loaded: Loaded, *, file: Mapping[str, JSON], texts: Mapping[str, str]
) -> Inspection:
    """Inspect the workflow that is called ``path``.

    A run of it is given the variables of a ``file`` and those of a command line (``texts``), and maybe more.
    """
    spec = loaded.spec
    given = {*file, *texts}
    known = declared_names(spec) | given
    undefined = undefined_names(spec, known)
    values = known_variables(spec, file=file, given=texts)
    wrong = at_most(each.problem for each in undefined if not each.can_be_given)
    if any(place.may_look for place in templates(spec)):
        from durable_core.spec.absent_parts import check_parts, variable_shapes

        wrong += check_parts(spec, variable_shapes(spec, values, given))
    needed = placed(needed_variables(spec, undefined), loaded.source)
    return Inspection(
        problems=placed(wrong + unsupported(spec, patterns=frozenset(PATTERNS)), loaded.source),
        remarks=(
            *prompt_warnings(path, spec, loaded.source, known, values=values, given=given),
            *variable_warnings(spec, file=file, texts=texts),
            *(_remark("Note", path, problem) for problem in needed),
        ),
        undeclared=tuple(sorted({each.name for each in undefined if each.can_be_given})),
    )


def prompt_warnings(
    path: str,
    spec: Spec,
    source: Source,
    variables: Collection[str],
    *,
    values: Mapping[str, JSON],
    given: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Of what in agents' prompts goes to the model as it is written, for people.

    ``variables`` are the names of all variables. A run has these ``values``, but may have others of names
    that are not ``given``, if that is not None.
    """
    if not any(has_markup(agent.prompt) for agent in spec.agents.values()):
        return ()
    from durable_core.spec.absent_parts import absent_in_prompts, variable_shapes
    from durable_core.spec.oversights import unknown_in_prompts

    absent = absent_in_prompts(spec, variable_shapes(spec, values, given))
    unknown = placed(unknown_in_prompts(spec, variables) + absent, source)
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
