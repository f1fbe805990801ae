"""A study whose language lives in a catalogue, checked and loaded: the same study as with its texts inside."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polib
import pytest

from symmetry.cli import main
from symmetry.errors import SpecError
from symmetry.spec import Study, check, load
from symmetry.spec.translating.writing import write_catalogue
from tests.spec.translations import ROOT, copied, filled, line_of, stripped, text_at


def apart(folder: Path, name: str = "full") -> tuple[Path, Path]:
    """A study whose English stands in a catalogue alone, and the catalogue."""
    before = stripped(copied(folder, name))
    file = write_catalogue(folder, "en")
    filled(file, {each.msgctxt: text_at(before, each.msgctxt, "en") for each in polib.pofile(str(file))})
    return folder, file


def words_and_rules(study: Study) -> dict[str, Any]:
    """All that a study says, without where it stands."""
    data = asdict(study)
    return {**{key: data[key] for key in data if key not in ("path", "digest", "items")}, "items": [*_items(data)]}


def _items(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [{key: each for key, each in item.items() if key != "place"} for item in data["items"].values()]


@pytest.mark.parametrize("name", ["full", "bank"])
def test_a_catalogue_makes_the_same_study(name: str, tmp_path: Path) -> None:
    """English inside the study or in its catalogue: every noun is equal, and nothing is warned of that was not before."""
    folder, _ = apart(tmp_path / name, name)
    inside = copied(tmp_path / "inside", name)
    assert words_and_rules(load(inside)) == words_and_rules(load(folder))
    assert [problem.code for problem in check(inside)] == [problem.code for problem in check(folder)]


def test_a_catalogue_is_part_of_the_version(tmp_path: Path) -> None:
    """A translation mended gives the study another digest."""
    folder, file = apart(tmp_path / "full")
    before = load(folder).digest
    filled(file, {"title": "A bank"})
    study = load(folder)
    assert "A bank" == study.title["en"]
    assert before != study.digest


def test_a_missing_translation_is_one_error(tmp_path: Path) -> None:
    """Whatever is missing in the catalogue is told there, and nowhere else."""
    folder, file = apart(tmp_path / "full")
    empty = ("title", "scales.agree5.ends[0]", "items.respected.customer", "items.listened.label")
    filled(file, dict.fromkeys(empty, ""))
    with pytest.raises(SpecError) as caught:
        load(folder)
    found = [
        (problem.code, problem.where.file, problem.where.line) for problem in caught.value.problems if problem.where
    ]
    assert sorted(("TRN01", file, line_of(file, context)) for context in empty) == sorted(found)


@pytest.mark.parametrize("how", ["no catalogue", "broken"])
def test_a_catalogue_that_is_not_there_is_one_error(how: str, tmp_path: Path) -> None:
    """Without its catalogue, or with one that cannot be read, a language gives one error and not one a text."""
    folder, file = apart(tmp_path / "full")
    if how == "broken":
        file.write_text("oops\n", encoding="utf-8")
    else:
        file.unlink()
    assert ["TRN03" if how == "broken" else "TRN01"] == [
        each.code for each in check(folder) if each.severity == "error"
    ]


def test_what_is_wrong_with_a_translation_is_shown_in_the_catalogue(tmp_path: Path) -> None:
    """A lost placeholder and a clumsy wording have the place of the translation."""
    folder, file = apart(tmp_path / "full")
    clumsy = "In this branch, customers are not never listened to and they are not respected, are they?"
    filled(file, {"items.why.customer": "Why?", "items.listened.management": clumsy})
    problems = [problem for problem in check(folder) if problem.where and problem.where.file == file]
    assert line_of(file, "items.why.customer") in [
        each.where.line for each in problems if each.code == "PIP03" and each.where
    ]
    assert line_of(file, "items.listened.management") in [
        each.where.line for each in problems if each.code.startswith("WRD") and each.where
    ]


def test_a_third_language_comes_from_a_catalogue_alone(tmp_path: Path) -> None:
    """A study in French and English speaks German once its catalogue does, guesses and all."""
    folder = copied(tmp_path / "full")
    file = write_catalogue(folder, "de")
    german = {each.msgctxt: f"{each.msgid} (de)" for each in polib.pofile(str(file))}
    filled(file, {**german, "guess": "Was sagen Kunden zu „{words}“?"})
    study = folder / "study.yaml"
    text = study.read_text(encoding="utf-8").replace("languages: [fr, en]", "languages: [fr, en, de]")
    study.write_text(text, encoding="utf-8")
    assert [] == [str(problem) for problem in check(folder) if problem.severity == "error"]
    made = load(folder)
    item = made.items["respected"]
    assert "À la banque, on me traite avec respect. (de)" == item.faces["customer"]["de"]
    assert "Was sagen Kunden zu „À la banque, on me traite avec respect. (de)“?" == item.faces["guess"]["de"]
    assert ("Pas du tout d'accord (de)", "Tout à fait d'accord (de)") == made.scales["agree5"].ends["de"]


def test_the_guide_works_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its two commands end well and print what it shows (the counts are the study's of the day), entry and all."""
    page = (ROOT / "docs" / "how-to" / "translate-a-study.md").read_text(encoding="utf-8")
    out, check_it = re.findall(r"^```sh\nsymmetry (.+)\n```", page, re.MULTILINE)
    (shown,) = re.findall(r"^```text\n(.+?)^```", page, re.MULTILINE | re.DOTALL)
    copied(tmp_path / "survey_specs" / "everyday_bank", "bank")
    monkeypatch.chdir(tmp_path)
    assert 0 == main(out.split())
    printed = capsys.readouterr()
    assert re.sub(r"\d+", "N", shown) == re.sub(r"\d+", "N", printed.err + printed.out)
    catalogue = Path(printed.out.strip()).read_text(encoding="utf-8")
    assert re.findall(r"^```po\n(.+?)^```", page, re.MULTILINE | re.DOTALL)[0] in catalogue
    contexts = {each.msgctxt: each.msgid for each in polib.pofile(printed.out.strip())}
    filled(Path(printed.out.strip()), contexts)
    study = Path("survey_specs/everyday_bank/study.yaml")
    study.write_text(study.read_text(encoding="utf-8").replace("[fr, en] ", "[fr, en, de] "), encoding="utf-8")
    assert 0 == main(check_it.split())
    assert {"fr", "en", "de"} == set(load(study).title)
