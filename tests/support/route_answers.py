"""Answers of models that are asked for a route: well formed, malformed and hostile ones."""

from __future__ import annotations

from returns.result import Failure, Success

from durable_core.answers.reading import read_route

ROUTES = ("billing", "tech", "Straße")

BILLING = '{"route": "billing"}'
TECH = '{"route": "tech"}'
DEEP = '{"route": "tech", "x": ' + "[" * 200 + "]" * 200 + "}"

ROUTE_ANSWERS: list[tuple[str, str, str | None]] = [
    # name, answer, the route it means (None: asked again)
    ("plain", BILLING, "billing"),
    ("white space around", f"\n\t {BILLING}  \n", "billing"),
    ("byte order mark", f"\ufeff{BILLING}", "billing"),
    ("byte order mark after white space", f" \ufeff{BILLING}", "billing"),
    ("prose before", f"I choose this: {BILLING}", "billing"),
    ("prose after", f"{BILLING} because of the invoice.", "billing"),
    ("prose with brackets that are not JSON", f"Given [see above] and {{so on}}: {BILLING}", "billing"),
    ("prose with an apostrophe", f"It's the customer's invoice: {BILLING}", "billing"),
    ("prose with one quote", f'A 5" pipe. {BILLING}', "billing"),
    ("a quote inside brackets of prose hides its line only", f'[5" pipe]\n{BILLING}]', "billing"),
    ("brackets of prose that never close", f"[[[ (see {BILLING}", "billing"),
    ("brackets that do not match", f"[ ( }} {BILLING}", "billing"),
    ("closing brackets first", f"]]}}}} {BILLING}", "billing"),
    ("object inside braces of prose", f"{{answer: {BILLING}}}", "billing"),
    ("fenced", f"```\n{BILLING}\n```", "billing"),
    ("fenced with its language", f"Sure!\n```json\n{BILLING}\n```\nAnything else?", "billing"),
    ("fenced with its language in capitals", f"```JSON\n{BILLING}\n```", "billing"),
    ("fenced on one line", f"```json {BILLING} ```", "billing"),
    ("fence never closed", f"```json\n{BILLING}", "billing"),
    ("second of two fences", f"```python\nprint('hi')\n```\n```json\n{BILLING}\n```", "billing"),
    ("wrong shape in the first fence", f"```json\n[1]\n```\n```json\n{BILLING}\n```", "billing"),
    ("fences inside a string", '{"why": "use ```x```", "route": "tech"}', "tech"),
    ("braces inside a string", '{"why": "a } b { c ]", "route": "tech"}', "tech"),
    ("braces inside a string, with prose", 'So: {"why": "} \\" {", "route": "tech"} ok', "tech"),
    ("escaped quotes", '{"why": "he said \\"no\\"", "route": "tech"}', "tech"),
    ("nested objects", '{"meta": {"route": "tech"}, "route": "billing"}', "billing"),
    ("letters beyond ASCII", '{"route": "Straße"}', "Straße"),
    ("letters written as escapes", '{"route": "Stra\\u00dfe"}', "Straße"),
    ("a key twice: the last counts", '{"route": "tech", "route": "billing"}', "billing"),
    ("a value of another shape before", f'{{"a": 1}} {BILLING}', "billing"),
    ("a citation is JSON, and first", f"As [1] says: {BILLING}", "billing"),
    ("a footnote after it", f"{BILLING} [1]", "billing"),
    ("twice the same", f"{BILLING}\n\nSo: {BILLING} it is.", "billing"),
    ("twice the same route", f'{BILLING} so {{"route": "billing", "why": "an invoice"}} it is', "billing"),
    ("an example before", f"The form is {TECH}, for example.\n\nMy choice: {BILLING}", "billing"),
    ("an example before, and a full stop", f"Not {TECH} but **{BILLING}**.", "billing"),
    ("an example before, and a tag", f"Not {TECH}: <answer>{BILLING}</answer>", "billing"),
    ("an example before, in quotes of code", f"Not `{TECH}` but `{BILLING}`", "billing"),
    ("a form with a name that is no route before", f'As {{"route": "<name>"}}: {BILLING}', "billing"),
    ("an example after", f"{BILLING}; the other form was {TECH}, as I said", None),
    ("a second thought that is no route", f'{BILLING}? No: {{"route": "sales"}}', None),
    ("two that differ, in prose", f"Either {TECH} or {BILLING} would do.", None),
    ("a question at the end", f"Is it {TECH}, or {BILLING}?", None),
    ("the fenced one of two", f"Not {TECH}:\n```json\n{BILLING}\n```\nrather than {TECH} I think", "billing"),
    ("the same fenced twice", f"```\n{BILLING}\n```\nnot {TECH}\n```\n{BILLING}\n```\nyes", "billing"),
    ("two fenced that differ", f"```\n{TECH}\n```\nor\n```\n{BILLING}\n```\nwho knows", None),
    ("two fenced that differ, at its end", f"```\n{TECH}\n```\nno:\n```\n{BILLING}\n```", "billing"),
    ("a fence of four", f"Not {TECH}:\n````\n{BILLING}\n````\nindeed", "billing"),
    ("two in one fence", f"```\n{TECH}\n{BILLING}\n```\nwho knows", None),
    ("two on lines of their own", f"{TECH}\n{BILLING}", "billing"),
    ("thought before", f"<think>Could be {TECH}? No.</think>\n{BILLING}", "billing"),
    ("thought of without an opening tag", f"Could be {TECH}? No.</think>\n{BILLING}", "billing"),
    ("thought twice", f"<think>{TECH}</think><think>{TECH}</think>{BILLING} it is", "billing"),
    ("thought of thinking", f"<think>a <think>{TECH}</think> b {TECH}</think>{BILLING} it is", "billing"),
    ("thought after", f"{BILLING} it is. <think>Or {TECH}?</think>", "billing"),
    ("thought only", f"<think>{BILLING}</think>", None),
    ("thought without an end", f"<think>Hm. {BILLING}", None),
    ("thought until the end", f"{BILLING}</think>", None),
    ("thought in capitals", f"<THINK>{TECH}</THINK> {BILLING} it is", "billing"),
    ("reasoning by another name", f'<reasoning effort="low">{TECH}</reasoning> {BILLING} yes', "billing"),
    ("reasoning with a prefix", f"<seed:think>{TECH}</seed:think> {BILLING} yes", "billing"),
    ("reasoning in brackets", f"[THINK]{TECH}[/THINK] {BILLING} yes", "billing"),
    ("reasoning in triangles", f"◁think▷{TECH}◁/think▷ {BILLING} yes", "billing"),
    (
        "reasoning with its begin and end",
        f"<|begin_of_thought|>{TECH}<|end_of_thought|>{BILLING} y",
        "billing",
    ),
    ("reasoning in a channel", f"analysis{TECH}<|channel|>final<|message|>{BILLING} yes", "billing"),
    ("tags of another kind", f"<b>{BILLING}</b> <i>yes</i>", "billing"),
    ("tags of reasoning in a text", '{"why": "<think>", "route": "tech"}', "tech"),
    ("empty", "", None),
    ("white space only", " \n\t ", None),
    ("no JSON", "billing", None),
    ("a text", '"billing"', None),
    ("a number", "42", None),
    ("null", "null", None),
    ("a list where an object is due", f"[{BILLING}]", None),
    ("an object without the key", '{"Route": "billing"}', None),
    ("a route that does not exist", '{"route": "sales"}', None),
    ("a route in another case", '{"route": "Billing"}', None),
    ("a route with a space after it", '{"route": "billing "}', None),
    ("a route that is a number", '{"route": 1}', None),
    ("a route that is null", '{"route": null}', None),
    ("a route that is a list", '{"route": ["billing"]}', None),
    ("single quotes", "{'route': 'billing'}", None),
    ("smart quotes", "{“route”: “billing”}", None),
    ("a trailing comma", '{"route": "billing",}', None),
    ("a comment", '{"route": "billing" // the invoice\n}', None),
    ("keys without quotes", '{route: "billing"}', None),
    ("cut off", '{"route": "bill', None),
    ("NaN beside it", '{"route": "billing", "p": NaN}', None),
    ("Infinity beside it", '{"route": "billing", "p": -Infinity}', None),
    ("a number too large for one", '{"route": "billing", "p": 1e999}', None),
    ("more digits than Python reads", '{"route": "billing", "p": ' + "9" * 10_000 + "}", None),
    ("a raw line break in a string", '{"why": "a\nb", "route": "billing"}', None),
    ("beside a value nested too deep", f"{BILLING} or {DEEP}", None),
    ("nested too deep", '{"route": "billing", "x": ' + "[" * 200 + "]" * 200 + "}", None),
    ("inside a value nested too deep", "[" * 200 + BILLING + "]" * 200, None),
    ("half a character", '{"route": "billing\\ud800"}', None),
]

