"""A mapping file feeds what names do not tell, is written by an import, and read again gives the same answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from symmetry.cli import main
from symmetry.errors import DataError
from symmetry.fieldwork.vendors.mapping import mapping_text
from symmetry.spec.exchange.qsf import from_qsf
from tests.fieldwork.vendors.shops import ANSWERS, a_study, answers_of, bring_in, text_of, written

TOOLS = [(tool, language) for tool in ("limesurvey", "qualtrics", "google", "plain") for language in ("", "fr")]
MAPPING = """\
symmetry: 1
holds: mapping
respondent: nr
columns:
  recommend: F1
  satisfied: {column: F2, values: {"a": 5, "b": 1, "c": 4}}
  last_visit: {column: F8, dates: mdy}
  obstacles: {choices: {price: F6a, queue: F6b, nothing: F6c}}
absent: [region]
"""


def mapped(folder: Path, text: str = MAPPING) -> Path:
    """A mapping file."""
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def strange() -> list[list[str]]:
    """The answers under names that say nothing."""
    rows = [["nr", "F1", "F2", "greeted", "why", "known_since", "F6a", "F6b", "F6c", "waited", "F8"]]
    letters = {"5": "a", "1": "b", "4": "c", "": ""}
    for number, person in enumerate(ANSWERS, start=1):
        ticks = ["x" if key in person["obstacles"].split() else "" for key in ("price", "queue", "nothing")]
        year, month, day = person["last_visit"].split("-") if person["last_visit"] else ("", "", "")
        row = [f"p{number}", person["recommend"], letters[person["satisfied"]], person["greeted"], person["why"]]
        row += [person["known_since"], *ticks, person["waited"], f"{month}/{day}/{year}".strip("/")]
        rows.append(row)
    return rows


def test_a_mapping_names_columns_values_choices_and_the_respondent(tmp_path: Path) -> None:
    """What it does not name is still found by name; the column that it calls absent stays empty."""
    intake, report = bring_in(tmp_path, text_of(strange()), mapping=mapped(tmp_path))
    assert answers_of(intake) == [person | {"region": ""} for person in ANSWERS]
    assert list(intake.answers["respondent"]) == ["p1", "p2", "p3", "p4"]
    assert report.absent == ("region",)


@pytest.mark.parametrize(("tool", "language"), TOOLS)
def test_the_mapping_that_was_used_gives_the_same_answers_again(tmp_path: Path, tool: str, language: str) -> None:
    """What `--write-mapping` writes is read without a fault and settles every column."""
    content = text_of(written(tool, ANSWERS, language=language))
    first, report = bring_in(tmp_path, content)
    again, second = bring_in(tmp_path, content, mapping=mapped(tmp_path, mapping_text(report)))
    assert again.answers.equals(first.answers)
    assert {fed.rule for fed in second.fed} == {"the mapping file"}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("recommend: F1", "recomend: F1", "did you mean `recommend`?"),
        ("F1", "F7", "the file of answers has no column `F7`"),
        ("F6b", "F6a", "the file column `F6a` feeds `obstacles` and `obstacles`"),
        ("column: F8, ", "", "needs either `column:` or `choices:`"),
        ("respondent: nr", "respondent: who", "the file of answers has no column `who`"),
        ('"c": 4', '"c": 9', "`values:` gives it `9`"),
        (', "c": 4', "", "holds “c” for `satisfied`"),
        ("holds: mapping", "holds: plan", "mapping.yaml"),
        ("absent: [region]", "ignored: [region]", "ignored"),
        ("absent", "absent: [", "mapping.yaml"),
        ("respondent: nr", "vendor: google", "a mapping of google, and the file of answers is of plain"),
    ],
)
def test_a_mapping_at_fault_is_refused(tmp_path: Path, before: str, after: str, told: str) -> None:
    """Unknown columns, columns used twice, values without a meaning, keys that do not exist."""
    with pytest.raises(DataError) as caught:
        bring_in(tmp_path, text_of(strange()), mapping=mapped(tmp_path, MAPPING.replace(before, after)))
    assert told in str(caught.value)


def test_the_verb_imports_two_audiences_into_one_folder_and_freeze_takes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Customers from Qualtrics and staff from LimeSurvey stand side by side; the report is on stderr, the folder on stdout."""
    a_study(tmp_path)
    customers, staff, out = tmp_path / "c.tsv", tmp_path / "s.csv", tmp_path / "answers"
    people = [person | {"waited": person["waited"].replace("-1", "")} for person in ANSWERS]
    customers.write_bytes(text_of(written("qualtrics", people, language="en"), "\t").encode("utf-16"))
    rows = [["id", "submitdate", "lastpage", "region", "recommend", "satisfied", "greeted", "greetedGuess", "shoe"]]
    rows += [[str(n), "2027-03-05 10:00:00", "1", "north", "7", "3", "4", "5", "42"] for n in range(1, 4)]
    rows += [["4", "", "1", "north", "", "", "", "", "43"]]
    staff.write_text(text_of(rows), encoding="utf-8")
    common = ["--study", str(tmp_path), "--wave", "spring", "--out", str(out)]
    assert main(["import", str(customers), *common, "--audience", "customers"]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    written_to = tmp_path / "used.yaml"
    assert main(["import", str(staff), *common, "--audience", "employees", "--write-mapping", str(written_to)]) == 0
    told = capsys.readouterr().err
    assert "recognised as limesurvey, by the columns `submitdate`, `lastpage`" in told
    assert "rows: 4 read, 3 kept, 1 set aside" in told
    assert "not used: `shoe` (4 cells): no column of the study has this name or these words" in told
    assert "kept beside it: spring/customers" in told
    aside = (tmp_path / "answers.spring.employees.aside.csv").read_text(encoding="utf-8")
    assert aside == 'row,reason\n5,"no answer at all, and not finished"\n'
    before = {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert main(["import", str(staff), *common, "--audience", "employees", "--mapping", str(written_to)]) == 0
    assert {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert main(["freeze", str(out), "--study", str(tmp_path)]) == 0


@pytest.mark.parametrize("arguments", [["file.csv"], ["file.csv", "--study", "."], ["plan.yaml", "--wave", "x"]])
def test_the_verb_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """A file without a study, a study without a wave, a plan with a wave."""
    monkeypatch.chdir(tmp_path)
    assert main(["import", *arguments]) == 1
    assert "VEN11" in capsys.readouterr().err


def test_a_refused_file_changes_nothing(tmp_path: Path) -> None:
    """In a process of its own: exit code 1, every fault on stderr, and no folder."""
    a_study(tmp_path)
    path = tmp_path / "bad.csv"
    rows = written("plain", ANSWERS)
    rows[1][0] = "11"
    path.write_text(text_of(rows), encoding="utf-8")
    command = ["import", str(path), "--study", str(tmp_path), "--wave", "spring", "--audience", "customers"]
    done = subprocess.run([sys.executable, "-m", "symmetry", *command], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "bad.csv:2: error VEN12 column `recommend` holds “11”" in done.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bad.csv", "study.yaml"]


def test_a_study_drafted_from_a_qualtrics_survey_takes_its_answers_without_a_mapping(tmp_path: Path) -> None:
    """Export tags, rows of a matrix, numbers of choices and ticks come back under the names that the draft gave them."""
    import json

    from symmetry.fieldwork.vendors.importing import read_vendor
    from symmetry.spec import load

    def choices(*words: str) -> dict[str, dict[str, str]]:
        return {str(n): {"Display": each} for n, each in enumerate(words, start=1)}

    def question(tag: str, kind: str, selector: str, text: str, **more: object) -> dict[str, object]:
        payload = {"QuestionID": tag.replace("Q", "QID"), "QuestionText": text, "DataExportTag": tag}
        payload |= {"QuestionType": kind, "Selector": selector, "SubSelector": "TX"} | more
        return {"Element": "SQ", "PrimaryAttribute": tag.replace("Q", "QID"), "Payload": payload}

    order = {"ChoiceOrder": ["1", "2", "3"]}
    agree = choices("Disagree", "Neither", "Agree")
    elements = [
        {"Element": "BL", "Payload": {"1": {"ID": "BL_1", "Type": "Default", "BlockElements": [
            {"Type": "Question", "QuestionID": f"QID{n}"} for n in (1, 2, 3)]}}},
        {"Element": "FL", "Payload": {"Flow": [{"Type": "Block", "ID": "BL_1", "FlowID": "FL_1"}], "FlowID": "FL_0"}},
        question("Q1", "MC", "SAVR", "Which colour?", Choices=choices("Red", "Green", "Blue"), **order),
        question("Q2", "MC", "MAVR", "Which fruits?", Choices=choices("Apple", "Pear", "Plum"), **order),
        question("Q3", "Matrix", "Likert", "How is it?", Choices=choices("Clean", "Quiet"), ChoiceOrder=["1", "2"],
                 Answers=agree, AnswerOrder=["1", "2", "3"], SubSelector="SingleAnswer"),
    ]  # fmt: skip
    survey = {"SurveyEntry": {"SurveyName": "Colours", "SurveyLanguage": "EN"}, "SurveyElements": elements}
    qsf = tmp_path / "colours.qsf"
    qsf.write_text(json.dumps(survey), encoding="utf-8")
    (tmp_path / "study.yaml").write_text(from_qsf(qsf).text, encoding="utf-8")
    study = load(tmp_path)
    head = ["StartDate", "Status", "Finished", "ResponseId", "Q1", "Q2_1", "Q2_2", "Q2_3", "Q3_1", "Q3_2"]
    own = ["Start Date", "Response Type", "Finished", "Response ID", "Which colour?"]
    words = [
        *own,
        *(f"Which fruits? - {each}" for each in ("Apple", "Pear", "Plum")),
        "How is it? - Clean",
        "How is it? - Quiet",
    ]
    ids = [json.dumps({"ImportId": name}) for name in head]
    numbers = [
        ["2027-01-01", "0", "1", "R_1", "2", "1", "", "1", "3", "1"],
        ["2027-01-01", "0", "1", "R_2", "3", "", "1", "", "2", ""],
    ]
    labels = [["2027-01-01", "IP Address", "True", "R_1", "Green", "Apple", "", "Plum", "Agree", "Disagree"]]
    labels += [["2027-01-01", "IP Address", "True", "R_2", "Blue", "", "Pear", "", "Neither", ""]]
    found = []
    for body in (numbers, labels):
        path = tmp_path / "colours.csv"
        path.write_text(text_of([head, words, ids, *body]), encoding="utf-8")
        intake, _ = read_vendor(path, study, next(iter(study.waves)), "customers")
        found.append(intake.answers)
    assert found[0].equals(found[1])
    asked = {
        name: [None if each != each else each for each in found[0][name].tolist()] for name in ("q1", "q2", "q3_1")
    }
    assert asked == {"q1": ["c2", "c3"], "q2": ["c1 c3", "c2"], "q3_1": [3, 2]}
