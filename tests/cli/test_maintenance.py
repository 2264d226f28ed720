"""``sessions verify``, ``repair`` and ``cleanup``, and retention by the config file, in this process."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from durable_shell.operations.verify import verify_session
from durable_shell.store.files.mending import FileLooking
from durable_shell.store.files.store import FileStore
from tests.support.home import Home
from tests.support.workflows import TALE, WAITING


@pytest.fixture
def user(tmp_path: Path) -> Home:
    return Home(tmp_path)


# --- verify --------------------------------------------------------------------------------------------


def test_whole_sessions_are_said_to_be_whole_and_nothing_is_changed(user: Home) -> None:
    ids = sorted([user.run(name="one"), user.run(name="two")])
    before = {path: path.read_bytes() for path in user.path.rglob("*") if path.is_file()}
    assert user.strands("sessions", "verify") == 0
    assert [line.split(": ")[0] for line in user.out.splitlines()] == ids
    assert all(line.endswith(" events)") for line in user.out.splitlines())
    assert {path: path.read_bytes() for path in user.path.rglob("*") if path.is_file()} == before


def test_each_finding_has_its_place_and_its_remedy(user: Home) -> None:
    session_id = user.run()
    folder = user.folder(session_id)
    (folder / "pattern_state.json").write_text("{}")
    (folder / "agents" / "ann" / "messages" / "message_9.json").write_text("{}")
    (folder / "spec_snapshot.yaml").unlink()
    assert user.strands("sessions", "verify", "tale") == 17
    remedy = f"To repair it: strands sessions repair {session_id}"
    assert user.out.splitlines() == [
        f"{session_id}: {folder}/{path}: {problem}. {remedy}"
        for path, problem in (
            ("agents/ann/messages/message_9.json", "no conversation has it"),
            ("pattern_state.json", "it does not agree with the journal"),
            ("spec_snapshot.yaml", "it is missing"),
        )
    ]


def test_findings_as_json_have_a_path_a_line_and_a_remedy(user: Home) -> None:
    good, bad = user.run(name="good"), user.run(name="bad")
    user.damage(bad, 4)
    assert user.strands("sessions", "verify", good, bad, "--json") == 17
    first, second = json.loads(user.out)
    assert first == {"session_id": good, "whole": True, "driven": False, "events": 9, "findings": []}
    assert (second["whole"], second["events"]) == (False, 3)
    [found] = second["findings"]
    assert (found["line"], found["remedy"]) == (4, "cut")
    assert found["path"].endswith("/journal.jsonl")
    assert found["to_do"] == f"To repair it: strands sessions repair {bad}"


def test_a_person_who_edits_variables_damages_nothing(user: Home) -> None:
    session_id = user.run(WAITING, expect=19)
    path = user.folder(session_id) / "session.json"
    document = json.loads(path.read_text())
    document["variables"]["topic"] = "dunes"
    path.write_text(json.dumps(document))
    assert user.strands("sessions", "verify") == 0


def test_what_a_crash_leaves_is_told_and_is_no_damage(user: Home) -> None:
    session_id = user.run(WAITING, expect=19)
    folder = user.folder(session_id)
    old = {name: (folder / name).read_bytes() for name in ("session.json", "pattern_state.json")}
    assert user.strands("sessions", "answer", session_id, "yes") == 0
    for name, data in old.items():
        (folder / name).write_bytes(data)
    with (folder / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"seq":9')
    assert user.strands("sessions", "verify") == 0
    *found, last = user.out.splitlines()
    assert [line.rpartition("/")[2] for line in found] == [
        "journal.jsonl, line 4: 8 bytes of a line that was never finished. "
        "Nothing is lost; the next resume puts it right.",
        "pattern_state.json: it is behind the journal. Nothing is lost; the next resume puts it right.",
        "session.json: it is behind the journal. Nothing is lost; the next resume puts it right.",
    ]
    assert last == f"{session_id}: whole (3 events)"
    assert user.strands("resume", session_id, "--spec-from", "snapshot") == 0
    assert "⚠ Warning: 8 bytes of a line that was never finished were dropped from the journal." in user.err


def test_a_message_that_does_not_match_its_digest_is_found_though_every_hash_is_right(user: Home) -> None:
    """Somebody rewrote history with the hashes put right: the conversation's own chain tells."""
    from durable_shell.store.files.journal import FIRST_HASH, encode_line, scan

    session_id = user.run()
    path = user.folder(session_id) / "journal.jsonl"
    entries: Any = scan(path.read_bytes())
    for entry in entries.entries:
        if entry.event["type"].startswith("message_added/"):
            entry.event["message"]["content"] = [{"text": "something else"}]
            break
    path.write_bytes(encode_line(entries.entries, FIRST_HASH)[0])
    assert user.strands("sessions", "verify") == 17
    assert "line 3: message 0 of ann does not match its digest" in user.out


