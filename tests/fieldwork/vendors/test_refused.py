"""What does not fit is refused with its place and remedy: another survey, slid columns, mixed terms, encodings, workbooks."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from symmetry.errors import DataError, Problem
from symmetry.spec import load
from tests.fieldwork.vendors.shops import ANSWERS, COLUMNS, STUDY, WORDS, answers_of, bring_in, text_of, written


def refused(folder: Path, content: str | bytes, name: str = "file.csv", **options: Any) -> list[Problem]:
    """Bring in what must be refused."""
    with pytest.raises(DataError) as caught:
        bring_in(folder, content, name, **options)
    return list(caught.value.problems)


def plain(changes: dict[tuple[int, str], str] | None = None, people: int = 4) -> str:
    """Answers under the study's own names, some cells changed."""
    rows = written("plain", [ANSWERS[n % 4] for n in range(people)])
    for (row, column), text in (changes or {}).items():
        rows[row][COLUMNS.index(column)] = text
    return text_of(rows)


def book(*sheets: tuple[str, list[list[Any]]], merged: str = "", hidden: str = "") -> bytes:
    """A workbook, cells as they are given."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if merged:
            sheet.merge_cells(merged)
        sheet.sheet_state = "hidden" if title == hidden else "visible"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_values_outside_the_scale_are_each_named_with_their_row(tmp_path: Path) -> None:
    """A quoted line break before them does not shift the line that is told; nothing comes in."""
    content = plain(
        {(3, "recommend"): "11", (1, "greeted"): "6", (4, "region"): "west", (1, "last_visit"): "2028-01-01"}
    )
    found = refused(tmp_path, content)
    told = {(problem.where.line if problem.where else 0, problem.code) for problem in found}
    assert told == {(5, "VEN12"), (2, "VEN12"), (6, "VEN12")}
    assert "column `recommend` holds “11” for `recommend`" in {problem.what for problem in found}


def test_many_misfits_are_counted_after_twenty(tmp_path: Path) -> None:
    """Twenty are named, and the rest is one sentence."""
    content = plain({(row, "recommend"): str(100 + row) for row in range(1, 31)}, people=40)
    found = refused(tmp_path, content)
    assert (len(found), found[-1].what) == (21, "and 10 more problems")


def test_a_column_that_mixes_codes_and_labels_is_refused(tmp_path: Path) -> None:
    """The row of the label is told, with a code that stands beside it."""
    [found] = refused(tmp_path, plain({(2, "satisfied"): "Forte"}))
    assert (found.code, found.where.line if found.where else 0) == ("VEN13", 3)
    assert "“Forte”" in found.what
    assert "“5” is one of the codes" in found.mend


def test_labels_of_both_languages_may_stand_in_one_column(tmp_path: Path) -> None:
    """Where each person answered in their own language, both are read, and it is told."""
    french, english = (written("plain", ANSWERS, language=language) for language in ("fr", "en"))
    intake, report = bring_in(tmp_path, text_of([*french[:3], *english[3:]]))
    assert answers_of(intake) == list(ANSWERS)
    assert "by labels in `fr`, `en`" in next(fed.notes for fed in report.fed if fed.name == "satisfied")


def test_a_file_of_another_survey_is_one_sentence(tmp_path: Path) -> None:
    """Not a line for each question: how many fit of how many, and that it looks like another survey."""
    [found] = refused(tmp_path, "id,age,town,recommend\n1,30,Metz,7\n2,31,Lyon,8\n")
    assert found.code == "VEN08"
    assert "1 of the 8 questions of customers in wave `spring` are in file.csv, which has 4 columns" in found.what


def test_a_file_of_another_wave_is_told_whose_it_is(tmp_path: Path) -> None:
    """The wave and audience that its columns do fit are named."""
    study = load("survey_specs/everyday_bank")
    walk = "hall_tidy,seats_comfortable,air_fresh,talks_private,stands_up,restates\n1,2,3,4,1,2\n"
    path = tmp_path / "walk.csv"
    path.write_text(walk)
    from symmetry.fieldwork.vendors.importing import read_vendor

    with pytest.raises(DataError, match="VEN08") as caught:
        read_vendor(path, study, "cold-2027", "customers")
    assert caught.value.problems[0].mend == "its columns fit observers in wave `walk-2027`"


def test_columns_that_nothing_feeds_are_each_named_with_the_lines_to_write(tmp_path: Path) -> None:
    """A file without two of the columns is refused, and taken where they are allowed to be missing."""
    rows = written("plain", ANSWERS)
    keep = [place for place, name in enumerate(COLUMNS) if name not in ("region", "waited")]
    content = text_of([[row[place] for place in keep] for row in rows])
    *found, note = refused(tmp_path, content.replace('"why"', '"reason given"'))
    told = [(problem.code, problem.what.split("`")[1]) for problem in found]
    assert told == [("VEN09", "region"), ("VEN09", "why"), ("VEN09", "waited")]
    assert (note.severity, note.what) == ("note", "file columns that feed nothing: `reason given`")
    assert "`columns: {region: NAME}`; if it was not asked: `--allow-missing region`" in found[0].mend
    intake, report = bring_in(tmp_path, content, allow_missing=["region", "waited"])
    assert report.absent == ("region", "waited")
    assert answers_of(intake) == [person | {"region": "", "waited": ""} for person in ANSWERS]


@pytest.mark.parametrize("step", [1, -1])
def test_cells_that_slid_beside_their_columns_are_one_sentence(tmp_path: Path, step: int) -> None:
    """From which column to which, and which way, not a line for each cell."""
    people = [person | {"obstacles": "", "why": "words"} for person in ANSWERS]
    rows = written("plain", people)
    rows = [rows[0], *([*row[-step:], *row[:-step]] for row in rows[1:])]
    [found] = refused(tmp_path, text_of(rows))
    assert found.code == "VEN14"
    assert f"further to the {'right' if step > 0 else 'left'}: the cells have shifted" in found.what


def test_two_columns_for_one_are_refused_and_a_weaker_claim_is_told(tmp_path: Path) -> None:
    """The same question twice is never chosen between; words beside a name stay unused, with the reason."""
    rows = written("google", ANSWERS, language="fr")
    twice = [[*row, row[1]] for row in rows]
    assert [problem.code for problem in refused(tmp_path, text_of(twice))] == ["VEN10"]
    named = [[*rows[0], "recommend"], *([*row, "5"] for row in rows[1:])]
    _, report = bring_in(tmp_path, text_of(named))
    [unused] = [each for each in report.unused if each.column == WORDS["recommend"]["fr"]]
    assert unused.why == "`recommend` feeds `recommend` already, by its name"


def test_a_name_that_asks_another_question_is_refused(tmp_path: Path) -> None:
    """`satisfied. Nous recommanderiez-vous ?` is one or the other."""
    rows = written("limesurvey", ANSWERS)
    rows[0] = [f"{code}. {WORDS['recommend']['fr']}" if code == "satisfied" else code for code in rows[0]]
    found = refused(tmp_path, text_of(rows))
    assert [problem.code for problem in found] == ["VEN10"]
    assert "is called as `satisfied` and asks what `recommend` asks" in found[0].what


def test_marks_of_two_tools_are_refused_unless_one_is_named(tmp_path: Path) -> None:
    """A file that could be of Google Forms and of LimeSurvey says by what, and `vendor` settles it."""
    rows = written("google", ANSWERS)
    both = [[*rows[0], "seed", "lastpage"], *([*row, "1", "2"] for row in rows[1:])]
    [found] = refused(tmp_path, text_of(both))
    assert found.code == "VEN02"
    intake, _ = bring_in(tmp_path, text_of(both), vendor="google")
    assert answers_of(intake) == list(ANSWERS)


def test_a_byte_of_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    """A cp1252 file says its first byte; a file of both says that it mixes them; UTF-8 is not read as cp1252."""
    text = text_of(written("google", ANSWERS, language="fr")[:3], quoted=False)
    [found] = refused(tmp_path, text.encode("cp1252"))
    assert (found.code, found.where.line if found.where else 0) == ("VEN03", 1)
    assert "--encoding cp1252" in found.mend
    intake, _ = bring_in(tmp_path, text.encode("cp1252"), encoding="cp1252")
    assert answers_of(intake) == list(ANSWERS[:2])
    first, rest = text.encode().split(b"\n", 1)
    [found] = refused(tmp_path, first + b"\n" + rest.decode().encode("cp1252"))
    assert (found.where.line if found.where else 0) == 2
    assert "the file mixes encodings" in found.what
    assert [problem.code for problem in refused(tmp_path, text, encoding="cp1252")] == ["VEN03"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        *[("", "VEN01"), ("\n\n", "VEN01"), ("recommend,why\n", "VEN01"), (b"PK\x03\x04nonsense", "VEN05")],
        *[("recommend,why\n1,a\n2,b,c\n3,d\n", "VEN04"), (b"\xd0\xcf\x11\xe0old", "VEN05"), ('a,b\n1,"x', "VEN04")],
        *[(b"$FL2 nonsense", "VEN06"), (b"\x1f\x8bnonsense", "VEN01"), (b"\x1f\x8b", "VEN01")],
    ],
)
def test_files_that_are_no_table_say_why(tmp_path: Path, content: str | bytes, code: str) -> None:
    """Empty, headings alone, damaged, of unequal rows, an old workbook, an open quote."""
    assert [problem.code for problem in refused(tmp_path, content)] == [code]


def test_numbers_and_days_that_can_be_read_two_ways_are_refused(tmp_path: Path) -> None:
    """1,234 in a file of commas, 2.5 beside 2,5, 04/03/2027 without a day above 12."""
    assert [p.code for p in refused(tmp_path, plain({(1, "waited"): "1,234"}))] == ["VEN12"]
    assert [p.code for p in refused(tmp_path, plain({(4, "waited"): "2,5"}))] == ["VEN13"]
    days = {(row, "last_visit"): text for row, text in ((1, "04/03/2027"), (2, ""), (4, "05/03/2027"))}
    found = refused(tmp_path, plain(days))
    assert {p.mend for p in found} == {"day or month first? say `dates: dmy` or `dates: mdy` in a mapping file"}


def test_workbooks_are_read_as_people_see_them(tmp_path: Path) -> None:
    """5.0 is 5, a day is a day, hidden sheets are not read, and the sheet is told."""
    rows: list[list[Any]] = [list(row) for row in written("plain", ANSWERS)]
    for row in rows[1:]:
        row[:] = [float(cell) if cell.lstrip("-").replace(".", "", 1).isdigit() else cell for cell in row]
    content = book(("Réponses", rows), ("Notes", [["secret"]]), hidden="Notes")
    intake, report = bring_in(tmp_path, content, "file.xlsx")
    assert answers_of(intake) == list(ANSWERS)
    assert report.notes[:2] == ("sheet `Réponses`", "hidden sheets were not read: `Notes`")


def test_workbooks_that_hide_cells_are_refused(tmp_path: Path) -> None:
    """Several sheets without a name, merged headings, a formula that was never computed."""
    rows: list[list[Any]] = [list(row) for row in written("plain", ANSWERS)]
    two = book(("A", rows), ("B", rows))
    [found] = refused(tmp_path, two, "file.xlsx")
    assert found.mend == "name the one of the answers: `--sheet NAME`"
    intake, _ = bring_in(tmp_path, two, "file.xlsx", sheet="B")
    assert answers_of(intake) == list(ANSWERS)
    [found] = refused(tmp_path, book(("A", rows), merged="A1:B1"), "file.xlsx")
    assert "merged cells in A: A1:B1" in found.what
    rows[1][0] = "=5+5"
    [found] = refused(tmp_path, book(("A", rows)), "file.xlsx")
    assert "a formula without a result in A!A2" in found.what


def changed(folder: Path, before: str, after: str) -> Any:
    """The study with one text changed."""
    path = folder / "study.yaml"
    assert before in STUDY
    path.write_text(STUDY.replace(before, after), encoding="utf-8")
    return load(path)


def test_a_preview_may_hold_anything(tmp_path: Path) -> None:
    """What is set aside is not read: nonsense in a preview refuses nobody's answers."""
    rows = written("qualtrics", ANSWERS)
    rows[3][1], rows[3][5] = "1", "nonsense"
    intake, report = bring_in(tmp_path, text_of(rows))
    assert (len(intake.answers), [each.reason for each in report.aside]) == (3, ["a preview"])


