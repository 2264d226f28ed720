"""Workflows that tests of several commands run, all on the offline provider."""

from __future__ import annotations

ASK = """\
version: 0
name: ask
runtime: {provider: echo}
agents:
  drafter: {prompt: "You draft."}
  finisher: {prompt: "You finish."}
pattern:
  type: chain
  config:
    steps:
      - {agent: drafter, input: "echo: the draft"}
      - {type: hitl, prompt: "Send {{ last_response }}?", %s}
      - {agent: finisher, input: "echo: they said {{ hitl_response }}"}
"""
"""A draft, a question about it, and what was answered; `%` puts more into the question."""

TALE = """
version: 0
name: tale
runtime: {provider: echo}
inputs: {required: {topic: string}}
agents: {ann: {prompt: Be short.}}
pattern:
  type: chain
  config:
    steps: [{agent: ann, input: "On {{ topic }}."}, {agent: ann, input: "{{ last_response }}"}]
"""
"""Two steps that end at once, with a variable to give."""

WAITING = TALE.replace("steps: [", 'steps: [{type: hitl, prompt: "Go on?"}, ')
"""The same after a question."""

DIGEST = """\
version: 0
name: digest
runtime: {provider: scripted, host: script.json, failure_policy: {retries: 0}}
inputs: {optional: {source: {type: string, default: news}}}
agents: {scribe: {prompt: You write.}}
pattern:
  type: chain
  config:
    steps:
      - {agent: scribe, input: "collect {{ source }}, at great cost"}
      - {agent: scribe, input: "write it up"}
"""
"""A costly step and one after it; what the model answers stands in `script.json`."""

DIGEST_FAILS = {
    "rules": [{"match": {"contains": "write it up"}, "fault": "refused"}, {"answer": "costly facts"}]
}
DIGEST_WORKS = {
    "rules": [{"match": {"contains": "write it up"}, "answer": "done"}, {"answer": "costly facts"}]
}
"""Scripts: the second step fails, or works."""
