"""SPSS files come in by their values and labels: written by pyreadstat, and by R's haven as another road to the same answers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from symmetry.errors import DataError
from symmetry.fieldwork.vendors.importing import read_vendor
from symmetry.spec import load
from tests.fieldwork.vendors.shops import ANSWERS, LABELS, STUDY, a_study, answers_of

NUMBERED = ("recommend", "satisfied", "greeted", "waited")
SINCE = {1.0: "Moins de 2 ans", 2.0: "De 2 à 9 ans", 3.0: "10 ans, ou plus", 9.0: "Je préfère ne pas répondre"}
REGIONS = {1.0: "Nord", 2.0: "Sud"}


def columns() -> dict[str, list[Any]]:
    """The answers as SPSS keeps them: numbers, categories by number, ticks as 0 and 1."""
    cells: dict[str, list[Any]] = {}
    for name in NUMBERED:
        cells[name] = [float(person[name]) if person[name] else None for person in ANSWERS]
    cells["why"] = [person["why"].replace("\n", " ") for person in ANSWERS]
    since = {"under_2": 1.0, "from_2_to_9": 2.0, "long": 3.0, "refused": 9.0}
    cells["known_since"] = [since.get(person["known_since"]) for person in ANSWERS]
    for key in ("price", "queue", "nothing"):
        shown = [person["obstacles"] for person in ANSWERS]
        cells[f"obstacles_{key}"] = [float(key in each.split()) if each else None for each in shown]
    days = [pd.Timestamp(person["last_visit"]).date() if person["last_visit"] else None for person in ANSWERS]
    cells["last_visit"] = days
    cells["region"] = [1.0 if person["region"] == "north" else 2.0 for person in ANSWERS]
    return cells


def agree(**changes: str) -> dict[float, str]:
    """The labels of an agreement in French."""
    words = {float(code): label for code, label in LABELS["fr"]["greeted"].items()}
    return words | {float(code.removeprefix("c")): label for code, label in changes.items()}


def a_sav(folder: Path, cells: dict[str, list[Any]], **more: Any) -> Path:
    """A system file."""
    path = folder / "answers.sav"
    labels = {"greeted": agree(), "known_since": SINCE, "region": REGIONS} | more.pop("labels", {})
    missing = {"known_since": [9], "greeted": [0]} | more.pop("missing", {})
    pyreadstat.write_sav(
        pd.DataFrame(cells),
        path,
        variable_value_labels=labels,
        missing_ranges=missing,
        compress=more.pop("compress", False),
    )
    return path


EXPECTED = [person | {"why": person["why"].replace("\n", " ")} for person in ANSWERS]


@pytest.mark.parametrize("compress", [False, True])
def test_a_system_file_gives_the_answers_back(tmp_path: Path, compress: bool) -> None:
    """Codes, categories by the labels of their numbers, user-missing values as the study's reasons, days, ticks."""
    path = a_sav(tmp_path, columns(), compress=compress)
    intake, report = read_vendor(path, a_study(tmp_path), "spring", "customers")
    assert (report.vendor, report.unused) == ("spss", ())
    assert answers_of(intake) == EXPECTED


def test_a_file_that_r_wrote_gives_the_same_answers(tmp_path: Path) -> None:
    """haven's labelled_spss values, labels and user-missing values are read as pyreadstat's are."""
    if shutil.which("Rscript") is None:
        pytest.skip("NO R HERE: the other road to a system file goes untested")
    path = tmp_path / "r.sav"
    script = f"""
    if (!requireNamespace("haven", quietly = TRUE)) quit(status = 9)
    library(haven)
    greeted <- labelled_spss(c(5, 0, 3, 1), c("Sans objet" = 0, "Pas du tout d'accord" = 1, "Tout à fait d'accord" = 5),
                             na_values = 0)
    since <- labelled_spss(c(3, 9, 1, 2), c("Moins de 2 ans" = 1, "De 2 à 9 ans" = 2, "10 ans, ou plus" = 3,
                           "Je préfère ne pas répondre" = 9), na_range = c(8, 9))
    d <- data.frame(recommend = c(10, 0, 7, NA), satisfied = c(5, 1, NA, 4))
    d$greeted <- greeted
    d$why <- c("Café, « très » bon", "deux lignes", "", "“x”; y")
    d$known_since <- since
    d$obstacles_price <- c(1, 0, NA, 0); d$obstacles_queue <- c(1, 0, NA, 1); d$obstacles_nothing <- c(0, 1, NA, 0)
    d$waited <- c(2.5, -1, NA, 12)
    d$last_visit <- as.Date(c("2027-03-04", "2027-02-28", NA, "2027-03-13"))
    d$region <- labelled(c(1, 2, 1, 2), c("Nord" = 1, "Sud" = 2))
    write_sav(d, "{path}")
    """
    source = tmp_path / "write.R"
    source.write_text(script, encoding="utf-8")
    done = subprocess.run(["Rscript", "--encoding=UTF-8", str(source)], capture_output=True, text=True)
    if done.returncode == 9:
        pytest.skip("NO HAVEN IN THIS R: install Debian's r-cran-haven")
    assert done.returncode == 0, done.stderr
    intake, _ = read_vendor(path, a_study(tmp_path), "spring", "customers")
    assert answers_of(intake) == EXPECTED


