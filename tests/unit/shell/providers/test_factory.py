"""From settings to a provider's model: what is missing, what is passed on, and that no client tries twice."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, get_args

import pytest
from returns.result import Failure, Success

from durable_core.spec.models import Provider
from durable_core.spec.settings import ModelSettings
from durable_shell.providers import factory
from durable_shell.providers.factory import (
    CLIENT_TIMEOUT,
    MODEL_FACTORIES,
    arguments,
    build_model,
    cache_key,
    check_provider,
    close_model,
    secrets,
)
from tests.support.model_kit import settings

ENV = {
    "OPENAI_API_KEY": "key-openai",
    "ANTHROPIC_API_KEY": "key-anthropic",
    "GOOGLE_API_KEY": "key-google",
    "MISTRAL_API_KEY": "key-mistral",
}
HOT = {"temperature": 0.5, "top_p": 0.9, "max_tokens": 100}
AWS_CLIENT = {
    "retries": {"total_max_attempts": 1, "mode": "standard"},
    "read_timeout": CLIENT_TIMEOUT,
    "connect_timeout": 10,
}

TABLE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("bedrock", {}, {"boto_client_config": AWS_CLIENT}),
    (
        "bedrock",
        {"model_id": "m", "region": "eu-west-1", "host": "http://vpc", **HOT},
        {
            "region_name": "eu-west-1",
            "endpoint_url": "http://vpc",
            "model_id": "m",
            **HOT,
            "boto_client_config": AWS_CLIENT,
        },
    ),
    (
        "openai",
        {"model_id": "m"},
        {
            "client_args": {"api_key": "key-openai", "max_retries": 0, "timeout": 300},
            "model_id": "m",
            "params": {},
        },
    ),
    (
        "openai",
        {"model_id": "m", "host": "http://h/v1", **HOT},
        {
            "client_args": {
                "api_key": "key-openai",
                "base_url": "http://h/v1",
                "max_retries": 0,
                "timeout": 300,
            },
            "model_id": "m",
            "params": HOT,
        },
    ),
    (
        "anthropic",
        {"model_id": "m"},
        {
            "client_args": {"api_key": "key-anthropic", "max_retries": 0, "timeout": 300},
            "model_id": "m",
            "max_tokens": 4096,
            "params": {},
        },
    ),
    (
        "anthropic",
        {"model_id": "m", "host": "http://h", **HOT},
        {
            "client_args": {
                "api_key": "key-anthropic",
                "base_url": "http://h",
                "max_retries": 0,
                "timeout": 300,
            },
            "model_id": "m",
            "max_tokens": 100,
            "params": {"temperature": 0.5, "top_p": 0.9},
        },
    ),
    (
        "ollama",
        {"model_id": "m", **HOT},
        {"host": None, "ollama_client_args": {"timeout": 300}, "model_id": "m", **HOT},
    ),
    (
        "gemini",
        {"model_id": "m", **HOT},
        {
            "client_args": {
                "api_key": "key-google",
                "http_options": {"timeout": 300_000, "retry_options": {"attempts": 1}},
            },
            "model_id": "m",
            "params": {"temperature": 0.5, "top_p": 0.9, "max_output_tokens": 100},
        },
    ),
    (
        "mistral",
        {"model_id": "m", "host": "http://h", **HOT},
        {
            "api_key": "key-mistral",
            "client_args": {"server_url": "http://h", "timeout_ms": 300_000},
            "model_id": "m",
            **HOT,
        },
    ),
    (
        "litellm",
        {"model_id": "openai/m", "host": "http://h"},
        {
            "client_args": {"api_base": "http://h", "num_retries": 0, "max_retries": 0, "timeout": 300},
            "model_id": "openai/m",
            "params": {},
        },
    ),
    ("llamacpp", {}, {"timeout": 300.0, "params": {}}),
    (
        "llamacpp",
        {"host": "http://h", "model_id": "m", **HOT},
        {"base_url": "http://h", "model_id": "m", "timeout": 300.0, "params": HOT},
    ),
    ("llamacpp", {"timeout": 12.5}, {"timeout": 12.5, "params": {}}),
    (
        "mistral",
        {"model_id": "m", "timeout": 12.5},
        {"api_key": "key-mistral", "client_args": {"timeout_ms": 12_500}, "model_id": "m"},
    ),
    ("echo", {}, {"model_id": "echo", "delay": 0.0}),
    ("echo", {"model_id": "echo:delay=0.05"}, {"model_id": "echo:delay=0.05", "delay": 0.05}),
    ("echo", {"model_id": "gpt-4o", **HOT}, {"model_id": "gpt-4o", "delay": 0.0}),
    ("scripted", {"host": "a.yaml"}, {"path": "a.yaml"}),
    ("scripted", {"model_id": "b.yaml"}, {"path": "b.yaml"}),
]


@pytest.mark.parametrize(("provider", "given", "expected"), TABLE)
def test_settings_become_constructor_arguments(
    provider: str, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert arguments(settings(provider, **given), ENV) == expected


def test_the_table_of_arguments_covers_every_provider() -> None:
    assert {provider for provider, _, _ in TABLE} == set(MODEL_FACTORIES) == set(get_args(Provider))


@pytest.mark.parametrize("provider", ["openai", "anthropic", "gemini", "mistral"])
def test_a_missing_key_is_named_before_the_run(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "_installed", lambda package: True)
    problem = check_provider(settings(provider, model_id="m"), {})
    assert problem is not None
    assert MODEL_FACTORIES[provider].keys[0] in problem.message
    assert MODEL_FACTORIES[provider].keys[0] in problem.hint
    assert check_provider(settings(provider, model_id="m"), ENV) is None


def test_an_empty_key_is_a_missing_key() -> None:
    assert check_provider(settings("openai", model_id="m"), {"OPENAI_API_KEY": ""}) is not None


def test_only_the_key_that_is_sent_must_fit_into_a_header() -> None:
    for key in ("sk-\n", "sk-\udce9", "sk-é"):
        problem = check_provider(settings("gemini", model_id="m"), {"GEMINI_API_KEY": key})
        assert problem is not None
        assert (problem.kind, "GEMINI_API_KEY" in problem.message) == ("usage", True)
        assert key not in f"{problem.message} {problem.hint}"
        env = {"GEMINI_API_KEY": "sk", "GOOGLE_API_KEY": key}
        assert check_provider(settings("gemini", model_id="m"), env) is None


def test_a_server_of_ones_own_needs_no_openai_key() -> None:
    own = settings("openai", model_id="m", host="http://localhost:8000/v1")
    assert check_provider(own, {}) is None
    assert arguments(own, {})["client_args"]["api_key"] == "not-needed"


def test_the_openai_base_url_of_the_environment_counts_when_the_spec_names_no_host() -> None:
    env = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://gateway/v1"}
    assert arguments(settings("openai", model_id="m"), env)["client_args"]["base_url"] == "http://gateway/v1"


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama", "gemini", "mistral", "litellm"])
def test_a_missing_model_name_is_a_problem_where_there_is_no_default(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "_installed", lambda package: True)
    problem = check_provider(settings(provider), ENV)
    assert problem is not None
    assert "model_id" in problem.hint


@pytest.mark.parametrize("provider", ["bedrock", "llamacpp", "echo"])
def test_providers_with_a_default_model_need_nothing(provider: str) -> None:
    assert check_provider(settings(provider), {}) is None


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama", "gemini", "mistral", "litellm"])
def test_a_missing_package_names_the_extra_to_install(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "_installed", lambda package: False)
    problem = check_provider(settings(provider, model_id="m"), ENV)
    assert problem is not None
    assert problem.hint.endswith(f"pip install 'strands-durable[{provider}]'")


def test_a_package_that_fails_to_import_names_the_extra_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)  # importing it now raises ImportError
    monkeypatch.delitem(sys.modules, "durable_shell.providers.streams.openai", raising=False)
    monkeypatch.setattr(factory, "_installed", lambda package: True)
    built = build_model(settings("openai", model_id="m"), ENV)
    assert isinstance(built, Failure)
    assert built.failure().hint.endswith("pip install 'strands-durable[openai]'")


def test_a_dotted_package_whose_parent_is_missing_is_not_installed() -> None:
    assert not factory._installed("no_such_parent.child")
    assert factory._installed("json")


def test_an_unknown_provider_is_a_problem_that_lists_the_known() -> None:
    built = build_model(settings("openia", model_id="m"), {})
    assert isinstance(built, Failure)
    assert "openia" in built.failure().message
    assert "openai" in built.failure().hint


@pytest.mark.parametrize("model_id", ["echo:", "echo:delay", "echo:delay=fast", "echo:delay=-1", "echo:x=1"])
def test_an_echo_option_that_makes_no_sense_is_a_problem(model_id: str) -> None:
    problem = check_provider(settings("echo", model_id=model_id), {})
    assert problem is not None
    assert model_id in problem.message


def test_a_script_is_checked_before_the_run(tmp_path: Any) -> None:
    assert "needs a script" in str(check_provider(settings("scripted"), {}))
    assert "cannot be read" in str(check_provider(settings("scripted", host=str(tmp_path / "none")), {}))
    good = tmp_path / "s.yaml"
    good.write_text("rules: [{answer: a}]")
    assert check_provider(settings("scripted", model_id=str(good)), {}) is None


def test_a_provider_that_rejects_its_arguments_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**given: Any) -> None:
        raise ValueError("temperature must be between 0.0 and 1.0")

    monkeypatch.setattr(factory, "_load", lambda module, name: refuse)
    built = build_model(settings("echo", temperature=1.5), {})
    assert isinstance(built, Failure)
    assert "temperature must be" in built.failure().message


def test_no_client_tries_twice_and_every_client_has_a_timeout() -> None:
    openai_model = built(settings("openai", model_id="m"))
    assert openai_model._custom_client.max_retries == 0
    assert openai_model._custom_client.timeout == CLIENT_TIMEOUT
    bedrock = built(settings("bedrock", model_id="m", region="us-east-1", temperature=0.5))
    assert bedrock.client.meta.config.retries["total_max_attempts"] == 1
    assert bedrock.client.meta.config.read_timeout == CLIENT_TIMEOUT
    assert bedrock.get_config()["temperature"] == 0.5
    llamacpp = built(settings("llamacpp"))
    assert llamacpp.client.timeout.read == CLIENT_TIMEOUT
    ollama = built(settings("ollama", model_id="m"))
    for model in (openai_model, bedrock, llamacpp, ollama, built(settings("echo"))):
        asyncio.run(close_model(model))
    assert openai_model._custom_client.is_closed()
    assert llamacpp.client.is_closed


def built(given: ModelSettings) -> Any:
    result = build_model(given, ENV)
    assert isinstance(result, Success), result
    return result.unwrap()


def test_a_client_that_will_not_close_is_left_alone() -> None:
    class Stubborn:
        async def close(self) -> None:
            raise OSError("no")

    asyncio.run(close_model(Stubborn()))  # type: ignore[arg-type] # any object with a close


def test_secrets_are_the_keys_that_are_set() -> None:
    assert secrets(settings("openai"), ENV) == ("key-openai",)
    assert secrets(settings("gemini"), ENV) == ("key-google",)
    assert secrets(settings("echo"), ENV) == ()
    assert secrets(settings("unheard-of"), ENV) == ()


def test_only_scripts_are_shared_across_inference_settings() -> None:
    assert cache_key(settings("scripted", host="a", **HOT)) == settings("scripted", host="a")
    assert cache_key(settings("echo", **HOT)) == settings("echo", **HOT)
