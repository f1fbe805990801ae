"""What spreadsheets, encodings and second exports do to a file is refused, set aside or told, and no name is kept."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from symmetry.cli import main
from symmetry.errors import DataError, Problem
from symmetry.fieldwork.vendors.importing import read_vendor
from symmetry.responses import export, freeze, read
from tests.fieldwork.vendors.shops import ANSWERS, COLUMNS, a_study, answers_of, bring_in, text_of, written


def refused(folder: Path, content: str | bytes, name: str = "file.csv", *, encoding: str | None = None) -> Problem:
    """Bring in what must be refused, for one reason."""
    with pytest.raises(DataError) as caught:
        bring_in(folder, content, name, encoding=encoding)
    [problem] = caught.value.problems
    return problem


def with_ids(*ids: str) -> list[list[str]]:
    """Answers under the study's own names, each with an id."""
    rows = written("plain", [ANSWERS[n % 4] for n in range(len(ids))])
    return [[name, *row] for name, row in zip(("respondent", *ids), rows, strict=True)]


def test_what_tells_anonymous_employees_apart_is_not_kept(tmp_path: Path) -> None:
    """An address sets the second answer aside, whether a mapping or its heading names it; no answer holds it."""
    study = a_study(tmp_path)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("symmetry: 1\nholds: mapping\nrespondent: email\n", encoding="utf-8")
    for heading, given in (("email", mapping), ("respondent", None)):
        rows = [[heading, "region", "recommend", "satisfied", "greeted", "greeted.guess"]]
        rows += [[who, "north", "7", "3", "4", "5"] for who in ("zoe@bank.fr", "al@bank.fr", "zoe@bank.fr")]
        path = tmp_path / "staff.csv"
        path.write_text(text_of(rows), encoding="utf-8")
        intake, report = read_vendor(path, study, "spring", "employees", mapping=given)
        assert list(intake.answers["respondent"]) == ["row 1", "row 2"]
        assert [each.reason for each in report.aside] == ["the respondent of row 2 again"]
        assert f"respondents are told apart by `{heading}`, which is not kept" in report.notes[-1]


def test_a_total_is_nobody_and_a_second_answer_that_differs_is_told(tmp_path: Path) -> None:
    """Only under the last answer: somebody in the middle may be called Total."""
    rows = with_ids("Total", "a", "a", "b", "Total")
    intake, report = bring_in(tmp_path, text_of(rows))
    assert list(intake.answers["respondent"]) == ["Total", "a", "b"]
    assert [each.reason for each in report.aside] == [
        "the respondent of row 3 again, with other answers",
        "a total, and no answer",
    ]


def test_ids_that_a_spreadsheet_rounded_are_refused(tmp_path: Path) -> None:
    """1.23457E+12 is many people."""
    found = refused(tmp_path, text_of(with_ids("17", "1.23457E+12", "1.23457E+12")))
    assert ("VEN12", "a spreadsheet has rounded the ids") == (found.code, found.what.split(": ")[1])


def test_rows_without_any_cell_are_left_out_and_counted(tmp_path: Path) -> None:
    """`;;;;` under the last answer is nobody, with ids or without; the lines of others stay theirs."""
    rows = with_ids("a", "b", "a")
    intake, report = bring_in(tmp_path, text_of([*rows[:2], [""] * len(rows[0]), *rows[2:], [""] * len(rows[0])], ";"))
    assert list(intake.answers["respondent"]) == ["a", "b"]
    assert ("2 rows without any cell were left out", 6) == (report.notes[1], report.aside[0].row)


def test_rows_that_are_alike_are_told_where_nothing_tells_people_apart(tmp_path: Path) -> None:
    """Both are kept."""
    intake, report = bring_in(tmp_path, text_of(written("plain", [*ANSWERS, ANSWERS[0]])))
    assert 5 == len(intake.answers)
    assert "1 rows are the same in every cell as one before them: all are kept" in report.notes


def test_mixed_and_misnamed_encodings_are_refused_with_their_line(tmp_path: Path) -> None:
    """UTF-8 beside cp1252 under the name of either, cp1252 under the name of latin-1; what was encoded twice is told."""
    first, second = text_of(written("plain", ANSWERS[:1])), '"7","4","5","déçu","","","","",""\n'
    mixed = first.encode() + second.encode("cp1252")
    assert "the file mixes encodings" in refused(tmp_path, mixed).what
    found = refused(tmp_path, mixed, encoding="cp1252")
    assert ("VEN03", 2) == (found.code, found.where.line if found.where else 0)
    found = refused(tmp_path, first.replace("Café", "l’œuf").encode("cp1252"), encoding="latin-1")
    assert ("VEN03", 2) == (found.code, found.where.line if found.where else 0)
    _, report = bring_in(tmp_path, first.replace("Café", "CafÃ©"))
    assert "“Ã©” looks like UTF-8 that was encoded twice" in report.notes