def test_a_driven_session_is_not_repaired(user: Home) -> None:
    session_id = user.run()
    with user.driven(session_id) as lease:
        assert user.strands("sessions", "repair", session_id) == 17
        who = f"process {os.getpid()} on {lease.holder.host} (strands run tale.yaml)"
        assert user.err == (
            f"Error: Session {session_id[:8]}... is in use by {who}\n"
            "Wait until it ends, or stop it: what it has completed is saved.\n"
        )
        assert user.out == ""


def test_that_a_session_runs_is_no_damage_and_has_an_exit_code_of_its_own(user: Home) -> None:
    running, resting, damaged = (user.run(name=name) for name in ("running", "resting", "damaged"))
    (user.folder(running) / "pattern_state.json").write_text("{}")  # it follows, and may be behind now
    user.damage(damaged, 4)
    with user.driven(running):
        assert user.strands("sessions", "verify", running, resting) == 75
        assert user.out == (
            f"{running}: running; its journal is right so far (9 events). "
            "Its other files are compared once it rests.\n"
            f"{resting}: whole (9 events)\n"
        )
        assert user.err == ""
        assert user.strands("sessions", "verify", running, "--json") == 75
        [seen] = json.loads(user.out)
        assert (seen["whole"], seen["driven"]) == (True, True)
        assert user.strands("sessions", "verify", running, damaged) == 17
        assert user.strands("sessions", "verify", damaged, running) == 17
        user.damage(running, 5)
        assert user.strands("sessions", "verify", running) == 17
        assert f"{running}: {user.folder(running)}/journal.jsonl, line 5: " in user.out


def test_looking_at_a_session_keeps_nobody_from_driving_it(user: Home) -> None:
    session_id = user.run()
    store = FileStore(user.path / ".strands")
    looking = store.looking(session_id).unwrap()
    with user.driven(session_id):
        assert looking.holder() is not None
    assert looking.holder() is None
    looking.close()


def test_what_is_driven_while_it_is_looked_at_is_looked_at_again(user: Home) -> None:
    """Somebody drives between the reading of the journal and that of the views, and is gone again."""
    session_id = user.run(WAITING, expect=19)
    store = FileStore(user.path / ".strands")
    times: list[int] = []

    def drive_meanwhile(looking: FileLooking, views: Any) -> dict[str, str]:
        times.append(looking.token())
        if len(times) == 1:
            assert user.strands("sessions", "answer", session_id, "yes") == 0
        return differences(looking, views)

    differences = FileLooking.differences
    with mock.patch.object(FileLooking, "differences", drive_meanwhile):
        seen = verify_session(store, session_id)
    assert (seen.findings, seen.driven, len(seen.events)) == ((), False, 3)
    assert times == [times[0], times[0] + 1]


def test_a_session_that_is_always_being_driven_is_not_looked_at_for_ever(user: Home) -> None:
    session_id = user.run()
    store = FileStore(user.path / ".strands")
    with mock.patch.object(FileLooking, "token", side_effect=range(100)):
        assert verify_session(store, session_id).driven


