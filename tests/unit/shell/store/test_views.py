"""Views: whole at every moment, rewritten only when they change, and never outside of their session."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from durable_shell.store.files.store import FileStore
from durable_shell.store.port import AgentView, Corrupt, Held, Snapshot, Unwritable
from durable_shell.store.view_files import agent_folder, differences, safe_relative
from tests.support.handles import handles_left
from tests.support.store_kit import ODD_EVENT, SESSION, begun, finished, folder_of, views

SPEC_MISSING = "the spec as first run is missing"

ODD_IDS = [
    "",
    ".",
    "..",
    "../../x",
    "/",
    "/etc/passwd",
    ".hidden",
    "%2Ehidden",
    "%",
    "%-",
    "writer@branches/web/0",
    "writer@branches%2Fweb%2F0",
    "writer%40branches%2Fweb%2F0",
    "two words",
    "tab\tand\nfeed\0",
    "grüße",
    "gru\u0308ße",
    "\ud800",
    "\U0001f600" * 30,
    "a" * 64,
    "a" * 65,
    "a" * 66,
    "a" * 5000,
    "a" * 5000 + "b",
    "." * 500,
    "é" * 500,
    "é" * 499 + "e",
    "con.",
    "-rf",
    "~",
]


def messages_of(root: Path, agent: str = "writer") -> dict[str, Any]:
    folder = folder_of(root) / "agents" / agent / "messages"
    return {path.name: json.loads(path.read_text()) for path in folder.iterdir()}


def conversation(*texts: str) -> AgentView:
    return AgentView({"agent_id": "writer", "count": len(texts)}, [{"text": text} for text in texts])


@pytest.mark.parametrize("name", ["", "/x", "../x", "a/../x", "a//x", ".", "a/.", "a/", "a\0b", ".writing"])
def test_a_file_name_that_leads_out_of_the_session_is_refused(tmp_path: Path, name: str) -> None:
    assert not safe_relative(name)
    store = finished(tmp_path)
    failure = store.publish(SESSION, views(refs={name: b"x"})).failure()
    assert isinstance(failure, Unwritable)
    assert "leads out of the session" in failure.reason
    assert store.snapshot(SESSION).failure() == Corrupt(
        SESSION, str(folder_of(tmp_path) / "spec_snapshot.yaml"), 0, SPEC_MISSING
    )


def test_a_view_does_not_differ_because_no_file_can_be_opened(tmp_path: Path) -> None:
    def read(path: str) -> bytes:
        with handles_left(0):
            return (tmp_path / path).read_bytes()

    with pytest.raises(OSError, match="Too many open files"):
        differences({"session.json": b"{}"}, read, ())


def test_no_two_agent_ids_share_a_folder_and_each_name_is_safe() -> None:
    names = [agent_folder(agent_id) for agent_id in ODD_IDS]
    assert len(set(names)) == len(ODD_IDS)
    for name in names:
        assert safe_relative(name)
        assert "/" not in name
        assert not name.startswith(".")
        assert name.isascii()
        assert len(name) <= 150


@pytest.mark.parametrize("agent_id", ["writer", "a.b-c_D9", "a" * 64, "a" * 150, "-"])
def test_a_plain_agent_id_is_its_own_folder(agent_id: str) -> None:
    assert agent_folder(agent_id) == agent_id


def test_an_odd_agent_id_can_be_read_in_its_folder_name() -> None:
    assert agent_folder("writer@branches/web/0") == "writer%40branches%2Fweb%2F0"
    assert agent_folder(".hidden") == "%2Ehidden"


def test_the_hash_of_a_cut_name_cannot_be_chosen_as_an_id() -> None:
    digest = hashlib.sha256(b"a" * 200).hexdigest()
    assert agent_folder("a" * 200) == "a" * 64 + "%-" + digest
    assert agent_folder("a" * 64 + digest) == "a" * 64 + digest
    assert agent_folder("a" * 64 + "%-" + digest) == "a" * 64 + "%25-" + digest


@pytest.mark.parametrize("agent_id", ODD_IDS)
def test_an_odd_agent_id_stays_inside_its_session(tmp_path: Path, agent_id: str) -> None:
    store = finished(tmp_path)
    outside = {path for path in tmp_path.rglob("*") if folder_of(tmp_path) not in (path, *path.parents)}
    store.publish(SESSION, views(agents={agent_id: conversation("hello")})).unwrap()
    after = {path for path in tmp_path.rglob("*") if folder_of(tmp_path) not in (path, *path.parents)}
    assert after == outside
    assert messages_of(tmp_path, agent_folder(agent_id)) == {"message_0.json": {"text": "hello"}}


def test_the_layout_is_the_one_that_people_know(tmp_path: Path) -> None:
    store = finished(tmp_path)
    store.publish(SESSION, views(refs={"agents/writer.yaml": b"prompt: x\n"})).unwrap()
    folder = folder_of(tmp_path)
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
        ".lease",
        ".origin",
        "journal.jsonl",
        "session.json",
        "pattern_state.json",
        "spec_snapshot.yaml",
        "refs/agents/writer.yaml",
        "agents/writer/agent.json",
        "agents/writer/messages/message_0.json",
        "agents/writer/messages/message_1.json",
    }
    text = (folder / "session.json").read_text(encoding="utf-8")
    assert '\n  "variables": {\n' in text
    assert "grüße" in text


def test_half_a_surrogate_pair_is_kept_as_an_escape(tmp_path: Path) -> None:
    store = finished(tmp_path)
    store.publish(SESSION, views(session=ODD_EVENT)).unwrap()
    assert store.session_view(SESSION).unwrap() == ODD_EVENT
    (folder_of(tmp_path) / "session.json").read_text(encoding="utf-8")


def written_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are renamed into place from now on."""
    names: list[str] = []
    real_replace = os.replace

    def replace(source: Any, target: Any, **named: Any) -> None:
        names.append(target)
        real_replace(source, target, **named)

    monkeypatch.setattr(os, "replace", replace)
    return names


