"""Cross checks: what only the whole spec can tell."""

from __future__ import annotations

import copy
import itertools
from difflib import SequenceMatcher
from typing import Any

import pytest

from durable_core.spec.base_types import LONGEST_WAIT_S
from durable_core.spec.features import unsupported
from durable_core.spec.graph_algorithms import cycles, reachable
from durable_core.spec.models import PATTERN_TYPES, Spec
from durable_core.spec.problems import Problem, parts_of, path_of, pointer_of
from durable_core.spec.suggestions import did_you_mean, listed, nearest
from durable_core.spec.template_names import templates
from durable_core.spec.tool_refs import short_name
from durable_core.spec.validation_messages import schema_of
from durable_core.templates.rendering import render
from tests.support.spec_kit import CONFIGS, HUMAN, chain, document, full, good, only, problems

C = "/pattern/config"


def workflow(*tasks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return document("workflow", {"tasks": [{"agent": "writer", **task} for task in tasks]}, **more)


def graph(nodes: dict[str, Any], *edges: dict[str, Any]) -> dict[str, Any]:
    return document("graph", {"nodes": nodes, "edges": list(edges)})


AGENT_PLACES = [
    ("chain", {"steps": [{"agent": "X"}]}, f"{C}/steps/0/agent"),
    ("workflow", {"tasks": [{"id": "a", "agent": "X"}]}, f"{C}/tasks/0/agent"),
    ("routing", {**CONFIGS["routing"], "router": {"agent": "X"}}, f"{C}/router/agent"),
    ("routing", {**CONFIGS["routing"], "routes": {"r/": {"then": [{"agent": "X"}]}}}, None),
    (
        "routing",
        {**CONFIGS["routing"], "routes": {"r": {"then": [{"agent": "X"}]}}},
        f"{C}/routes/r/then/0/agent",
    ),
    (
        "parallel",
        {"branches": [{"id": "a", "steps": [{"agent": "X"}]}, CONFIGS["parallel"]["branches"][1]]},
        f"{C}/branches/0/steps/0/agent",
    ),
    ("parallel", {**CONFIGS["parallel"], "reduce": {"agent": "X"}}, f"{C}/reduce/agent"),
    (
        "orchestrator_workers",
        {**CONFIGS["orchestrator_workers"], "orchestrator": {"agent": "X"}},
        f"{C}/orchestrator/agent",
    ),
    (
        "orchestrator_workers",
        {**CONFIGS["orchestrator_workers"], "worker_template": {"agent": "X"}},
        f"{C}/worker_template/agent",
    ),
    (
        "orchestrator_workers",
        {**CONFIGS["orchestrator_workers"], "reduce": {"agent": "X"}},
        f"{C}/reduce/agent",
    ),
    (
        "orchestrator_workers",
        {**CONFIGS["orchestrator_workers"], "writeup": {"agent": "X"}},
        f"{C}/writeup/agent",
    ),
    ("evaluator_optimizer", {**CONFIGS["evaluator_optimizer"], "producer": "X"}, f"{C}/producer"),
    (
        "evaluator_optimizer",
        {**CONFIGS["evaluator_optimizer"], "evaluator": {"agent": "X"}},
        f"{C}/evaluator/agent",
    ),
    ("graph", {**CONFIGS["graph"], "nodes": {"start": {"agent": "X"}}}, f"{C}/nodes/start/agent"),
]


@pytest.mark.parametrize(("kind", "config", "pointer"), [place for place in AGENT_PLACES if place[2]])
def test_an_unknown_agent_is_told_wherever_it_is_named(
    kind: str, config: dict[str, Any], pointer: str
) -> None:
    problem = only(document(kind, config))
    assert problem.pointer == pointer
    assert "the agent 'X', which does not exist" in problem.message
    assert problem.hint == "There is 'writer'."


def test_a_misspelt_agent_gets_the_nearest_one() -> None:
    assert only(chain({"agent": "wirter"})).hint == "Did you mean 'writer'?"


@pytest.mark.parametrize(
    "name",
    [
        "calculator",
        "strands_tools.http_request",
        "strands_tools.file_read.file_read",
        "python_exec",
        "http_executors",
        "pack.mod.func",
        "func",
        "other",
        "./tools/weather.py",
        "weather",
        "files",
        "gh",
    ],
)
def test_a_declared_or_built_in_tool_may_be_named(name: str) -> None:
    tools = {
        "python": ["pack.mod.func", "pack.mod:other", "./tools/weather.py"],
        "mcp": [{"id": "files", "command": "npx"}],
        "http_executors": [{"id": "gh", "base_url": "https://example.org"}],
    }
    assert problems(document(tools=tools, agents={"writer": {"prompt": "x", "tools": [name]}})) == ()


def test_an_unknown_tool_is_told_wherever_it_is_named() -> None:
    agents = {"writer": {"prompt": "x", "tools": ["calculator", "calcualtor"]}}
    assert only(document(agents=agents)).pointer == "/agents/writer/tools/1"
    assert only(document(agents=agents)).hint == "Did you mean 'calculator'?"
    assert (
        only(chain({"agent": "writer", "tool_overrides": ["zz"]})).pointer == f"{C}/steps/0/tool_overrides/0"
    )
    template = {"agent": "writer", "tools": ["zz"]}
    config = {**CONFIGS["orchestrator_workers"], "worker_template": template}
    assert only(document("orchestrator_workers", config)).pointer == f"{C}/worker_template/tools/0"


def test_the_short_name_of_a_tool_is_its_function_or_its_file() -> None:
    assert [short_name(path) for path in ("a.b.c", "a.b:c", "./x/y.py", "one")] == ["c", "c", "y", "one"]


@pytest.mark.parametrize(
    ("data", "pointer", "word"),
    [
        (workflow({"id": "a"}, {"id": "a"}), f"{C}/tasks/1/id", "a second task 'a'"),
        (
            workflow({"id": "a"}, {"id": "b", "deps": ["a", "a"]}),
            f"{C}/tasks/1/deps/1",
            "a second dependency 'a'",
        ),
        (
            document("parallel", {"branches": [CONFIGS["parallel"]["branches"][0]] * 2}),
            f"{C}/branches/1/id",
            "branch",
        ),
        (document(tags=["a", "b", "a"]), "/tags/2", "a second tag 'a'"),
        (document(skills=[{"id": "s", "path": "p"}, {"id": "s", "path": "q"}]), "/skills/1/id", "skill"),
        (
            document(
                tools={"mcp": [{"id": "t", "command": "c"}], "http_executors": [{"id": "t", "base_url": "u"}]}
            ),
            "/tools/http_executors/0/id",
            "a second tool 't'",
        ),
        (
            document(outputs={"artifacts": [{"path": "a", "from": "x"}, {"path": "a", "from": "y"}]}),
            "/outputs/artifacts/1/path",
            "a second artifact 'a'",
        ),
        (
            document(inputs={"required": {"a": "string"}, "optional": {"a": "string"}}),
            "/inputs/optional/a",
            "both required and optional",
        ),
    ],
)
def test_what_has_a_name_has_a_name_of_its_own(data: dict[str, Any], pointer: str, word: str) -> None:
    problem = only(data)
    assert problem.pointer == pointer
    assert word in problem.message


def test_artifacts_whose_paths_are_templates_may_look_alike() -> None:
    same = {"path": "{{ topic }}.md", "from": "x"}
    assert problems(document(outputs={"artifacts": [same, same]})) == ()


def test_a_dependency_that_does_not_exist_is_told() -> None:
    problem = only(workflow({"id": "draft"}, {"id": "edit", "deps": ["darft"]}))
    assert problem.pointer == f"{C}/tasks/1/deps/0"
    assert problem.hint == "Did you mean 'draft'?"


def test_a_lone_task_that_waits_for_a_stranger_gets_no_guess() -> None:
    assert only(workflow({"id": "a", "deps": ["zzz"]})).hint is None


def test_tasks_that_wait_for_each_other_are_shown_in_a_circle() -> None:
    problem = only(
        workflow(
            {"id": "a", "deps": ["b"]}, {"id": "b", "deps": ["c"]}, {"id": "c", "deps": ["a"]}, {"id": "d"}
        )
    )
    assert problem.message == "These tasks wait for each other: a -> b -> c -> a."
    assert problem.pointer == f"{C}/tasks/0/deps"


def test_a_task_that_waits_for_itself_is_a_circle_of_one() -> None:
    assert only(workflow({"id": "a", "deps": ["a"]})).message == "These tasks wait for each other: a -> a."


def test_each_knot_is_told_once() -> None:
    edges = {"x": ["a", "c"], "a": ["b"], "b": ["a"], "c": ["d"], "d": ["e", "c"], "e": ["c", "d"]}
    assert cycles(edges) == (("a", "b"), ("c", "d", "e"))


def test_a_chain_of_ten_thousand_tasks_is_no_trouble() -> None:
    edges = {str(i): [str(i + 1)] for i in range(10_000)}
    assert cycles({**edges, "10000": []}) == ()
    assert cycles({**edges, "10000": ["9999"]}) == (("9999", "10000"),)
    assert len(reachable("0", {**edges, "10000": []})) == 10_001


def test_a_graph_is_checked_from_its_entry() -> None:
    node = {"agent": "writer"}
    found = problems(
        graph(
            {"a": node, "b": node, "c": node},
            {"from": "a", "choose": [{"when": "else", "to": "d"}, {"when": "true", "to": "a"}]},
            {"from": "q", "to": ["b"]},
            {"from": "b", "to": ["c", "zz"]},
        )
    )
    assert [(problem.pointer, problem.message.split(",")[0]) for problem in found] == [
        (f"{C}/nodes/b", "The node 'b' cannot be reached from the entry 'a'."),
        (f"{C}/nodes/c", "The node 'c' cannot be reached from the entry 'a'."),
        (f"{C}/edges/0/choose/0/to", "pattern.config.edges[0].choose[0].to names the node 'd'"),
        (f"{C}/edges/1/from", "pattern.config.edges[1].from names the node 'q'"),
        (f"{C}/edges/2/to/1", "pattern.config.edges[2].to[1] names the node 'zz'"),
    ]


@pytest.mark.parametrize("edge", [{"from": "a"}, {"from": "a", "to": ["a"], "choose": []}])
def test_an_edge_has_one_way_of_choosing(edge: dict[str, Any]) -> None:
    problem = only(graph({"a": {"agent": "writer"}}, edge))
    assert problem.message == "pattern.config.edges[0] needs either 'to' or 'choose', and not both."


@pytest.mark.parametrize("server", [{"id": "a"}, {"id": "a", "url": "u", "command": "c"}])
def test_a_server_of_tools_is_a_command_or_an_address(server: dict[str, Any]) -> None:
    assert "either 'command' or 'url'" in only(document(tools={"mcp": [server]})).message


def test_waits_are_in_order_when_both_are_given() -> None:
    def runtime(**policy: int) -> dict[str, Any]:
        return document(runtime={"provider": "echo", "failure_policy": policy})

    assert only(runtime(wait_min=9, wait_max=3)).pointer == "/runtime/failure_policy/wait_min"
    assert problems(runtime(wait_min=90)) == ()


@pytest.mark.parametrize("key", ["wait_min", "wait_max"])
@pytest.mark.parametrize("seconds", [LONGEST_WAIT_S + 1, 10**300])
def test_no_attempt_waits_longer_than_a_day(key: str, seconds: int) -> None:
    def runtime(wait: int) -> dict[str, Any]:
        return document(runtime={"provider": "echo", "failure_policy": {key: wait}})

    assert problems(runtime(LONGEST_WAIT_S)) == ()
    found = only(runtime(seconds))
    assert found.message == f"runtime.failure_policy.{key} must be at most 86400, not {seconds}."
    assert (found.pointer, found.kind) == (f"/runtime/failure_policy/{key}", "invalid")
    assert found.hint == "After longer, resume the session: what is completed stays."


def test_the_schema_of_a_wait_has_both_its_bounds() -> None:
    for wait in ("wait_min", "wait_max"):
        told = schema_of(Spec)["$defs"]["FailurePolicy"]["properties"][wait]
        assert (told["minimum"], told["maximum"]) == (0, LONGEST_WAIT_S)


def test_routing_needs_routes_and_routes_need_steps() -> None:
    assert only(document("routing", {**CONFIGS["routing"], "routes": {}})).pointer == f"{C}/routes"
    found = problems(document("routing", {**CONFIGS["routing"], "routes": {"a": {"then": []}, "b": {}}}))
    assert [problem.message for problem in found] == [
        "pattern.config.routes.a has no steps.",
        "pattern.config.routes.b has no steps.",
    ]


def test_a_pattern_for_answers_must_be_one_that_ends() -> None:
    step = {**HUMAN, "validation": {"pattern": "(a+)+$"}}
    assert only(chain(step)).pointer == f"{C}/steps/0/validation/pattern"
    assert "cannot be used" in only(chain({**HUMAN, "validation": {"pattern": "("}})).message
    endless = only(chain({**HUMAN, "validation": {"pattern": "a*a*a*a*a*a*a*a*b"}, "default": "b"}))
    assert endless.pointer == f"{C}/steps/0/validation/pattern"
    assert "an answer of 200 characters can take for ever" in endless.message


def test_a_default_that_its_pattern_could_not_judge_in_due_time_is_refused() -> None:
    step = {**HUMAN, "validation": {"pattern": ".*a.*a.*"}, "default": "a" * 3_000}
    assert only(chain(step)).pointer == f"{C}/steps/0/default"


def test_a_default_answer_must_pass_its_own_pattern() -> None:
    step = {**HUMAN, "validation": {"pattern": "^(yes|no)$"}, "default": "perhaps"}
    problem = only(chain(step))
    assert (problem.pointer, problem.hint) == (f"{C}/steps/0/default", "Answers here must match ^(yes|no)$.")
    assert problems(chain({**step, "default": "no"})) == ()
    assert problems(chain({**step, "validation": {}})) == ()


TEMPLATE_PLACES = [
    (chain({"agent": "writer", "input": "{{"}), f"{C}/steps/0/input"),
    (chain({"type": "hitl", "prompt": "{{"}), f"{C}/steps/0/prompt"),
    (chain({**HUMAN, "context_display": "{{"}), f"{C}/steps/0/context_display"),
    (workflow({"id": "a", "input": "{{"}), f"{C}/tasks/0/input"),
    (document("workflow", {"tasks": [{**HUMAN, "id": "a", "prompt": "{{"}]}), f"{C}/tasks/0/prompt"),
    (
        document("routing", {**CONFIGS["routing"], "router": {"agent": "writer", "input": "{{"}}),
        f"{C}/router/input",
    ),
    (
        document("parallel", {**CONFIGS["parallel"], "reduce": {"agent": "writer", "input": "{{"}}),
        f"{C}/reduce/input",
    ),
    (
        document("evaluator_optimizer", {**CONFIGS["evaluator_optimizer"], "revise_prompt": "{{"}),
        f"{C}/revise_prompt",
    ),
    (
        document("graph", {**CONFIGS["graph"], "nodes": {"start": {**HUMAN, "prompt": "{{"}}}),
        f"{C}/nodes/start/prompt",
    ),
    (document(agents={"writer": {"prompt": "{{"}}), "/agents/writer/prompt"),
    (document(outputs={"artifacts": [{"path": "{{", "from": "x"}]}), "/outputs/artifacts/0/path"),
    (document(outputs={"artifacts": [{"path": "x", "from": "{{"}]}), "/outputs/artifacts/0/from"),
    (document(tools={"mcp": [{"id": "a", "url": "u", "headers": {"X": "{{"}}]}), "/tools/mcp/0/headers/X"),
    (
        document(tools={"http_executors": [{"id": "a", "base_url": "u", "headers": {"X": "{{"}}]}),
        "/tools/http_executors/0/headers/X",
    ),
]


@pytest.mark.parametrize(("data", "pointer"), TEMPLATE_PLACES)
def test_a_template_that_cannot_be_read_is_told_wherever_it_stands(
    data: dict[str, Any], pointer: str
) -> None:
    problem = only(data)
    assert problem.pointer == pointer
    assert f"The template {path_of(pointer)} cannot be read: line 1" in problem.message


FOREIGN_BRACES = [
    "Explain {{ .Values.image }}",
    r"Explain \newcommand{\x}{{#1}} here",
    "{{#each items}}{{this}}{{/each}}",
    "{% load static %}",
    "${{ github.ref }} and {{a:b}}",
    "100 {% of {",
    r"\newcommand{\x}{#1}",
]
"""Text of other languages, which no template can be read from."""


@pytest.mark.parametrize("text", FOREIGN_BRACES)
@pytest.mark.parametrize(("data", "pointer"), TEMPLATE_PLACES)
def test_who_shows_braces_is_told_how_wherever_they_stand(
    data: dict[str, Any], pointer: str, text: str
) -> None:
    problem = only(put(data, pointer, text))
    assert (problem.pointer, "{% raw %}" in (problem.hint or "")) == (pointer, True)
    kept = put(data, pointer, f"{{% raw %}}{text}{{% endraw %}}")
    assert problems(kept) == ()
    [place] = [place for place in templates(good(kept)) if place.pointer == pointer]
    assert render(place.source, {}, place=pointer).unwrap() == text


def put(data: dict[str, Any], pointer: str, text: str) -> dict[str, Any]:
    changed: Any = copy.deepcopy(data)
    *way, last = parts_of(pointer)
    inside = changed
    for part in way:
        inside = inside[int(part)] if isinstance(inside, list) else inside[part]
    inside[last] = text
    return dict(changed)


def test_a_condition_that_is_no_expression_is_told() -> None:
    node = {"agent": "writer"}
    when = {"when": "nodes.a.response contains 'x'", "to": "a"}
    problem = only(graph({"a": node}, {"from": "a", "choose": [when]}))
    assert problem.pointer == f"{C}/edges/0/choose/0/when"
    assert problem.hint == "Write \"'word' in nodes.name.response\" in place of 'contains'."
    (problem,) = problems(graph({"a": node}, {"from": "a", "choose": [{"when": "nodes.a ==", "to": "a"}]}))
    assert problem.message.startswith("The condition ")
    assert problem.hint is None
    fine = [{"when": "{{ 'else' in nodes.a.response }}", "to": "a"}, {"when": "ELSE", "to": "a"}]
    assert problems(graph({"a": node}, {"from": "a", "choose": fine})) == ()


@pytest.mark.parametrize(
    ("inputs", "pointer", "word"),
    [
        (
            {"required": {"a": {"type": "integer", "default": "x"}}},
            "/inputs/required/a/default",
            "a whole number",
        ),
        ({"optional": {"a": {"type": "string", "default": 3}}}, "/inputs/optional/a/default", "must be text"),
        (
            {"optional": {"a": {"type": "string", "default": "c", "enum": ["a", "b"]}}},
            "/inputs/optional/a/default",
            "must be one of 'a', 'b', not 'c'",
        ),
        ({"required": {"a": "boolean"}, "values": {"a": "perhaps"}}, "/inputs/values/a", "true or false"),
    ],
)
def test_defaults_and_values_must_fit_their_declaration(
    inputs: dict[str, Any], pointer: str, word: str
) -> None:
    problem = only(document(inputs=inputs))
    assert problem.pointer == pointer
    assert word in problem.message


def test_quoted_numbers_and_empty_defaults_fit() -> None:
    inputs = {
        "required": {"a": "integer", "b": {"type": "integer", "enum": ["1", 2]}},
        "optional": {"c": {"type": "string", "default": None}, "d": {"type": "array", "default": [1]}},
        "values": {"a": "3", "b": 1, "undeclared": "x"},
    }
    assert problems(document(inputs=inputs)) == ()


# Features ---------------------------------------------------------------------------------------------------

ALL = frozenset(PATTERN_TYPES)


def features(data: dict[str, Any], patterns: frozenset[str] = ALL) -> list[tuple[str, str]]:
    found = unsupported(good(data), patterns=patterns)
    assert all(problem.kind == "unsupported" and problem.hint for problem in found)
    return [(problem.pointer, problem.message) for problem in found]


@pytest.mark.parametrize("kind", PATTERN_TYPES)
def test_a_pattern_that_does_not_run_is_named_with_those_that_do(kind: str) -> None:
    assert features(document(kind)) == []
    [problem] = unsupported(good(document(kind)), patterns=frozenset({"other"}))
    assert problem.message == f"Not supported yet: the pattern '{kind}'."
    assert problem.hint == "Write the workflow as one of 'other'."


def test_every_feature_that_does_not_run_is_named_at_its_place() -> None:
    data = full("chain")
    data["context_policy"]["compaction"]["enabled"] = True
    data["security"]["guardrails"]["pii_redaction"] = True
    data["env"]["secrets"].append({"key": "K", "source": "ssm"})
    assert features(data) == [
        ("/tools/mcp", "Not supported yet: MCP servers."),
        ("/tools/http_executors", "Not supported yet: HTTP executors."),
        ("/agents/writer/tools/2", "Not supported yet: this tool."),
        ("/agents/writer/tools/3", "Not supported yet: this tool."),
        (f"{C}/steps/0/tool_overrides/0", "Not supported yet: this tool."),
        ("/skills", "Not supported yet: skills."),
        ("/context_policy/compaction", "Not supported yet: summaries of long conversations."),
        ("/context_policy/notes", "Not supported yet: shared notes."),
        ("/context_policy/retrieval", "Not supported yet: tools to look things up."),
        ("/env/secrets/1/source", "Not supported yet: secrets from a cloud store."),
        ("/security/guardrails/pii_redaction", "Not supported yet: redaction of personal data."),
        ("/telemetry/otel", "Not supported yet: traces."),
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"tools": {}},
        {"tools": {"python": [], "mcp": [], "http_executors": []}},
        {"agents": {"writer": {"prompt": "x", "tools": []}}},
        {"skills": []},
        {"context_policy": {}},
        {"context_policy": {"compaction": {"enabled": False}, "retrieval": {"jit_tools": []}}},
        {"env": {"secrets": [{"key": "A", "source": "env"}, {"key": "B", "source": "file", "path": "p"}]}},
        {"telemetry": {"redact": {"tool_inputs": True}}},
        {"security": {"guardrails": {"deny_network": True, "allow_tools": []}}},
    ],
)
def test_what_is_empty_or_switched_off_asks_for_nothing(more: dict[str, Any]) -> None:
    assert features(document(**more)) == []


