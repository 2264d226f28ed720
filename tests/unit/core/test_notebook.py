"""The core on its own: one import reaches all of it, and costs nothing before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import durable_core

CHAIN = """
version: 0
name: notebook
runtime: {provider: echo}
agents: {ann: {prompt: You are ann.}}
pattern: {type: chain, config: {steps: [{agent: ann, input: Hello}]}}
"""


def loaded_after(program: str) -> set[str]:
    """The top-level packages that a fresh process holds after ``program``."""
    shown = "; import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", program + shown], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_name_that_the_core_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'durable_core' has no attribute 'registry'"):
        getattr(durable_core, "registry")  # noqa: B009  # the type checker knows that it is not there


@pytest.mark.parametrize("name", durable_core.__all__)
def test_every_name_that_the_core_promises_is_there(name: str) -> None:
    # asked twice: a module that was imported elsewhere is found without the core's help
    assert durable_core.__getattr__(name) is getattr(durable_core, name)
    assert name in dir(durable_core)


def test_a_chain_can_be_driven_with_one_import() -> None:
    spec = durable_core.parse_spec(CHAIN).unwrap()
    state = durable_core.chain.initial(spec)
    assert [request.unit for request in durable_core.chain.wanted(state)] == ["steps/0"]
    assert durable_core.PATTERNS[spec.pattern.type].wanted is durable_core.chain.wanted


def test_a_session_can_be_driven_killed_and_resumed_with_one_import() -> None:
    c = durable_core
    spec = c.parse_spec(CHAIN).unwrap()
    source = c.Source(text=CHAIN, format="yaml", sha256="0")
    first = c.SessionStarted(
        at=0.0, session_id="s", spec=spec, source=source, variables={}, options=c.Options()
    )
    session = c.start(first)
    (attempt,) = c.wanted(session)
    assert c.brief(session, attempt).unwrap().prompt == "Hello"
    begun = c.decide(session, c.commands.UnitsStarted(at=1.0, starts=(c.commands.UnitStart("steps/0", 1),)))

    lines = [c.codec.encode(event) for event in (first, *begun.unwrap())]
    session = c.replay(c.codec.decode_all(lines).unwrap()).unwrap()
    session = c.evolve_all(session, c.decide(session, c.commands.Resume(at=2.0)).unwrap())
    assert [attempt.number for attempt in c.wanted(session)] == [2]

    starts = (c.commands.UnitStart("steps/0", 2),)
    answer = c.commands.Answered(
        at=3.0,
        unit="steps/0",
        attempt=2,
        text="Hi.",
        usage=c.Usage(1, 1),
        mark=c.Mark(count=0, digest=""),
    )
    for command in (c.commands.UnitsStarted(at=2.0, starts=starts), answer):
        session = c.evolve_all(session, c.decide(session, command).unwrap())
    assert isinstance(c.verdict(session), c.Finished)
    assert (c.status(session), c.verdict(session).result) == ("completed", "Hi.")


def test_importing_the_core_loads_nothing_but_the_standard_library() -> None:
    for program in (
        "import durable_core",
        "import durable_core.catalog.lookup",
        "from durable_core.catalog import lookup",
    ):
        heavy = {"pydantic", "yaml", "jinja2", "rpds", "returns", "strands", "durable_shell"}
        assert loaded_after(program) & heavy == set()


def test_using_the_core_brings_in_no_sdk_and_no_network_library() -> None:
    loaded = loaded_after(
        "import durable_core; durable_core.session; durable_core.chain; durable_core.documents"
    )
    banned = {
        "strands",
        "boto3",
        "botocore",
        "httpx",
        "requests",
        "urllib3",
        "asyncio",
        "rich",
        "durable_shell",
    }
    assert "pydantic" in loaded
    assert loaded & banned == set()
