"""From a spec's model settings to a model of the SDK, one provider at a time.

Three steps, so that most of it can be tested without any provider's package: ``check_provider`` looks for
what is missing (cheap, before a run), ``arguments`` is a pure table from settings to constructor arguments,
and ``build_model`` imports the one module that is needed and constructs.

Every client's own retries are off, because the run's retry policy is the only one; every client has a
timeout, because a lost connection may stay silent for ever.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from returns.result import Failure, Result, Success

from durable_core.frozen import frozen
from durable_core.spec.problems import ProblemKind
from durable_core.spec.settings import ModelSettings

if TYPE_CHECKING:
    from strands.models.model import Model

CLIENT_TIMEOUT: Final = 300
"""Seconds of silence after which a client gives up, unless the spec limits the model's calls. A local model
may load for minutes before it speaks."""

CONNECT_TIMEOUT: Final = 10
"""Seconds to wait for a connection, where a client tells the two apart."""

ANTHROPIC_MAX_TOKENS: Final = 4096
"""Output tokens when the spec sets none; this provider alone insists on a number."""


@frozen()
class ProviderProblem:
    """Why a provider can't be used: what is wrong, and what to do about it."""

    message: str
    hint: str
    kind: ProblemKind = "invalid"
    """What has to change: the spec, what is installed, or the call with its environment."""


@frozen(kw_only=True)
class ProviderModule:
    """What one provider needs: a package (and the extra that brings it), one of some keys, a model name."""

    package: str | None = None
    extra: str | None = None
    keys: tuple[str, ...] = ()
    needs_model: bool = True


MODEL_FACTORIES: Final[Mapping[str, ProviderModule]] = {
    "bedrock": ProviderModule(needs_model=False),
    "openai": ProviderModule(package="openai", extra="openai", keys=("OPENAI_API_KEY",)),
    "anthropic": ProviderModule(package="anthropic", extra="anthropic", keys=("ANTHROPIC_API_KEY",)),
    "ollama": ProviderModule(package="ollama", extra="ollama"),
    "gemini": ProviderModule(
        package="google.genai", extra="gemini", keys=("GEMINI_API_KEY", "GOOGLE_API_KEY")
    ),
    "mistral": ProviderModule(package="mistralai", extra="mistral", keys=("MISTRAL_API_KEY",)),
    "litellm": ProviderModule(package="litellm", extra="litellm"),
    "llamacpp": ProviderModule(needs_model=False),
    "echo": ProviderModule(needs_model=False),
    "scripted": ProviderModule(needs_model=False),
}

OPTIONAL_KEY: Final = frozenset({"openai"})
"""Providers whose servers need no key when ``host`` names one of your own."""

NO_KEY: Final = "not-needed"
"""Sent to a server of one's own where no key is set, because the client insists on one."""

_STREAMS: Final[Mapping[str, str]] = {
    "openai": "OpenAIStream",
    "anthropic": "AnthropicStream",
    "ollama": "OllamaStream",
    "gemini": "GeminiStream",
    "mistral": "MistralStream",
    "litellm": "LiteLLMStream",
    "llamacpp": "LlamaCppStream",
}
"""The class of each provider that needs nothing but its arguments; its module has the provider's name."""

_ECHO_OPTIONS = re.compile(r"echo:delay=(\d{1,5}(?:\.\d{1,6})?)")


def check_provider(settings: ModelSettings, env: Mapping[str, str]) -> ProviderProblem | None:
    """What stands in the way of using this provider, or None. Imports no provider and opens no connection."""
    provider = MODEL_FACTORIES.get(settings.provider)
    if provider is None:
        known = ", ".join(MODEL_FACTORIES)
        return ProviderProblem(f"The provider '{settings.provider}' is not known.", f"Use one of: {known}.")
    if provider.package and not _installed(provider.package):
        return _missing_extra(settings.provider)
    if provider.needs_model and not settings.model_id:
        return ProviderProblem(
            f"The provider '{settings.provider}' needs a model name.",
            "Set runtime.model_id, or model_id of the agent.",
        )
    own_server = settings.provider in OPTIONAL_KEY and settings.host
    if provider.keys and not own_server and _key(provider, env) is None:
        names = " or ".join(provider.keys)
        return ProviderProblem(
            f"The provider '{settings.provider}' needs an API key and {names} is not set.",
            f"Set the environment variable {names}.",
            kind="usage",
        )
    name = next((name for name in provider.keys if env.get(name)), None)
    if name is not None and not _is_sendable(env[name]):
        return ProviderProblem(
            f"The API key in {name} can't be sent: it is not printable ASCII.",
            f"Set {name} to the key itself, without a line break.",
            kind="usage",
        )
    if settings.provider == "echo":
        return _check_echo(settings)
    if settings.provider == "scripted":
        return _check_script(settings)
    return None


