"""What importing the core brings into a process: nothing of the SDK, of networks, of screens."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import importlib, json, pkgutil, sys
import durable_core
names = [m.name for m in pkgutil.walk_packages(durable_core.__path__, "durable_core.")]
for name in names:
    importlib.import_module(name)
print(json.dumps([names, sorted({name.split(".")[0] for name in sys.modules})]))
"""

FOREIGN = frozenset(
    """
    strands boto3 botocore mcp httpx httpcore requests urllib3 aiohttp anyio openai ollama opentelemetry rich
    docopt durable_shell
    """.split()
)


def test_the_whole_core_imports_without_the_sdk_or_a_network_library() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    names, loaded = json.loads(run.stdout)
    assert "durable_core.patterns.base" in names
    assert FOREIGN.intersection(loaded) == set()