def test_a_link_in_the_place_of_a_session_has_a_way_out(user: Home) -> None:
    session_id = user.run()
    folder, elsewhere = user.folder(session_id), user.path / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    before = {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()}
    way_out = f"strands sessions delete {session_id} --force"
    for command in (("resume",), ("sessions", "show"), ("sessions", "verify"), ("sessions", "repair")):
        assert user.strands(*command, session_id) == 17
        assert f"{folder} is a symbolic link; links are not followed\nNothing was changed. To use" in user.err
        assert way_out in user.err
        assert "strands sessions repair" not in user.err
    assert folder.is_symlink()
    assert user.strands(*way_out.split()[1:]) == 0
    assert user.ids() == []
    assert {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()} == before
    elsewhere.rename(folder)
    assert user.strands("sessions", "verify", session_id) == 0


def test_a_file_in_the_place_of_a_session_is_said_to_be_one(user: Home) -> None:
    session_id = user.run()
    user.folder(session_id).rename(user.path / "elsewhere")
    user.folder(session_id).write_text("a file")
    assert user.strands("sessions", "verify", session_id) == 17
    assert f"{user.folder(session_id)} is not a folder\nNothing was changed. Move that file away" in user.err


def test_the_journal_of_another_session_is_refused_everywhere(user: Home) -> None:
    one, two = user.run(name="one"), user.run(name="two")
    for name in ("journal.jsonl", "session.json"):
        (user.folder(two) / name).write_bytes((user.folder(one) / name).read_bytes())
    reason = f"the journal is that of session {one}"
    for command in (("sessions", "show"), ("resume",)):
        assert user.strands(*command, two) == 17
        assert f"is damaged: {reason} (journal.jsonl, line 1)" in user.err
    assert user.strands("sessions", "verify", two) == 17
    assert f"line 1: {reason}. It can't be repaired." in user.out


# --- repair --------------------------------------------------------------------------------------------


def test_views_are_written_anew_and_edited_variables_stay(user: Home) -> None:
    session_id = user.run(WAITING, expect=19)
    folder = user.folder(session_id)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    document = json.loads((folder / "session.json").read_text())
    document["variables"]["topic"] = "dunes"
    document["metadata"]["status"] = "completed"
    (folder / "session.json").write_text(json.dumps(document))
    (folder / "pattern_state.json").unlink()
    (folder / "pattern_state.json").mkdir()
    (folder / "spec_snapshot.yaml").write_text("name: another")
    assert user.strands("sessions", "repair", session_id) == 0
    for name in ("pattern_state.json", "session.json", "spec_snapshot.yaml"):
        assert f"Rebuilt: {name}" in user.err
    assert user.err.endswith(f"Repaired session: {session_id}\n")
    assert (folder / "spec_snapshot.yaml").read_bytes() == before[folder / "spec_snapshot.yaml"]
    assert (folder / "pattern_state.json").read_bytes() == before[folder / "pattern_state.json"]
    mended = json.loads((folder / "session.json").read_text())
    assert (mended["metadata"]["status"], mended["variables"]) == ("paused", {"topic": "dunes"})
    assert user.strands("sessions", "verify") == 0
    assert user.strands("sessions", "repair", session_id) == 0
    assert user.err == f"{session_id}: whole (2 events)\n"


def test_a_journal_is_cut_before_its_damage_and_the_damaged_one_is_kept(user: Home) -> None:
    session_id = user.run()
    user.damage(session_id, 7)
    damaged = user.lines(session_id)
    assert user.strands("sessions", "repair", session_id) == 2
    assert user.lines(session_id) == damaged
    assert "these units will run again: steps/1" in user.err
    assert f"strands sessions repair {session_id} --force" in user.err
    assert user.strands("sessions", "repair", session_id, "--force") == 0
    assert user.lines(session_id) == damaged[:6]
    [kept] = user.folder(session_id).glob("journal.jsonl.damaged-*")
    assert kept.read_bytes() == b"".join(damaged)
    assert kept.name in user.err
    assert user.strands("sessions", "verify") == 0
    assert user.strands("resume", session_id) == 0
    assert "Skipping completed step 0: ann" in user.err


