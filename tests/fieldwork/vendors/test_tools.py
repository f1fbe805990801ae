"""Answers come back from every tool as they were given: codes or labels, French or English, text files or workbooks."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace
from pathlib import Path

import pytest

from symmetry.analyse import read_answers, write_answers
from symmetry.errors import DataError
from symmetry.fieldwork.vendors.importing import read_vendor
from symmetry.responses import export as export_answers
from symmetry.responses import freeze
from symmetry.spec import export
from tests.fieldwork.vendors.shops import ANSWERS, COLUMNS, WORDS, a_study, answers_of, bring_in, text_of, written

TOOLS = [(tool, language) for tool in ("limesurvey", "qualtrics", "google", "plain") for language in ("", "fr", "en")]


@pytest.mark.parametrize(("tool", "language"), TOOLS)
def test_the_answers_of_every_tool_come_in_as_they_were_given(tmp_path: Path, tool: str, language: str) -> None:
    """Codes, French labels and English labels give the same answers, and the tool is recognised by its marks."""
    intake, report = bring_in(tmp_path, text_of(written(tool, ANSWERS, language=language)))
    assert report.vendor == tool
    assert answers_of(intake) == list(ANSWERS)


@pytest.mark.parametrize("tool", ["limesurvey", "qualtrics", "google"])
@pytest.mark.parametrize(("separator", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-16-be")])
def test_files_come_in_any_separator_and_marked_encoding(
    tmp_path: Path, tool: str, separator: str, encoding: str
) -> None:
    """Semicolons, tabulators, UTF-8 with its mark and UTF-16 with and without: all read without an option."""
    text = text_of(written(tool, ANSWERS, language="fr"), separator)
    intake, _ = bring_in(tmp_path, text.encode(encoding))
    assert answers_of(intake) == list(ANSWERS)
    packed, _ = bring_in(tmp_path, gzip.compress(text.encode(encoding)), "file.csv.gz")
    assert packed.answers.equals(intake.answers)


def test_decimal_commas_and_french_days_are_read(tmp_path: Path) -> None:
    """2,5 is two and a half, and 28/02/2027 settles that the day comes first; both are told."""
    rows = written("google", ANSWERS, language="fr")
    wait, visit = COLUMNS.index("waited") + 1, COLUMNS.index("last_visit") + 1
    for row in rows[1:]:
        row[wait] = row[wait].replace(".", ",")
        row[visit] = "/".join(reversed(row[visit].split("-")))
    intake, report = bring_in(tmp_path, text_of(rows, ";"))
    assert answers_of(intake) == list(ANSWERS)
    notes = {fed.name: fed.notes for fed in report.fed}
    assert notes["waited"] == ("decimal commas are read as points (1 values)",)
    assert notes["last_visit"] == ("days are read as day/month/year",)


def test_a_survey_that_was_exported_to_limesurvey_comes_back_without_a_mapping(tmp_path: Path) -> None:
    """Every question and answer code in the exported structure is understood when LimeSurvey gives it back."""
    study = a_study(tmp_path)
    structure = export(study, "limesurvey", wave="spring", audience="customers").content.decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(structure), delimiter="\t") if row["language"] == "fr"]
    heads: dict[str, list[str]] = {}
    question = ""
    for row in rows:
        if row["class"] == "Q":
            question = row["name"]
            heads[question] = [] if row["type/scale"] in ("L", "M") else ["typed"]
        elif row["class"] in ("A", "SQ"):
            heads[question].append(row["name"])
    several = [row["name"] for row in rows if row["class"] == "Q" and row["type/scale"] == "M"]
    header = ["id", "submitdate", "lastpage"]
    for name, codes in heads.items():
        header += [f"{name}[{code}]" for code in codes] if name in several else [name]
    people = []
    longest = max(len(codes) for name, codes in heads.items() if name not in several)
    for number in range(longest):
        cells = [str(number), "2027-03-05 10:00:00", "1"]
        for name, codes in heads.items():
            if name in several:
                cells += ["Y" if place == number % len(codes) else "" for place in range(len(codes))]
            elif codes == ["typed"]:
                typed = {"lastVisit": "2027-03-04 00:00:00", "why": "words", "waited": "3"}
                cells.append("" if name == "waited" and number == 0 else typed[name])
            elif name == "waitedMissing":
                cells.append(codes[0] if number == 0 else "")
            else:
                cells.append(codes[number % len(codes)])
        people.append(cells)
    intake, report = bring_in(tmp_path, text_of([header, *people]), study=study)
    assert [each.why for each in report.unused if not each.why.startswith("written by the tool")] == []
    back = answers_of(intake)
    assert {row["known_since"] for row in back} == {"under_2", "from_2_to_9", "long", "refused"}
    assert {row["obstacles"] for row in back} == {"price", "queue", "nothing"}
    assert {row["region"] for row in back} == {"north", "south"}
    assert {row["greeted"] for row in back} == set("012345")
    assert [row["waited"] for row in back] == ["-1"] + ["3"] * (longest - 1)


@pytest.mark.parametrize("heading", ["codetext", "full", "underscores", "manager"])
def test_limesurvey_heads_its_columns_in_four_ways(tmp_path: Path, heading: str) -> None:
    """By code and words, by words alone, with `_` for blanks, and with `_` before a subquestion."""
    rows = written("limesurvey", ANSWERS)
    own = {
        "id": "Response ID",
        "submitdate": "Date submitted",
        "lastpage": "Last page",
        "startlanguage": "Start language",
    }
    own |= {"seed": "Seed", "knownSince": WORDS["known_since"]["fr"], "lastVisit": WORDS["last_visit"]["fr"]}
    words = own | {name: WORDS[name]["fr"] for name in ("region", "recommend", "satisfied", "greeted", "why", "waited")}
    words |= {"waitedMissing": "Minutes d'attente"}
    ticks = {"price": "Le prix", "queue": "L'attente, en caisse", "nothing": "Aucune"}
    words |= {f"obstacles[{key}]": f"{WORDS['obstacles']['fr']} [{said}]" for key, said in ticks.items()}
    made = {
        "codetext": lambda code: f"{code}. {words[code]}",
        "full": lambda code: words[code] if code != "waitedMissing" else "waitedMissing",
        "underscores": lambda code: f"{code}. {words[code]}".replace(" ", "_").replace("._", ". ", 1),
        "manager": lambda code: code.replace("[", "_").replace("]", ""),
    }[heading]
    intake, report = bring_in(tmp_path, text_of([[made(code) for code in rows[0]], *rows[1:]]))
    assert report.vendor == "limesurvey"
    assert answers_of(intake) == list(ANSWERS)


def test_limesurvey_writes_1_and_2_for_y_and_n_on_demand(tmp_path: Path) -> None:
    """Ticks as 1, and gaps as 2, are the same choices; in another tool's file a 2 is no tick and no gap."""
    rows = written("limesurvey", ANSWERS)
    places = [place for place, name in enumerate(rows[0]) if name.startswith("obstacles[")]
    for row in rows[1:]:
        for place in places:
            row[place] = {"Y": "1", "": "2"}[row[place]]
    intake, report = bring_in(tmp_path, text_of(rows))
    assert answers_of(intake) == list(ANSWERS)
    assert next(fed.notes for fed in report.fed if fed.name == "obstacles") == ("nothing is ticked in 1 rows: blank",)
    with pytest.raises(DataError, match="a tick is Y, 1"):
        bring_in(tmp_path, text_of(rows), vendor="plain", allow_missing=["waited"])


