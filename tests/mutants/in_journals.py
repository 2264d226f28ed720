"""Mutants of what is read of a journal: older forms, newer versions, damage beside them."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant

FORMS = ("tests/unit/core/journal/test_forms.py",)
GOLDEN = ("tests/unit/core/journal/test_golden_journals.py",)
VERIFICATION = ("tests/unit/core/journal/test_verification.py",)

MUTANTS: Final = (
    Mutant(
        "journal/forms.py",
        "_is_newer",
        "int(parsed[2]) > _version(parsed[1])",
        "int(parsed[2]) >= _version(parsed[1])",
        "what is written today is called newer",
        FORMS,
    ),
    Mutant(
        "journal/forms.py",
        "_version",
        "next((int(version) for known, _, version in parsed if known == name), 0)",
        "next((int(version) for known, _, version in parsed if known == name), 99)",
        "an event that nobody knows is called damage",
        FORMS,
    ),
    Mutant(
        "journal/forms.py",
        "_part",
        "JOURNAL_FORMAT",
        "JOURNAL_FORMAT + 1",
        "a journal of the next format is read as if it were of this one",
        FORMS,
    ),
    Mutant(
        "journal/forms.py",
        "",
        "{'decided', 'spec', 'writer'}",
        "{'decided', 'writer'}",
        "a later form of the stored spec is called damage",
        FORMS,
    ),
    Mutant(
        "journal/forms.py",
        "",
        "{'decided', 'spec', 'writer'}",
        "{'spec', 'writer'}",
        "a later form of a pattern's event is called damage",
        FORMS,
    ),
    Mutant(
        "journal/forms.py",
        "brought_up",
        "_parts().get(str(record.get('type')), frozenset())",
        "_PARTS",
        "a field that an event does not have makes it newer",
        FORMS,
    ),
    Mutant(
        "journal/codec.py",
        "decode",
        "brought_up(wire, upcasters)",
        "brought_up(wire, UPCASTERS)",
        "an upcaster that is handed in is not asked",
        FORMS,
    ),
    Mutant(
        "journal/upcasters.py",
        "_gate_opened_1",
        "{'attempt': 0, **old, 'type': 'gate_opened/2'}",
        "{**old, 'type': 'gate_opened/2'}",
        "a journal from before questions were numbered is damaged",
        GOLDEN,
    ),
    Mutant(
        "journal/upcasters.py",
        "_way_alone",
        "'variables'",
        "'edge'",
        "a journal from when ways kept variables is damaged",
        GOLDEN,
    ),
    Mutant(
        "session/payloads.py",
        "_spec_from_wire",
        "not isinstance(wire, dict) or wire.get('type') != SPEC_FORM",
        "not isinstance(wire, dict)",
        "a stored spec that names no form is guessed at",
        FORMS,
    ),
    Mutant(
        "journal/verification.py",
        "Finding.damage",
        "self.remedy not in ('resume', 'upgrade')",
        "self.remedy != 'resume'",
        "what a later version wrote counts as damage",
        VERIFICATION,
    ),
    Mutant(
        "journal/verification.py",
        "judge_journal",
        "Finding(path, wrong.line, wrong.reason, 'upgrade')",
        "Finding(path, wrong.line, wrong.reason, 'cut')",
        "damage beside a later version's line is offered to be cut",
        VERIFICATION,
    ),
    Mutant(
        "journal/verification.py",
        "first_newer",
        "NewerLine(number, newer.form, newer.program)",
        "None",
        "a later version's line behind damage is not found",
        VERIFICATION,
    ),
)
