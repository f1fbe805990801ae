"""Nothing is silently dropped: every cell of a file is in the answers, in a named column, or in a row set aside with a reason."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from symmetry.errors import DataError
from symmetry.fieldwork.vendors.importing import read_vendor
from tests.fieldwork.vendors.shops import ANSWERS, COLUMNS, LABELS, a_study, answers_of, bring_in, text_of, written

TOOLS = ("limesurvey", "qualtrics", "google", "plain")


def somebody(dice: random.Random) -> dict[str, str]:
    """Any answers that the study allows."""
    words = LABELS["en"]
    said = {name: dice.choice(["", *words[name]]) for name in words}
    ticks = [key for key in ("price", "queue") if dice.random() < 0.5]
    said["obstacles"] = " ".join(ticks) or dice.choice(["", "nothing"])
    said["why"] = dice.choice(["", "words", 'a "quote"', "two\nlines", "semi;colon, comma", "1,5", "no answer"])
    said["waited"] = dice.choice(["", "-1", "0", "7", "599.5"])
    said["last_visit"] = dice.choice(["", "2026-01-31", "2027-12-30"])
    return {name: said[name] for name in COLUMNS}


@pytest.mark.parametrize("seed", range(24))
def test_every_cell_comes_in_or_is_told_where_it_stayed(tmp_path: Path, seed: int) -> None:
    """Of random people, columns more, columns in any order, and rows of nobody, not one filled cell is unaccounted for."""
    dice = random.Random(seed)
    tool, language = TOOLS[seed % 4], dice.choice(["", "fr", "en"])
    people = [somebody(dice) for _ in range(dice.randrange(3, 30))] + [ANSWERS[0]]
    rows = written(tool, people, language=language, seed=seed)
    header = 3 if tool == "qualtrics" else 1
    for number in range(dice.randrange(3)):
        for place, row in enumerate(rows):
            heads = [f"extra{number}", f"Extra {number}", f'{{"ImportId": "X{number}"}}']
            row.append(heads[place] if place < header else dice.choice(["", "x", "7"]))
    first = 1 if tool == "google" else 0
    order = [*range(first), *dice.sample(range(first, len(rows[0])), len(rows[0]) - first)]
    rows = [[row[place] for place in order] for row in rows]
    intake, report = bring_in(tmp_path, text_of(rows, dice.choice([",", ";"])), study=a_study(tmp_path))
    body = rows[header:]
    assert (report.vendor, report.read) == (tool, len(body))
    asked = [name for name in COLUMNS if name != "region"]
    spoke = [person for person in people if any(person[name] for name in asked)]
    assert answers_of(intake) == spoke
    assert report.kept + len(report.aside) == report.read
    assert {each.reason for each in report.aside} <= {"no answer at all"}
    told = {column for fed in report.fed for column in fed.columns} | {each.column for each in report.unused}
    assert sorted(told | {report.respondent} - {""}) == sorted(rows[0])
    filled = {name: sum(bool(row[place].strip()) for row in body) for place, name in enumerate(rows[0])}
    assert {each.column: each.filled for each in report.unused} == {
        each.column: filled[each.column] for each in report.unused
    }
    log = intake.log[intake.log["item"] == ""]
    counts = log.groupby("measure")["n"].sum()
    assert counts["read"] == counts["kept"] + counts.get("set aside", 0) == len(body)


def test_rows_that_are_no_answers_are_set_aside_with_row_and_reason(tmp_path: Path) -> None:
    """Previews, spam, rows left before any answer, and a respondent's second answer; each by the line of the file."""
    rows = written("qualtrics", [ANSWERS[0]] * 6 + [dict.fromkeys(COLUMNS, "")])
    body = rows[3:]
    for row, (status, finished) in zip(
        body, [("0", "1"), ("1", "1"), ("8", "1"), ("0", "0"), ("0", "1"), ("0", "1")], strict=False
    ):
        row[1], row[2] = status, finished
    body[6][2] = "0"
    body[4][3] = body[3][3]
    body[5][3] = body[0][3]
    for row in body[:6]:
        row[8] = "one line"
    intake, report = bring_in(tmp_path, text_of(rows))
    assert [(each.row, each.reason) for each in report.aside] == [
        (5, "a preview"),
        (6, "spam"),
        (7, "the respondent of row 8 again"),
        (9, "the respondent of row 4 again"),
        (10, "no answer at all, and not finished"),
    ]
    notes = dict(intake.log[intake.log["measure"] == "set aside"][["note", "n"]].itertuples(index=False))
    assert notes["the same respondent again"] == 2
    assert len(intake.answers) == report.kept


def test_an_unfinished_answer_is_kept_and_counted(tmp_path: Path) -> None:
    """A response that LimeSurvey never saw submitted still holds answers; the log says how many broke off."""
    rows = written("limesurvey", ANSWERS)
    rows[2][1] = ""
    intake, report = bring_in(tmp_path, text_of(rows))
    assert report.kept == 4
    assert int(intake.log.query("measure == 'broken off'")["n"].iloc[0]) == 1


def test_a_row_alone_without_an_answer_is_set_aside_and_a_file_of_them_is_refused(tmp_path: Path) -> None:
    """What is known beforehand is no answer."""
    nobody = dict.fromkeys(COLUMNS, "") | {"region": "north"}
    _, report = bring_in(tmp_path, text_of(written("plain", [*ANSWERS, nobody])))
    assert [(each.row, each.reason) for each in report.aside] == [(7, "no answer at all")]
    with pytest.raises(DataError, match="VEN15"):
        bring_in(tmp_path, text_of(written("plain", [nobody])))


def test_employees_of_an_anonymous_study_are_not_told_apart_by_their_token(tmp_path: Path) -> None:
    """The token stays unused, and the id of the response stands for the person."""
    study = a_study(tmp_path)
    rows = [["id", "token", "submitdate", "lastpage", "region", "recommend", "satisfied", "greeted", "greetedGuess"]]
    rows += [[str(n), f"tok{n}", "2027-03-05 10:00:00", "1", "north", "7", "3", "4", "5"] for n in range(1, 4)]
    path = tmp_path / "staff.csv"
    path.write_text(text_of(rows), encoding="utf-8")
    intake, report = read_vendor(path, study, "spring", "employees")
    assert report.respondent == "id"
    assert "token" in [each.column for each in report.unused]
    assert list(intake.answers["respondent"]) == ["1", "2", "3"]