def test_a_scale_that_was_turned_over_is_refused_with_the_pair(tmp_path: Path) -> None:
    """Values fit, labels say the contrary: 1 is "Tout à fait d'accord" there, and 5 in the study."""
    turned = {"greeted": agree(c1="Tout à fait d'accord", c5="Pas du tout d'accord")}
    with pytest.raises(DataError) as caught:
        read_vendor(a_sav(tmp_path, columns(), labels=turned), a_study(tmp_path), "spring", "customers")
    [problem] = caught.value.problems
    assert problem.code == "VEN07"
    assert "`greeted` labels 1 “Tout à fait d'accord”, which is 5 in the study" in problem.what


def test_user_missing_values_that_the_study_does_not_know_are_blank_and_told(tmp_path: Path) -> None:
    """99 "Interviewer's mistake" is no answer and no reason of the scale; its cells are counted in the report."""
    cells = columns()
    cells["satisfied"] = [99.0, 98.0, 3.0, 99.0]
    missing = {"satisfied": [{"lo": 98, "hi": 99}]}
    labels = {"satisfied": {99.0: "Erreur"}}
    intake, report = read_vendor(
        a_sav(tmp_path, cells, missing=missing, labels=labels), a_study(tmp_path), "spring", "customers"
    )
    assert [row["satisfied"] for row in answers_of(intake)] == ["", "", "3", ""]
    notes = next(fed.notes for fed in report.fed if fed.name == "satisfied")
    assert notes == ("“99” (“Erreur”) is read as blank (2 cells)", "“98” is read as blank (1 cells)")


def test_values_that_are_neither_codes_nor_labels_are_refused(tmp_path: Path) -> None:
    """A category by numbers without labels says nothing: every number is named with its case."""
    cells = columns()
    path = tmp_path / "bare.sav"
    pyreadstat.write_sav(pd.DataFrame(cells), path)
    with pytest.raises(DataError) as caught:
        read_vendor(path, a_study(tmp_path), "spring", "customers")
    told = {
        (problem.where.line if problem.where else 0, problem.what.split("`")[1]) for problem in caught.value.problems
    }
    assert {(1, "region"), (2, "region"), (1, "known_since")} <= told


TICKS = ("obstacles_price", "obstacles_queue", "obstacles_nothing")


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        *[(1.0, 2.0, {1.0: "Non", 2.0: "Oui"}), (1.0, 2.0, {1.0: "Not selected", 2.0: "Selected"})],
        *[(2.0, 1.0, {1.0: "Oui", 2.0: "Non"}), (1.0, 0.0, {0.0: "Yes", 1.0: "No"})],
    ],
)
def test_ticks_are_read_by_their_labels(tmp_path: Path, low: float, high: float, labels: dict[float, str]) -> None:
    """1 is ticked where the file calls it Oui, and not where it calls it Non."""
    cells = columns()
    for name in TICKS:
        cells[name] = [each if each is None else high if each else low for each in cells[name]]
    path = a_sav(tmp_path, cells, labels=dict.fromkeys(TICKS, labels))
    intake, _ = read_vendor(path, a_study(tmp_path), "spring", "customers")
    assert answers_of(intake) == EXPECTED


def test_ticks_whose_labels_say_nothing_are_refused(tmp_path: Path) -> None:
    """1 “Soft” is neither a yes nor the choice."""
    path = a_sav(tmp_path, columns(), labels={"obstacles_price": {1.0: "Soft", 0.0: "Non"}})
    with pytest.raises(DataError, match="the labels count") as caught:
        read_vendor(path, a_study(tmp_path), "spring", "customers")
    assert [problem.code for problem in caught.value.problems] == ["VEN12"]