def secrets(settings: ModelSettings, env: Mapping[str, str]) -> tuple[str, ...]:
    """The key values that this provider may be given, so that no message repeats one."""
    provider = MODEL_FACTORIES.get(settings.provider, ProviderModule())
    return tuple(value for name in provider.keys if (value := env.get(name)))


def cache_key(settings: ModelSettings) -> ModelSettings:
    """Settings that may share one model object are equal here.

    A script counts its calls in its model, so all agents that play one script share it, whatever their
    inference settings, which a script does not read.
    """
    if settings.provider != "scripted":
        return settings
    return replace(settings, region=None, temperature=None, top_p=None, max_tokens=None, timeout=None)


def arguments(settings: ModelSettings, env: Mapping[str, str]) -> dict[str, Any]:
    """The constructor arguments of the provider's model, as plain data.

    Client settings are nested under the name that the SDK's model gives them. Call ``check_provider`` first:
    an unknown provider is a KeyError here.
    """
    key = _key(MODEL_FACTORIES[settings.provider], env)
    silence = settings.timeout or CLIENT_TIMEOUT
    match settings.provider:
        case "bedrock":
            return _known(
                region_name=settings.region,
                endpoint_url=settings.host,
                model_id=settings.model_id,
                **_inference(settings),
                boto_client_config={
                    "retries": {"total_max_attempts": 1, "mode": "standard"},
                    "read_timeout": silence,
                    "connect_timeout": CONNECT_TIMEOUT,
                },
            )
        case "openai":
            client = _known(
                api_key=key or NO_KEY,
                base_url=settings.host or env.get("OPENAI_BASE_URL"),
                max_retries=0,
                timeout=silence,
            )
            return {"client_args": client, "model_id": settings.model_id, "params": _inference(settings)}
        case "anthropic":
            return {
                "client_args": _known(api_key=key, base_url=settings.host, max_retries=0, timeout=silence),
                "model_id": settings.model_id,
                "max_tokens": settings.max_tokens or ANTHROPIC_MAX_TOKENS,
                "params": _known(temperature=settings.temperature, top_p=settings.top_p),
            }
        case "ollama":
            return {
                "host": settings.host,
                "ollama_client_args": {"timeout": silence},
                "model_id": settings.model_id,
                **_inference(settings),
            }
        case "gemini":
            http_options = _known(
                base_url=settings.host,
                timeout=int(silence * 1000),  # milliseconds
                retry_options={"attempts": 1},  # the first one counts
            )
            return {
                "client_args": {"api_key": key, "http_options": http_options},
                "model_id": settings.model_id,
                "params": _known(
                    temperature=settings.temperature,
                    top_p=settings.top_p,
                    max_output_tokens=settings.max_tokens,
                ),
            }
        case "mistral":
            # This client retries only when it is given a retry policy.
            return {
                "api_key": key,
                "client_args": _known(server_url=settings.host, timeout_ms=int(silence * 1000)),
                "model_id": settings.model_id,
                **_inference(settings),
            }
        case "litellm":
            return {
                "client_args": _known(api_base=settings.host, num_retries=0, max_retries=0, timeout=silence),
                "model_id": settings.model_id,
                "params": _inference(settings),
            }
        case "llamacpp":
            return {
                **_known(base_url=settings.host, model_id=settings.model_id),
                "timeout": float(silence),
                "params": _inference(settings),
            }
        case "echo":
            return {"model_id": settings.model_id or "echo", "delay": _echo_delay(settings)}
        case _:
            return {"path": _script_path(settings)}


