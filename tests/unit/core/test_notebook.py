"""The core on its own: one import reaches all of it, and costs nothing before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import durable_core


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
    text = """
        version: 0
        name: notebook
        runtime: {provider: echo}
        agents: {ann: {prompt: You are ann.}}
        pattern: {type: chain, config: {steps: [{agent: ann, input: Hello}]}}
    """
    spec = durable_core.parse_spec(text).unwrap()
    state = durable_core.chain.initial(spec)
    assert [request.unit for request in durable_core.chain.wanted(state)] == ["steps/0"]
    assert durable_core.MACHINES[spec.pattern.type] is durable_core.chain


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