@pytest.mark.parametrize("word", ["unit_completed", "unit_started", "message_added"])
def test_a_line_that_changed_may_have_held_a_finished_unit_whatever_it_says_now(
    user: Home, word: str
) -> None:
    session_id = user.run()
    path = user.folder(session_id) / "journal.jsonl"
    data = path.read_bytes()
    place = data.rindex(word.encode()) + 3
    path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    damaged = user.lines(session_id)
    assert user.strands("sessions", "repair", session_id) == 2
    assert "1 line can't be read and may hold " in user.err
    assert user.lines(session_id) == damaged
    assert user.strands("sessions", "repair", session_id, "--force") == 0
    [kept] = user.folder(session_id).glob("journal.jsonl.damaged-*")
    assert kept.read_bytes() == b"".join(damaged)


def test_a_line_that_is_gone_is_missed_by_the_numbers_of_the_others(user: Home) -> None:
    session_id = user.run()
    lines = user.lines(session_id)
    (user.folder(session_id) / "journal.jsonl").write_bytes(b"".join(lines[:4] + lines[5:]))
    assert user.strands("sessions", "repair", session_id) == 2
    assert (
        "⚠ Warning: The journal is cut before the damage; these units will run again: steps/1; "
        "1 line can't be read and may hold more finished units; "
        "1 line is missing and may hold more finished units; " in user.err
    )


def test_lines_that_are_gone_at_the_end_are_missed_by_what_session_json_shows(user: Home) -> None:
    session_id = user.run()
    lines = user.lines(session_id)
    (user.folder(session_id) / "journal.jsonl").write_bytes(b"".join(lines[:-2]))
    assert user.strands("sessions", "repair", session_id) == 2
    assert "; 2 lines are missing and may hold finished units" in user.err


def test_messages_that_the_journal_never_had_are_asked_about_and_moved_aside(user: Home) -> None:
    """The journal has lost its end, and session.json, which would tell so, is gone too."""
    session_id = user.run()
    folder, lines = user.folder(session_id), user.lines(session_id)
    (folder / "journal.jsonl").write_bytes(b"".join(lines[:5]))
    (folder / "session.json").unlink()
    answer = folder / "agents" / "ann" / "messages" / "message_3.json"
    said = answer.read_bytes()
    assert user.strands("sessions", "repair", session_id) == 2
    assert (
        "⚠ Warning: The journal may have lost its end; 2 messages beside the journal may be answers that it "
        "does not hold; they are kept, and no longer used.\n" in user.err
    )
    assert answer.read_bytes() == said
    assert user.strands("sessions", "repair", session_id, "--force") == 0
    [kept] = answer.parent.glob("message_3.json.damaged-*")
    assert kept.read_bytes() == said
    assert f"Moved aside: agents/ann/messages/{kept.name}\n" in user.err
    assert user.strands("sessions", "verify", session_id) == 0
    assert user.strands("resume", session_id) == 0


def test_a_person_decides_whether_work_may_be_lost(user: Home) -> None:
    session_id = user.run()
    user.damage(session_id, 7)
    damaged = user.lines(session_id)
    for no in ("", "n\n", "\n"):
        assert user.strands("sessions", "repair", session_id, typed=no) == 17
        assert f"Left as it is: {session_id}\nNothing was changed." in user.err
        assert user.lines(session_id) == damaged
    assert user.strands("sessions", "repair", session_id, typed="y\n") == 0
    assert f"Repair session {session_id[:8]}...? [y/N]: " in user.err
    assert user.lines(session_id) == damaged[:6]


def test_a_second_repair_keeps_both_damaged_journals(user: Home) -> None:
    session_id = user.run()
    for line in (9, 5):
        user.damage(session_id, line)
        assert user.strands("sessions", "repair", session_id, "--force") == 0
    assert len(list(user.folder(session_id).glob("journal.jsonl.damaged-*"))) == 2


