"""What a session knows of folders, after its project was moved."""

from __future__ import annotations

from durable_core.session.places import moved_options, needed_folder
from durable_core.session.state import Options


def test_what_went_into_the_project_goes_into_it_at_its_new_place() -> None:
    options = Options(out="/old/out", folder="/old", force=True)
    moved = moved_options(options, "/old/flows/w.yaml", "/new/flows/w.yaml")
    assert moved == Options(out="/new/out", folder="/new", force=True)


def test_what_went_elsewhere_stays_there() -> None:
    moved = moved_options(Options(out="/elsewhere", folder="/old"), "/old/w.yaml", "/new/w.yaml")
    assert moved == Options(out="/elsewhere", folder="/new")


def test_the_folder_of_the_start_is_needed_only_for_artifacts_in_it() -> None:
    assert needed_folder(Options(out="/old/out", folder="/old")) == "/old"
    assert needed_folder(Options(out="/elsewhere", folder="/old")) is None
    assert needed_folder(Options(out="out")) is None