def test_a_user_missing_tick_is_the_reason_that_its_label_names(tmp_path: Path) -> None:
    """-2 “Je ne sais pas” is `dk`, whatever the number of `dk` in the study; a -9 without a label is blank and counted."""
    text = STUDY.replace("    exclusive: [nothing]", "    exclusive: [nothing]\n    missing: {dk: -1}")
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    cells = columns()
    for name in TICKS:
        cells[name] = [1.0 if name == TICKS[0] else 0.0, -2.0, -9.0, None]
    missing = {name: [-2, -9] for name in TICKS}
    labels = {name: {-2.0: "Je ne sais pas"} for name in TICKS}
    path = a_sav(tmp_path, cells, missing=missing, labels=labels)
    intake, report = read_vendor(path, load(tmp_path), "spring", "customers")
    assert [row["obstacles"] for row in answers_of(intake)] == ["price", "dk", "", ""]
    notes = next(fed.notes for fed in report.fed if fed.name == "obstacles")
    assert "“-2” of `obstacles_price` is read as `dk` (1 cells)" in notes
    assert "“-9” of `obstacles_price` is read as blank (1 cells)" in notes


@pytest.mark.parametrize(
    ("name", "labels", "told"),
    [
        ("greeted", {1.0: "Totally agree", 5.0: "Totally disagree"}, "labels 1 “Totally agree”, and 1 is “Pas du tout"),
        ("recommend", {1.0: "0 - Not at all likely", 11.0: "10"}, "begins with another number"),
        ("greeted", {0.0: "Jamais"}, "labels 0 “Jamais”, and 0 is “Sans objet”"),
    ],
)
def test_labels_that_are_not_those_of_the_code_are_refused_unless_a_mapping_says_what_they_mean(
    tmp_path: Path, name: str, labels: dict[float, str], told: str
) -> None:
    """Agreement the other way round in other words, a scale from 1 to 11, a point of the scale where the study has none."""
    path = a_sav(tmp_path, columns(), labels={name: labels}, missing={"greeted": []})
    with pytest.raises(DataError, match="VEN07") as caught:
        read_vendor(path, a_study(tmp_path), "spring", "customers")
    assert told in caught.value.problems[0].what
    values = {str(code): str(code) for code in range(11)}
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        f"symmetry: 1\nholds: mapping\ncolumns: {{{name}: {{column: {name}, values: {json.dumps(values)}}}}}\n",
        encoding="utf-8",
    )
    intake, _ = read_vendor(path, a_study(tmp_path), "spring", "customers", mapping=mapping)
    assert answers_of(intake) == EXPECTED


def test_labels_for_which_the_study_has_no_words_are_told(tmp_path: Path) -> None:
    """Its number before a label changes nothing; the middle of a scale, and a labelled number of minutes, are noted."""
    labels = {"greeted": {5.0: "5 - Tout à fait d'accord", 3.0: "Neutre"}, "waited": {12.0: "Longtemps"}}
    intake, report = read_vendor(
        a_sav(tmp_path, columns(), labels=labels, missing={"greeted": []}), a_study(tmp_path), "spring", "customers"
    )
    assert answers_of(intake) == EXPECTED
    notes = {fed.name: fed.notes for fed in report.fed}
    assert notes["greeted"] == ("the file calls 3 “Neutre”, for which the study has no words",)
    assert notes["waited"] == ("the file calls 12 “Longtemps”, for which the study has no words",)


def test_a_reason_is_known_by_its_label_before_its_code(tmp_path: Path) -> None:
    """User-missing 0 “Illisible” is no “Sans objet”, though the study says 0 for it; 99 “Je ne sais pas” is no 99 minutes."""
    cells = columns()
    cells["waited"][3] = 99.0
    labels = {"greeted": {0.0: "Illisible"}, "waited": {99.0: "Je ne sais pas"}}
    intake, _ = read_vendor(a_sav(tmp_path, cells, labels=labels), a_study(tmp_path), "spring", "customers")
    assert [row["greeted"] for row in answers_of(intake)] == ["5", "", "3", "1"]
    assert [row["waited"] for row in answers_of(intake)] == ["2.5", "-1", "", "-1"]