# Words ------------------------------------------------------------------------------------------------------


def test_the_nearest_word_is_a_guess_worth_printing_or_none() -> None:
    assert nearest("stpes", ["steps", "input"]) == "steps"
    assert nearest("STEPS", ["steps"]) == "steps"
    assert nearest("zzz", ["steps"]) is None
    assert nearest("x" * 101, ["x" * 101]) is None
    assert nearest("x" * 100, ["x" * 99, "x" * 98 + "y"]) == "x" * 99
    assert nearest("abcd", ["abce", "abcf"]) == "abcf"
    assert did_you_mean("sep", []) is None


def test_the_nearest_word_is_the_last_of_those_that_are_most_alike() -> None:
    words = ["".join(letters) for size in (1, 2, 3, 4) for letters in itertools.product("aBc", repeat=size)]
    known = words[::7]
    for word in words:
        likeness, best = max(
            (SequenceMatcher(None, each.lower(), word.lower()).ratio(), each) for each in known
        )
        assert nearest(word, known) == (best if likeness >= 0.6 else None), word


def test_a_slip_of_the_finger_is_likelier_than_a_longer_word() -> None:
    assert nearest("twon", ["tone", "topic", "town"]) == "town"
    assert nearest("rum", ["resume", "run"]) == "run"


def test_a_guess_among_very_many_words_takes_bounded_work(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[object] = []
    ratio = SequenceMatcher.ratio

    def counted(self: SequenceMatcher[str]) -> float:
        compared.append(self)
        return ratio(self)

    monkeypatch.setattr(SequenceMatcher, "ratio", counted)
    names = [f"agent_{number:05}" for number in range(20_000)]
    assert nearest("agnet_00077", names) == "agent_00077"
    assert nearest("AGENT_19999", names) == "agent_19999"
    assert len(compared) < 500
    compared.clear()
    alike = ["".join(letters) * 13 for letters in itertools.permutations("abcdefg")]
    nearest("gfedcba" * 13, alike[:-1])  # each of them seems the same from afar
    assert len(compared) == 1


def test_a_long_list_of_words_is_cut() -> None:
    assert listed("abc") == "'a', 'b', 'c'"
    assert listed("abcd", most=2) == "'a', 'b' and 2 more"


def test_pointers_escape_and_paths_read_like_people_write() -> None:
    pointer = pointer_of("a/b", 0, "c~")
    assert pointer == "/a~1b/0/c~0"
    assert parts_of(pointer) == ("a/b", "0", "c~")
    assert path_of(pointer) == "a/b[0].c~"
    assert path_of("") == "the spec"
    assert Problem("m").kind == "invalid"
