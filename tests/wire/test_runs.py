"""The program itself with the real client of each provider: attempts are counted, and stdout stays ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.program import run
from tests.support.wire_cells import ENVIRONMENT, WIRE_PROVIDERS

SPEC = """
version: 0
name: tea
runtime:
  provider: {provider}
  model_id: tea-1
  host: "{host}"
  region: eu-central-1
  failure_policy: {{backoff: constant, wait_min: 0}}
agents: {{reader: {{prompt: "You read."}}}}
pattern: {{type: chain, config: {{steps: [{{agent: reader, input: "answer: Tea is a plant."}}]}}}}
"""


@pytest.mark.parametrize("provider", WIRE_PROVIDERS)
def test_a_fault_that_passes_is_tried_again_once_a_request_and_stdout_is_one_document(
    provider: str, tmp_path: Path
) -> None:
    how = WIRE_PROVIDERS[provider]
    spec = tmp_path / "tea.yaml"
    with how.server() as server:
        spec.write_text(SPEC.format(provider=provider, host=server.url + how.path))
        server.misbehave("status", status=503)
        server.misbehave("hangup")
        ran = run("run", spec, "--json", home=tmp_path, env=ENVIRONMENT)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["result"] == "Tea is a plant."
    assert [
        f"RETRY now (attempt {number} of 3: {provider} (tea-1)" in ran.stderr for number in (1, 2, 3)
    ] == [
        True,
        True,
        False,
    ], ran.stderr
    assert len(server.calls) == 3