@pytest.mark.parametrize("kind", ["first line", "empty", "missing"])
def test_a_journal_without_a_good_beginning_is_given_up_with_words(user: Home, kind: str) -> None:
    session_id = user.run()
    path = user.folder(session_id) / "journal.jsonl"
    if kind == "first line":
        user.damage(session_id, 1)
    elif kind == "empty":
        path.write_bytes(b"")
    else:
        path.unlink()
    for command in ("verify", "repair"):
        assert user.strands("sessions", command, session_id) == 17
        assert f"It can't be repaired. To remove it: strands sessions delete {session_id} --force" in (
            user.out + user.err
        )
    assert user.strands("sessions", "delete", session_id, "--force") == 0


# --- cleanup -------------------------------------------------------------------------------------------


def test_old_sessions_go_and_what_is_freed_is_said(user: Home) -> None:
    one, waiting = user.run(), user.run(WAITING, name="waiting", expect=19)
    size = sum(path.stat().st_size for path in user.folder(one).rglob("*") if path.is_file())
    assert user.strands("sessions", "cleanup") == 0
    assert (user.out, user.err) == ("", "No session to clean up.\n")
    assert user.strands("sessions", "cleanup", "--older-than", "0s", "--dry-run") == 0
    assert user.out.startswith(f"{one}  tale  completed  ")
    assert user.err == f"1 session, {size / 1000:.1f} kB\n"
    assert user.strands("sessions", "cleanup", "--older-than", "0s") == 2
    assert user.err.endswith("Nothing was deleted. To delete them: add --force\n")
    assert user.strands("sessions", "cleanup", "--older-than", "0s", typed="n\n") == 0
    assert user.ids() == sorted([one, waiting])
    assert user.strands("sessions", "cleanup", "--older-than", "0s", typed="y\n") == 0
    assert user.err.endswith(f"Delete 1 session? [y/N]: Deleted 1 session, freed {size / 1000:.1f} kB\n")
    assert user.ids() == [waiting]


def test_statuses_can_be_named_and_the_newest_kept(user: Home) -> None:
    first = user.run(name="first")
    second = user.run(WAITING, name="second", expect=19)
    third = user.run(name="third")
    both = ("--status", "paused", "--status", "completed")
    assert user.strands("sessions", "cleanup", "--keep", "1", *both, "--force") == 0
    assert user.ids() == [third]
    assert user.err.splitlines()[-1].startswith("Deleted 2 sessions, freed ")
    assert [line.split()[0] for line in user.out.splitlines()] == [first, second]


def test_a_driven_or_damaged_session_is_never_cleaned_up(user: Home) -> None:
    driven = user.run(WAITING, name="driven", expect=19)
    damaged = user.run(name="damaged")
    user.damage(damaged, 5)
    statuses = ("--status", "paused", "--status", "completed")
    with user.driven(driven):
        assert user.strands("sessions", "cleanup", "--older-than", "0s", *statuses, "--force") == 17
    assert user.ids() == sorted([driven, damaged])
    assert f"Session {driven[:8]}... is in use by" in user.err
    assert f"strands sessions repair {damaged}" in user.err
    assert user.err.endswith("Deleted 0 sessions, freed 0 bytes\n")


@pytest.mark.parametrize(
    ("option", "value"),
    [("--older-than", "30"), ("--older-than", "x" * 99), ("--keep", "-1"), ("--keep", "2.5")],
)
def test_an_age_or_number_that_is_none_is_refused(user: Home, option: str, value: str) -> None:
    session_id = user.run()
    assert user.strands("sessions", "cleanup", f"{option}={value}", "--force") == 2
    assert user.err.startswith(f"Error: {option} takes ")
    assert user.ids() == [session_id]


# --- the spec as first run -----------------------------------------------------------------------------


def test_the_spec_as_first_run_is_kept_although_its_copy_was_lost_before_a_change(user: Home) -> None:
    session_id = user.run(WAITING, expect=19)
    copy = user.folder(session_id) / "spec_snapshot.yaml"
    copy.unlink()  # as after a kill between the first commit and the first views
    (user.path / "tale.yaml").write_text(WAITING.replace("Be short.", "Be long."))
    assert user.strands("resume", session_id, "--hitl-response", "yes") == 0, user.err
    assert copy.read_text() == WAITING
    assert user.strands("sessions", "verify", session_id) == 0, user.out


