"""What every example test stands on: a home of its own, and none of the developer's keys and settings."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.profiles import pytest_collection_modifyitems

__all__ = ["home", "pytest_collection_modifyitems"]

_SETTINGS_OF_THE_DEVELOPER = (
    "ANTHROPIC_API_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_SECRET_ACCESS_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "MISTRAL_API_KEY",
    "OLLAMA_HOST",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "COLUMNS",
    "FORCE_COLOR",
    "NO_COLOR",
)


def _stay(*_: object) -> None:
    """What a test run does about a terminal that closes while it runs under nohup: nothing."""


# A shell starts what runs in its background with SIGINT ignored, and nohup what it runs with SIGHUP ignored.
# Every program that a test starts would inherit that. A signal that is handled here is not ignored there.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, _stay)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of an empty home folder: no test reads or writes the developer's own sessions."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("STRANDS_HOME", str(folder / ".strands"))
    for name in _SETTINGS_OF_THE_DEVELOPER:
        monkeypatch.delenv(name, raising=False)
    return folder