def test_a_value_that_several_rows_hold_is_told_once(tmp_path: Path) -> None:
    """By the first row that holds it, the others counted."""
    [found] = refused(tmp_path, plain({(row, "recommend"): "11" for row in (2, 3, 4)}))
    assert found.what == "column `recommend` holds “11” for `recommend` (and 2 other rows)"
    assert found.where is not None
    assert found.where.line == 3


def test_a_label_that_means_two_codes_is_not_read(tmp_path: Path) -> None:
    """“Forte” is 4 in French and 1 in the English of this study: among labels of both languages it says nothing."""
    study = changed(tmp_path, "[Very low, Low", "[Forte, Low")
    rows = written("plain", ANSWERS, language="fr")
    rows[2][1] = "Low"
    [found] = refused(tmp_path, text_of(rows), study=study)
    assert "“Low”" in found.what or "“Forte”" in found.what


def test_a_comma_before_three_digits_is_a_decimal_in_a_file_of_semicolons(tmp_path: Path) -> None:
    """There a comma cannot separate thousands: 1,234 minutes are a little more than one."""
    rows = written("plain", ANSWERS)
    rows[1][COLUMNS.index("waited")] = "1,234"
    intake, _ = bring_in(tmp_path, text_of(rows, ";"))
    assert answers_of(intake)[0]["waited"] == "1.234"


def test_a_reason_that_is_ticked_beside_a_choice_is_refused(tmp_path: Path) -> None:
    """One cannot have chosen and not know."""
    study = changed(tmp_path, "    exclusive: [nothing]", "    exclusive: [nothing]\n    missing: {dk: -1}")
    rows = written("plain", ANSWERS)
    place = COLUMNS.index("obstacles")
    ticks = [["obstacles_price", "obstacles_dk"], ["1", "0"], ["0", "1"], ["", ""], ["1", "0"]]
    rows = [[*row[:place], *marks, *row[place + 1 :]] for row, marks in zip(rows, ticks, strict=True)]
    intake, _ = bring_in(tmp_path, text_of(rows), study=study)
    assert [row["obstacles"] for row in answers_of(intake)] == ["price", "dk", "", "price"]
    rows[4][place + 1] = "1"
    [found] = refused(tmp_path, text_of(rows), study=study)
    assert found.mend == "`dk` stands alone: keep it, or the choices"
