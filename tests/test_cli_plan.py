"""`symmetry plan` on the terminal: what it prints, writes and refuses, each held against the frames it is made of."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from symmetry.cli import main
from symmetry.spec import new_study

EXPECTED = """  expect:
    units: {drawn: 12, of: 30, cost: 60}
    customers: {answers: 400, of: 9000, sd: 1, share: 0.5, sd_nps: 60, icc: 0.03, deff: 1.1, cost: 3}
    employees: {answers: 150, of: 480, sd: 1, share: 0.5, sd_nps: 60, icc: 0.05, deff: 1, cost: 8}
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A first study that compares employees' faces in points, with what it expects."""
    file = new_study(tmp_path_factory.mktemp("plan") / "study")
    head, _, tail = file.read_text(encoding="utf-8").partition("  dissonance:\n")
    alerts = tail[tail.index("  alerts:") :]
    one = "  dissonance: [{a: customer, b: guess, smallest: 0.3 points}]\n"
    file.write_text(head + one + EXPECTED + alerts, encoding="utf-8")
    return file


def test_the_table_is_readable_in_a_terminal(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No line is wider than 80 characters; the sample, the chances and the sentences are there."""
    assert main(["plan", str(study), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    for words in ("400 (of 9,000) customers", "A gap of 0.3 points:", "all staff", "In plain words:", "Least costly"):
        assert words in told
    assert "nan" not in told.lower().split()


def test_csv_and_json_are_the_same_rows(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both hold the same numbers, chances of each row add up to 1, and JSON has the sentences in the language asked for."""
    assert main(["plan", str(study), "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert main(["plan", str(study), "--format", "json", "--lang", "fr"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [float(row["aligned"]) for row in rows] == [row["aligned"] for row in data["outlook"]]
    for row in data["outlook"]:
        assert row["dissonant"] + row["aligned"] + row["undetermined"] == pytest.approx(1, abs=1e-5)
    assert any("l'étude" in sentence for sentence in data["sentences"])
    assert [each["name"] for each in data["assumed"]] == ["together"]


def test_a_folder_holds_tables_and_page(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--out` writes them whole, twice the same bytes, and prints where the page is."""
    held = []
    for name in ("one", "two"):
        assert main(["plan", str(study), "--out", str(tmp_path / name)]) == 0
        assert capsys.readouterr().out == f"{tmp_path / name / 'outlook.html'}\n"
        held.append({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()})
    assert held[0] == held[1]
    assert set(held[0]) == {"outlook.csv", "needs.csv", "curves.csv", "ground.csv", "manifest.json", "outlook.html"}


def test_a_foreign_folder_is_left_alone(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that holds something else is not replaced."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert main(["plan", str(study), "--out", str(tmp_path)]) == 1
    assert "is left alone" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_options_take_the_place_of_the_study(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Answers given as options are those that are planned."""
    assert main(["plan", str(study), "--format", "csv", "--customers", "800", "--gaps", "3"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["customers"] for row in rows if not row["by"]} == {"800"}
    assert {float(row["gap"]) for row in rows} == {0.0, 0.9}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--employees", "500"], "500 employees are expected, and there are 480"),
        (["--icc", "2"], "--icc 2 cannot be"),
        (["--share", "1.5"], "--share 1.5 cannot be: it must be a share above 0 and below 1"),
        (["--sd", "-1"], "--sd -1 cannot be: it must be above 0"),
        (["--sd", "9"], "--sd: answers on a scale 4 points long cannot have a standard deviation of 9"),
        (["--customers", "9" * 20], f"--customers {'9' * 20} cannot be"),
        (["--chance", "1.5"], "a chance is between 0 and 1"),
    ],
)
def test_impossible_facts_are_told(
    study: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They end with exit code 1, a message and its remedy, and nothing on stdout."""
    assert main(["plan", str(study), *options]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert "mend:" in told.err


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("share: 0.5", "share: 1.5"),
        ("deff: 1.1", "deff: 0.1"),
        ("answers: 400", "answers: 99999999999999999999"),
        ("sd: 1,", "sd: 0,"),
        ("sd: 1,", "sd: 9,"),
        ("cost: 60", "cost: -300"),
        ("cost: 3", "cost: 1e300"),
    ],
)
def test_impossible_expectations_of_a_study_are_told_where_they_stand(
    study: Path, tmp_path: Path, was: str, now: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """File, line and column of the value, the key, what it must be and how to mend it; told once."""
    shutil.copytree(study.parent, tmp_path / "wrong")
    wrong = tmp_path / "wrong" / "study.yaml"
    head, _, tail = study.read_text(encoding="utf-8").partition("  expect:\n")
    wrong.write_text(head + "  expect:\n" + tail.replace(was, now, 1), encoding="utf-8")
    assert main(["plan", str(wrong)]) == 1
    told = capsys.readouterr().err
    key = now.rstrip(",").partition(": ")[0]
    lines = wrong.read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if now in text)
    column = lines[line - 1].index(now) + len(key) + 3
    assert f"study.yaml:{line}:{column}: error" in told
    assert f".{key}`" in told
    assert (told.count("error"), told.count("mend:")) == (1, 1)


def test_a_study_without_expectation_says_what_to_give(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So do a study that is not there, and one whose plan compares nothing."""
    shutil.copytree(study.parent, tmp_path / "bare")
    bare = tmp_path / "bare" / "study.yaml"
    text = study.read_text(encoding="utf-8").replace(EXPECTED, "")
    bare.write_text(text, encoding="utf-8")
    assert main(["plan", str(bare)]) == 1
    assert "--customers, --employees, --units" in capsys.readouterr().err
    bare.write_text(text.replace("[{a: customer, b: guess, smallest: 0.3 points}]", "[]"), encoding="utf-8")
    assert main(["plan", str(bare), "--customers", "9", "--employees", "9"]) == 1
    assert "compares nothing" in capsys.readouterr().err
    assert main(["plan", str(tmp_path / "nowhere")]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_help_needs_nothing_heavy() -> None:
    """The verb is described without the libraries of the statistics wing."""
    code = "import sys; from symmetry.cli import _parser; _parser(); print('numpy' in sys.modules, 'pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