def with_located_script(settings: ModelSettings, folder: Path) -> ModelSettings:
    """The same settings; a relative path to a script begins at ``folder``, the spec's own."""
    if settings.provider != "scripted" or not _script_path(settings):
        return settings
    return replace(settings, host=str(folder / _script_path(settings)))


def build_model(settings: ModelSettings, env: Mapping[str, str]) -> Result[Model, ProviderProblem]:
    """The SDK's model for these settings; importing a provider takes up to a second, once."""
    if problem := check_provider(settings, env):
        return Failure(problem)
    try:
        return Success(cast("Model", _construct(settings.provider, arguments(settings, env))))
    except ImportError:
        return Failure(_missing_extra(settings.provider))
    except Exception as error:  # a provider's own check of its arguments: any type of exception
        return Failure(
            ProviderProblem(
                f"The provider '{settings.provider}' could not be set up: {type(error).__name__}: {error}",
                "Check the runtime section and the agent's inference settings.",
            )
        )


async def close_model(model: Model) -> None:
    """Let go of the model's connections. A failure to say goodbye is nobody's problem."""
    held = (model, getattr(model, "client", None), getattr(model, "_custom_client", None))
    for holder in held:
        closing = getattr(holder, "aclose", None) or getattr(holder, "close", None)
        if closing is None:
            continue
        with contextlib.suppress(Exception):
            waiting = closing()
            if hasattr(waiting, "__await__"):
                await waiting


def _construct(provider: str, given: dict[str, Any]) -> object:
    match provider:
        case "bedrock":
            config = _load("botocore.config", "Config")(**given.pop("boto_client_config"))
            return _load("durable_shell.providers.streams.bedrock", "BedrockStream")(
                boto_client_config=config, **given
            )
        case "echo":
            return _load("durable_shell.providers.offline.echo", "EchoModel")(**given)
        case "scripted":
            script = _load("durable_shell.providers.offline.script_file", "load_script")(given["path"])
            return _load("durable_shell.providers.offline.scripted", "ScriptedModel")(script.unwrap())
        case _:
            return _load(f"durable_shell.providers.streams.{provider}", _STREAMS[provider])(**given)


def _load(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:  # a dotted name whose parent is missing
        return False


def _missing_extra(provider: str) -> ProviderProblem:
    extra = MODEL_FACTORIES[provider].extra
    package = f"strands-durable[{extra}]" if extra else "strands-durable"
    return ProviderProblem(
        f"The provider '{provider}' needs a package that is not installed.",
        f"Install it into the same environment: pip install '{package}'",
        kind="unsupported",
    )


def _key(provider: ProviderModule, env: Mapping[str, str]) -> str | None:
    return next((env[name] for name in provider.keys if env.get(name)), None)


def _is_sendable(key: str) -> bool:
    """Whether a key can stand in a header of HTTP."""
    return key.isascii() and key.isprintable()


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _inference(settings: ModelSettings) -> dict[str, Any]:
    return _known(temperature=settings.temperature, top_p=settings.top_p, max_tokens=settings.max_tokens)


def _echo_delay(settings: ModelSettings) -> float:
    options = _ECHO_OPTIONS.fullmatch(settings.model_id or "")
    return float(options.group(1)) if options else 0.0


def _check_echo(settings: ModelSettings) -> ProviderProblem | None:
    model_id = settings.model_id or ""
    if model_id.startswith("echo:") and not _ECHO_OPTIONS.fullmatch(model_id):
        return ProviderProblem(
            f"The echo provider does not understand '{model_id}'.",
            "Write the seconds that each call takes, as in echo:delay=0.05, or only echo.",
        )
    return None


def _script_path(settings: ModelSettings) -> str:
    return settings.host or settings.model_id or ""


def _check_script(settings: ModelSettings) -> ProviderProblem | None:
    if not _script_path(settings):
        return ProviderProblem(
            "The provider 'scripted' needs a script.", "Set runtime.host to the path of a YAML or JSON file."
        )
    from durable_shell.providers.offline.script_file import load_script

    loaded = load_script(_script_path(settings))
    if isinstance(loaded, Failure):
        wrong = loaded.failure()
        return ProviderProblem(wrong.message, wrong.hint or "", kind=wrong.kind)
    return None