def test_only_what_changed_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, _ = begun(tmp_path)
    first = {"role": "user"}
    agent = {"agent_id": "writer"}
    store.publish(SESSION, views(agents={"writer": AgentView(agent, [first])})).unwrap()
    names = written_by(monkeypatch)
    store.publish(SESSION, views(agents={"writer": AgentView(agent, [first])})).unwrap()
    assert names == []
    # Equal, though not the same objects.
    store.publish(SESSION, views(agents={"writer": AgentView(dict(agent), [dict(first)])})).unwrap()
    assert names == []
    store.publish(
        SESSION, views(agents={"writer": AgentView(agent, [first, {"role": "assistant"}])})
    ).unwrap()
    assert names == ["message_1.json"]
    names.clear()
    store.publish(SESSION, views(agents={}, pattern_state={"current_step": 2})).unwrap()
    assert names == ["pattern_state.json"]
    assert len(messages_of(tmp_path)) == 2


def test_an_unchanged_conversation_is_not_even_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = begun(tmp_path)
    same = views()
    store.publish(SESSION, same).unwrap()

    opened: list[str] = []
    real_open = os.open

    def note(path: str, *rest: Any, **named: Any) -> int:
        opened.append(path)
        return real_open(path, *rest, **named)

    monkeypatch.setattr(os, "open", note)
    store.publish(SESSION, same).unwrap()
    assert opened == ["pattern_state.json", "session.json"]


def test_a_conversation_that_its_owner_lengthens_is_written_on(tmp_path: Path) -> None:
    store, _ = begun(tmp_path)
    messages = [{"role": "user", "content": []}]
    conversation = AgentView({"agent_id": "ann"}, messages)
    store.publish(SESSION, views(agents={"ann": conversation})).unwrap()
    messages.append({"role": "assistant", "content": []})
    store.publish(SESSION, views(agents={"ann": conversation})).unwrap()
    written = folder_of(tmp_path) / "agents" / "ann" / "messages"
    assert sorted(path.name for path in written.iterdir()) == ["message_0.json", "message_1.json"]