def test_a_cell_without_an_end_and_a_file_of_another_kind_say_so(tmp_path: Path) -> None:
    """A first line of 200,000 characters is no table; Parquet is not taken for text of another encoding."""
    assert "VEN04" == refused(tmp_path, f'"{"x" * 200_000}",a\n1,2\n').code
    assert "is Parquet, which import does not read" in refused(tmp_path, b"PAR1\x15\x04\xff").what


def test_errors_of_a_workbook_are_no_answers(tmp_path: Path) -> None:
    """#DIV/0! in a verbatim is refused with its cell."""
    rows = written("plain", ANSWERS)
    rows[1][COLUMNS.index("why")] = "#DIV/0!"
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(out)
    found = refused(tmp_path, out.getvalue(), "file.xlsx")
    assert ("VEN05", True) == (found.code, "the error #DIV/0! in Sheet!D2" in found.what)


def test_points_before_three_digits_are_told_in_a_file_of_semicolons(tmp_path: Path) -> None:
    """1.234 is a little more than one there, which whoever writes thousands so should know."""
    rows = written("plain", ANSWERS)
    for row, text in zip(rows[1:], ("1.234", "2.500", "", ""), strict=True):
        row[COLUMNS.index("waited")] = text
    _, report = bring_in(tmp_path, text_of(rows, ";"))
    notes = next(fed.notes for fed in report.fed if fed.name == "waited")
    assert ("points are read as decimals: “1.234” is 1.234, no thousands",) == notes


def test_a_status_that_qualtrics_does_not_document_is_told(tmp_path: Path) -> None:
    """40 is spam of an employee survey; 77 counts, and is said to."""
    rows = written("qualtrics", ANSWERS)
    rows[3][1], rows[4][1] = "40", "77"
    intake, report = bring_in(tmp_path, text_of(rows))
    assert (3, ["spam"]) == (len(intake.answers), [each.reason for each in report.aside])
    assert "1 rows of status “77” count as answers" in report.notes


def test_a_column_that_is_there_is_read_though_it_was_allowed_to_be_missing(tmp_path: Path) -> None:
    """`--allow-missing` allows, and drops nothing; what a mapping calls absent stays empty, and is told."""
    content = text_of(written("plain", ANSWERS))
    intake, report = bring_in(tmp_path, content, allow_missing=["region", "why"])
    assert (list(ANSWERS), ()) == (answers_of(intake), report.absent)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("symmetry: 1\nholds: mapping\nabsent: [region]\n", encoding="utf-8")
    _, report = bring_in(tmp_path, content, mapping=mapping)
    assert [("region", "the mapping calls what it feeds absent")] == [(each.column, each.why) for each in report.unused]


def test_a_second_file_replaces_nothing_unless_it_is_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same file again is no second one; another is refused and changes nothing; a mapping is written before answers."""
    a_study(tmp_path)
    files = [tmp_path / "web.csv", tmp_path / "paper.csv"]
    for path, people in zip(files, (ANSWERS, ANSWERS[:2]), strict=True):
        path.write_text(text_of(written("plain", people)), encoding="utf-8")
    out = tmp_path / "answers"
    words = ["--study", str(tmp_path), "--wave", "spring", "--audience", "customers", "--out", str(out)]
    assert [0, 0, 1] == [main(["import", str(path), *words]) for path in (files[0], files[0], files[1])]
    told = capsys.readouterr().err
    assert "VEN16 holds 4 answers of customers in wave `spring` already, from web.csv" in told
    before = (out / "manifest.json").read_bytes()
    nowhere = ["--replace", "--write-mapping", str(tmp_path / "no" / "m.yaml")]
    assert 0 != main(["import", str(files[1]), *words, *nowhere])
    assert before == (out / "manifest.json").read_bytes()
    assert 0 == main(["import", str(files[1]), *words, "--replace"])
    assert before != (out / "manifest.json").read_bytes()


@pytest.mark.parametrize(("to", "beside"), [("sav", True), ("sav", False), ("csv", True)])
@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_answers_stay_simulated_on_their_way_out_and_in(
    tmp_path: Path, to: str, beside: bool, simulated: bool
) -> None:
    """A .sav file says so itself; of a CSV file the manifest beside it does; and freezing them again keeps it."""
    study = a_study(tmp_path)
    alone = replace(study, waves={"spring": replace(study.waves["spring"], audiences=("customers",))})
    intake, _ = bring_in(tmp_path, text_of(written("plain", ANSWERS)), study=alone)
    frozen = freeze([replace(intake, simulated=simulated)], alone, tmp_path / "frozen")
    export(frozen, alone, tmp_path / "out", to, "fr")
    if not beside:
        (tmp_path / "out" / "manifest.json").unlink()
    again, _ = read_vendor(tmp_path / "out" / f"spring.customers.{to}", alone, "spring", "customers")
    freeze([again], alone, tmp_path / "again")
    assert simulated == read(tmp_path / "again", alone).manifest["tables"]["spring/customers"]["simulated"]