# --- the config file -----------------------------------------------------------------------------------


def configure(user: Home, text: str) -> None:
    (user.path / ".strands").mkdir(exist_ok=True)
    (user.path / ".strands" / "config.yaml").write_text(text)


def test_retention_by_the_config_file_is_applied_after_a_run_and_quietly(user: Home) -> None:
    first = user.run(name="first")
    waiting = user.run(WAITING, name="waiting", expect=19)
    configure(user, "retention: {older_than: 0s, status: [completed]}\n")
    second = user.run(name="second")
    assert user.ids() == sorted([waiting, second])
    assert "Deleted" not in user.err
    assert first not in user.err


def test_retention_is_applied_after_a_resume_too(user: Home) -> None:
    user.run(name="first")
    waiting = user.run(WAITING, name="waiting", expect=19)
    configure(user, "retention: {older_than: 0s, status: [completed]}\n")
    assert user.strands("resume", waiting, "--hitl-response", "yes") == 0, user.err
    assert user.ids() == [waiting]


def test_retention_that_cannot_delete_never_fails_the_run(user: Home) -> None:
    damaged = user.run(name="damaged")
    user.damage(damaged, 5)
    configure(user, "retention: {keep: 1, status: [completed]}\n")
    second = user.run(name="second")
    assert user.ids() == sorted([damaged, second])
    assert damaged not in user.err


@pytest.mark.parametrize("text", ["", "\n", "retention: {older_than: 30d}\n", "{}\n"])
def test_a_config_file_that_wants_nothing_now_changes_nothing(user: Home, text: str) -> None:
    first = user.run(name="first")
    configure(user, text)
    second = user.run(name="second")
    assert user.ids() == sorted([first, second])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("retention: {older_than: 30 days}\n", "line 1, column 13, /retention/older_than"),
        ("retention:\n  status: [done]\n", "/retention/status/0"),
        ("retention:\n  status: [running]\n  keep: 1\n", "/retention/status/0"),
        ("retention:\n  keep: -1\n", "line 2, column 3, /retention/keep"),
        ("retention:\n  older_then: 30d\n", "line 2, column 3, /retention/older_then"),
        ("retention: {status: [completed]}\n", "line 1, column 1, /retention"),
        ("retention: [\n", "line 2"),
        ("- retention\n", "line 1, column 1"),
        ("- retention\n", "but the configuration is a mapping of keys to values"),
        ("\u00ff: \x00\n", ""),
    ],
)
def test_a_config_file_with_problems_stops_a_run_before_it_begins(user: Home, text: str, place: str) -> None:
    configure(user, text)
    (user.path / "tale.yaml").write_text(TALE)
    assert user.strands("run", "tale.yaml", "--var", "topic=tides") == 2
    assert f"Error: {user.path / '.strands' / 'config.yaml'} has " in user.err
    assert place in user.err
    assert user.ids() == []


def test_a_config_file_that_cannot_be_read_is_a_file_error(user: Home) -> None:
    (user.path / ".strands" / "config.yaml").mkdir(parents=True)
    (user.path / "tale.yaml").write_text(TALE)
    assert user.strands("run", "tale.yaml", "--var", "topic=tides") == 12
    assert "config.yaml: " in user.err
    assert user.ids() == []


# --- the sessions as a whole ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "sessions list",
        "sessions show abcd",
        "sessions delete abcd --force",
        "sessions answer abcd yes",
        "sessions tick",
        "sessions tick abcd",
        "sessions verify",
        "sessions repair abcd",
        "sessions cleanup",
        "resume abcd",
    ],
)
def test_sessions_that_cannot_be_read_as_a_whole_are_a_file_error_in_words(user: Home, line: str) -> None:
    (user.path / ".strands").mkdir()
    (user.path / ".strands" / "sessions").write_text("not a folder")
    assert user.strands(*line.split()) == 12
    place = user.path / ".strands" / "sessions"
    assert user.err.splitlines()[0] == f"Error: Can't use {place}: a part of the path is not a folder"
    assert user.out == ""
