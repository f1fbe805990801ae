"""`symmetry new`: the first study of an author, judged by the checker, and what is never overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from symmetry.errors import SpecError
from symmetry.spec import FACES, check, load, pairs, read_yaml
from symmetry.spec.editing import starting
from symmetry.spec.editing.formatting import format_file
from symmetry.spec.editing.schema import MODELINE, SCHEMA_FILE, schema_text
from symmetry.spec.editing.starting import new_study


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by name."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def texts(data: Any) -> Iterator[dict[str, str]]:
    """Every text for people of a study."""
    if isinstance(data, dict) and set(data) == {"fr", "en"}:
        yield data
    for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from texts(each)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A first study."""
    return new_study(tmp_path_factory.mktemp("work") / "survey_specs" / "branch_trust")


def test_a_new_study_has_neither_error_nor_warning(study: Path) -> None:
    """The checker finds nothing to say of it, and `fmt` nothing to change; no warning is waived."""
    assert [] == check(study)
    assert not format_file(study, check=True)
    assert "waive:" not in study.read_text(encoding="utf-8")


def test_a_new_study_shows_everything(study: Path) -> None:
    """Referential, both mirrors, a journey, 6 to 8 items asked, every face, hot and cold, privacy, weights, plan, alerts."""
    made = load(study)
    assert ("branch_trust", "Branch trust") == (made.key, made.title["en"])
    assert made.service
    assert made.management
    assert made.cooperation
    assert 6 <= len(made.items) - 2 <= 8
    assert {"hot", "cold"} == {wave.kind for wave in made.waves.values()}
    assert {"outcome", "driver", "engagement", "verbatim", "frame"} == {item.role for item in made.items.values()}
    drivers = [item for item in made.items.values() if item.role == "driver"]
    assert all(set(FACES) - {"observer"} == set(item.faces) for item in drivers)
    assert {"literal", "parallel", "projection", "loose"} == {pair.mirror for pair in pairs(made)}
    assert made.rotation
    assert made.contact
    assert made.owners
    assert made.targets["customers"]
    assert made.registered.alerts
    assert set(made.service.attitudes) == {item.promise for item in drivers}


def test_a_new_study_is_written_in_french_and_english(study: Path) -> None:
    """Each text is there in both languages, in different words, but for the title that its author is to write."""
    data = read_yaml(study).data
    found = [each for each in texts(data) if each != data["title"]]
    assert len(found) > 50
    same = {each["fr"] for each in found if each["fr"] == each["en"]}
    assert {"Respect"} == same  # one word in both


def test_a_new_study_explains_itself(study: Path) -> None:
    """It begins with the line that tells editors of its schema, and a comment stands by every section."""
    lines = study.read_text(encoding="utf-8").splitlines()
    assert MODELINE == lines[0]
    for number, line in enumerate(lines):
        section = line.split(":")[0]
        if section in ("promise", "service", "journeys", "scales", "waves", "contact", "owners", "weights", "plan"):
            assert "#" in line or lines[number - 1].startswith("#"), section


def test_its_schema_stands_beside_it(study: Path) -> None:
    """The schema that comes with it is the one that `symmetry schema` would write."""
    assert schema_text(study) == (study.parent / SCHEMA_FILE).read_text(encoding="utf-8")


def test_the_key_may_differ_from_the_folder(tmp_path: Path) -> None:
    """A key given by hand names the study; the same call elsewhere writes the same bytes."""
    first, second = new_study(tmp_path / "A folder", "my_key"), new_study(tmp_path / "b", "my_key")
    assert "my_key" == load(first).key
    assert files_of(first.parent) == files_of(second.parent)


@pytest.mark.parametrize("thing", ["folder", "empty folder", "file", "link"])
def test_nothing_is_overwritten(thing: str, tmp_path: Path) -> None:
    """Whatever has the name of the new folder stays as it is, and the error says where and how to mend it."""
    home = tmp_path / "taken"
    if "folder" in thing:
        home.mkdir()
    if thing == "folder":
        (home / "notes.txt").write_text("mine")
    elif thing == "file":
        home.write_text("mine")
    elif thing == "link":
        home.symlink_to(home)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SpecError, match="is there already, and is left as it is") as error:
        new_study(home)
    (problem,) = error.value.problems
    assert ("NEW01", home, "name a folder that is not there yet") == (problem.code, problem.where.file, problem.mend)
    assert before == sorted(tmp_path.rglob("*"))


@pytest.mark.parametrize("key", ["Ma Banque", "2027_study", "élan", "a-b", "", "_", "x" + "é" * 3])
def test_a_key_that_cannot_name_a_study_is_refused(key: str, tmp_path: Path) -> None:
    """The error proposes a key, which is then accepted; nothing is made before."""
    with pytest.raises(SpecError, match="cannot be the key of a study") as error:
        new_study(tmp_path / "study", key)
    (problem,) = error.value.problems
    assert "NEW02" == problem.code
    assert [] == list(tmp_path.iterdir())
    proposed = problem.mend.split("`")[1]
    assert proposed == load(new_study(tmp_path / "study", proposed)).key


def test_a_half_made_folder_never_remains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If writing stops half-way, there is nothing: neither the folder nor what was written aside."""

    def full(_: Path) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(starting, "schema_text", full)
    with pytest.raises(OSError, match="No space left"):
        new_study(tmp_path / "study")
    assert [] == list(tmp_path.iterdir())