def test_a_google_grid_is_read_by_its_rows(tmp_path: Path) -> None:
    """A column `Title [row]` is the question that its row asks."""
    rows = written("google", ANSWERS, language="fr")
    for name in ("satisfied", "greeted"):
        place = COLUMNS.index(name) + 1
        rows[0][place] = f"Votre visite [{rows[0][place]}]"
    intake, _ = bring_in(tmp_path, text_of(rows))
    assert answers_of(intake) == list(ANSWERS)


def test_legacy_and_trimmed_qualtrics_files_have_two_rows_of_headings(tmp_path: Path) -> None:
    """Without the row of import ids, and with V1, V2… for what Qualtrics adds, the answers are the same."""
    rows = written("qualtrics", ANSWERS, language="en")
    trimmed, report = bring_in(tmp_path, text_of([*rows[:2], *rows[3:]]))
    assert (report.vendor, report.read) == ("qualtrics", 4)
    legacy = [[f"V{n}" for n in range(1, 6)] + rows[0][5:], rows[0][:5] + rows[1][5:], *rows[3:]]
    again, report = bring_in(tmp_path, text_of(legacy))
    assert (report.vendor, report.read) == ("qualtrics", 4)
    assert answers_of(trimmed) == answers_of(again) == list(ANSWERS)


def test_choices_in_one_cell_are_told_apart_though_a_label_holds_a_comma(tmp_path: Path) -> None:
    """Le prix, L'attente, en caisse: these are two choices, joined by commas or by semicolons."""
    rows = written("google", ANSWERS, language="fr")
    place = COLUMNS.index("obstacles") + 1
    rows[1][place] = "L'attente, en caisse;Le prix"
    intake, _ = bring_in(tmp_path, text_of(rows))
    assert answers_of(intake)[0]["obstacles"] == "price queue"


def test_what_was_brought_in_can_be_frozen_and_read_by_the_other_road(tmp_path: Path) -> None:
    """`write_answers` writes it, `read_answers` checks it again as a plan's file, and `freeze` takes it."""
    study = a_study(tmp_path)
    intake, _ = bring_in(tmp_path, text_of(written("qualtrics", ANSWERS, language="fr")), study=study)
    write_answers([intake], study, tmp_path / "answers")
    again = read_answers(tmp_path / "answers", study)
    assert again[0].answers.equals(intake.answers)
    assert [str(kind) for kind in again[0].answers.dtypes] == [str(kind) for kind in intake.answers.dtypes]
    assert again[0].log.to_dict("records") == intake.log.to_dict("records")
    alone = replace(study, waves={"spring": replace(study.waves["spring"], audiences=("customers",))})
    assert list(freeze(again, alone, tmp_path / "responses").hashes) == ["spring/customers"]


@pytest.mark.parametrize(("to", "labels"), [("sav", False), ("csv", False), ("csv", True)])
def test_what_was_exported_for_another_program_comes_back_without_a_mapping(
    tmp_path: Path, to: str, labels: bool
) -> None:
    """Frozen answers written as SPSS, as codes and as words are the same answers when they are read here again."""
    study = a_study(tmp_path)
    alone = replace(study, waves={"spring": replace(study.waves["spring"], audiences=("customers",))})
    intake, _ = bring_in(tmp_path, text_of(written("plain", ANSWERS)), study=alone)
    frozen = freeze([intake], alone, tmp_path / "frozen")
    export_answers(frozen, alone, tmp_path / "out", to, "fr", labels=labels)
    [path] = [each for each in (tmp_path / "out").glob(f"*.{to}") if "codebook" not in each.name]
    again, report = read_vendor(path, alone, "spring", "customers")
    assert again.answers.equals(intake.answers)
    assert report.unused == ()