def test_true_is_not_taken_for_one(tmp_path: Path) -> None:
    store, _ = begun(tmp_path)
    for value in (1, True, 1.0):
        store.publish(SESSION, views(agents={"writer": AgentView({"n": value}, [{"n": value}])})).unwrap()
        text = (folder_of(tmp_path) / "agents/writer/messages/message_0.json").read_text()
        assert text == json.dumps({"n": value}, indent=2) + "\n"


def test_the_first_publish_after_opening_compares_with_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, lease = begun(tmp_path)
    store.publish(SESSION, views()).unwrap()
    store.release(lease)
    (folder_of(tmp_path) / "session.json").write_text("")
    (folder_of(tmp_path) / "agents/writer/messages/message_1.json").unlink()
    store.lease(SESSION, now=2.0).unwrap()
    names = written_by(monkeypatch)
    store.publish(SESSION, views()).unwrap()
    assert names == ["message_1.json", "session.json"]


@pytest.mark.parametrize("reopened", [False, True])
def test_messages_that_were_rolled_back_are_removed(tmp_path: Path, reopened: bool) -> None:
    store, lease = begun(tmp_path)
    store.publish(SESSION, views(agents={"writer": conversation("a", "b", "c", "d")})).unwrap()
    messages = folder_of(tmp_path) / "agents/writer/messages"
    (messages / "notes.txt").write_text("{}")
    if reopened:
        store.release(lease)
        store.lease(SESSION, now=2.0).unwrap()
    store.publish(SESSION, views(agents={"writer": conversation("a", "B")})).unwrap()
    assert messages_of(tmp_path) == {
        "message_0.json": {"text": "a"},
        "message_1.json": {"text": "B"},
        "notes.txt": {},
    }
    agent = json.loads((folder_of(tmp_path) / "agents/writer/agent.json").read_text())
    assert agent["count"] == 2


def test_a_rollback_that_grew_again_between_two_publishes_is_written_anew(tmp_path: Path) -> None:
    store, _ = begun(tmp_path)
    store.publish(SESSION, views(agents={"writer": conversation("a", "b", "c")})).unwrap()
    store.publish(SESSION, views(agents={"writer": conversation("a", "x", "c")})).unwrap()
    assert messages_of(tmp_path)["message_1.json"] == {"text": "x"}
    store.publish(SESSION, views(agents={"writer": conversation()})).unwrap()
    assert messages_of(tmp_path) == {}


def test_a_full_disk_is_unwritable_keeps_the_old_view_and_the_next_publish_puts_it_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = begun(tmp_path)
    store.publish(SESSION, views()).unwrap()
    before = (folder_of(tmp_path) / "pattern_state.json").read_text()
    newer = views(pattern_state={"current_step": 2}, agents={"writer": conversation("x")})

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as disk:
        disk.setattr(os, "write", full)
        failure = store.publish(SESSION, newer).failure()
    assert failure == Unwritable(str(folder_of(tmp_path)), "no space left on the disk")
    assert (folder_of(tmp_path) / "pattern_state.json").read_text() == before
    assert list(folder_of(tmp_path).rglob(".writing")) == []
    store.publish(SESSION, newer).unwrap()
    assert json.loads((folder_of(tmp_path) / "pattern_state.json").read_text()) == {"current_step": 2}
    assert messages_of(tmp_path) == {"message_0.json": {"text": "x"}}


def test_a_publish_that_failed_half_way_is_not_taken_for_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = begun(tmp_path)
    first = views(agents={"writer": conversation("a")})
    store.publish(SESSION, first).unwrap()
    real_replace = os.replace

    def replace(source: Any, target: Any, **named: Any) -> None:
        if target == "agent.json":
            raise OSError(errno.EIO, "gone")
        real_replace(source, target, **named)

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", replace)
        failed = store.publish(SESSION, views(agents={"writer": conversation("b", "c")}))
    assert isinstance(failed.failure(), Unwritable)
    assert messages_of(tmp_path)["message_0.json"] == {"text": "b"}
    store.publish(SESSION, first).unwrap()
    assert messages_of(tmp_path) == {"message_0.json": {"text": "a"}}