LONG_ROUTE_ANSWERS: list[tuple[str, str, str | None]] = [
    ("a megabyte of prose before", "word " * 200_000 + BILLING, "billing"),
    ("a megabyte of braces", "{" * 1_000_000, None),
    ("a megabyte of brackets", "[" * 1_000_000, None),
    ("a megabyte of brackets that close", "[" * 500_000 + "]" * 500_000, None),
    ("a megabyte of lists that never close", '["x",' * 200_000, None),
    ("a megabyte of objects that never close", '{"a":' * 200_000, None),
    ("a megabyte of small values that are not JSON", "[x]" * 350_000, None),
    ("a megabyte of nests that are not JSON", ("[" * 100 + "x" + "]" * 100) * 5_000, None),
    ("a megabyte of escaped quotes", '["' + '\\"' * 500_000, None),
    ("a megabyte of fences", "`" * 1_000_000, None),
    ("a megabyte of digits", "9" * 1_000_000, None),
    ("a megabyte of tags", "<think></think>" * 70_000, None),
    ("a megabyte of tags that never end", "<think" * 170_000, None),
]
"""Those of a megabyte."""


def assert_read(answer: str, route: str | None) -> None:
    """``answer`` means ``route``, or says shortly why it means none."""
    reading = read_route(answer, ROUTES)
    if route is None:
        assert isinstance(reading, Failure)
        assert reading.failure().endswith(".")
        assert len(reading.failure()) < 300
    else:
        assert reading == Success(route)