def test_an_agent_s_document_changes_without_a_new_message(tmp_path: Path) -> None:
    store, _ = begun(tmp_path)
    messages = ({"n": 0},)
    for state in ("first", "second"):
        store.publish(SESSION, views(agents={"writer": AgentView({"state": state}, messages)})).unwrap()
        agent = json.loads((folder_of(tmp_path) / "agents/writer/agent.json").read_text())
        assert agent == {"state": state}


def test_a_message_that_joins_the_caller_s_own_list_is_written(tmp_path: Path) -> None:
    store, _ = begun(tmp_path)
    agent: dict[str, Any] = {}
    messages: list[dict[str, Any]] = [{"n": 0}]
    for n in range(1, 4):
        store.publish(SESSION, views(agents={"writer": AgentView(agent, messages)})).unwrap()
        assert len(messages_of(tmp_path)) == n
        messages.append({"n": n})
    store.publish(SESSION, views(agents={"writer": AgentView(agent, messages[:1])})).unwrap()
    assert messages_of(tmp_path) == {"message_0.json": {"n": 0}}


def test_what_a_killed_publish_left_behind_does_no_harm(tmp_path: Path) -> None:
    store = finished(tmp_path)
    (folder_of(tmp_path) / ".writing").write_text("half of something that was longer" * 100)
    store.publish(SESSION, views()).unwrap()
    assert store.session_view(SESSION).unwrap() == views().session


def test_the_spec_is_kept_as_first_run_whatever_comes_later(tmp_path: Path) -> None:
    store = finished(tmp_path)
    refs = {"agents/writer.yaml": b"\xff\0", "skills/a/b/SKILL.md": b"", "top.yaml": b"t"}
    first = views(spec_snapshot=b"first\r\n", refs=refs)
    store.publish(SESSION, first).unwrap()
    store.publish(SESSION, views(spec_snapshot=b"second", refs={"other": b"x"})).unwrap()
    assert store.snapshot(SESSION).unwrap() == Snapshot(b"first\r\n", refs)


def test_a_spec_without_other_files_has_none(tmp_path: Path) -> None:
    store = finished(tmp_path)
    store.publish(SESSION, views()).unwrap()
    assert store.snapshot(SESSION).unwrap() == Snapshot(b"name: tale\n", {})


def test_the_spec_is_synced_since_nothing_else_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = finished(tmp_path)

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "gone")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        failure = store.publish(SESSION, views()).failure()
    assert isinstance(failure, Unwritable)
    synced: list[str] = []
    with monkeypatch.context() as watched:
        watched.setattr(os, "fsync", lambda file: synced.append(os.readlink(f"/proc/self/fd/{file}")))
        store.publish(SESSION, views(refs={"a/b": b"x"})).unwrap()
    folder = folder_of(tmp_path)
    refs = folder / "refs"
    assert synced == [
        str(path) for path in (folder, refs, refs / "a" / ".writing", refs / "a", folder / ".writing", folder)
    ]
    # And the other views are not: with the spec in its place nothing is synced any more.
    monkeypatch.setattr(os, "fsync", fail)
    monkeypatch.setattr(os, "fdatasync", fail)
    store.publish(SESSION, views(pattern_state={})).unwrap()


def test_views_of_a_session_that_another_drives_are_not_touched(tmp_path: Path) -> None:
    store, lease = begun(tmp_path)
    store.publish(SESSION, views()).unwrap()
    other = FileStore(tmp_path)
    assert other.publish(SESSION, views(session={})).failure() == Held(SESSION, lease.holder)
    assert store.session_view(SESSION).unwrap() == views().session


def test_a_reader_never_sees_half_a_view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at session.json at every write of a later publish: it is the old text or the new one."""
    store, _ = begun(tmp_path)
    store.publish(SESSION, views(session={"n": 0})).unwrap()
    path = folder_of(tmp_path) / "session.json"
    seen: set[int] = set()
    real_write = os.write

    def write(descriptor: int, data: Any) -> int:
        seen.add(json.loads(path.read_text())["n"])
        return real_write(descriptor, bytes(data)[:3])

    monkeypatch.setattr(os, "write", write)
    store.publish(SESSION, views(session={"n": 1})).unwrap()
    assert seen == {0}
    assert json.loads(path.read_text()) == {"n": 1}
