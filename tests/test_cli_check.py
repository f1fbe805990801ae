"""The verb `check` for people, programs and code hosts: what it prints is read back by another road."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from symmetry import cli, spec

REPO = Path(__file__).resolve().parents[1]
FAULTS = REPO / "tests" / "spec" / "faults"


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A folder of two studies: one sound, one with a mistyped key on line 32."""
    for key, source in (("sound", REPO / "tests/spec/full"), ("wrong", None)):
        if source:
            shutil.copytree(source, tmp_path / key)
        else:
            (tmp_path / key / "targets").mkdir(parents=True)
            shutil.copy(FAULTS / "unknown_key.yaml", tmp_path / key / "study.yaml")
            shutil.copy(FAULTS / "targets" / "good.csv", tmp_path / key / "targets")
    return tmp_path


def test_a_folder_of_studies_is_checked_whole(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each study has its line; one with an error makes the exit code 1."""
    assert 1 == cli.main(["check", str(two)])
    out, err = capsys.readouterr()
    assert [f"{two}/sound: no error, no warnings", f"{two}/wrong: 1 error, no warnings"] == out.splitlines()
    assert f"{two}/wrong/study.yaml:32:5: error SPEC01" in err


def test_json_is_what_check_finds(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The list of objects on stdout holds every problem, and nothing else is printed."""
    assert 1 == cli.main(["check", "--format", "json", str(two)])
    out, err = capsys.readouterr()
    expected = [(str(problem.where), problem.code, problem.what, problem.mend) for problem in spec.check(two / "wrong")]
    rows = [
        (f"{row['file']}:{row['line']}:{row['column']}", row["code"], row["message"], row["mend"])
        for row in json.loads(out)
    ]
    assert (expected, "") == (rows, err)


def test_github_shows_it_beside_the_line(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A workflow command a problem; what would end it is written as %0A, %25, %3A."""
    assert 1 == cli.main(["check", "--format", "github", str(two)])
    line = capsys.readouterr().out.strip()
    found = re.fullmatch(r"::(\w+) file=([^,]+),line=(\d+),col=(\d+),title=(\w+)::(.+)", line)
    assert ("error", f"{two}/wrong/study.yaml", "32", "5", "SPEC01") == found.groups()[:5]
    assert "did you mean `scale`?" in found[6]


def test_github_commands_cannot_be_broken_by_a_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A percent sign and a colon in a file's name stay one command on one line."""
    folder = tmp_path / "50%: odd, really"
    (folder / "targets").mkdir(parents=True)
    shutil.copy(FAULTS / "unknown_key.yaml", folder / "study.yaml")
    shutil.copy(FAULTS / "targets" / "good.csv", folder / "targets")
    assert 1 == cli.main(["check", "--format", "github", str(folder)])
    line = capsys.readouterr().out.strip()
    assert f"file={tmp_path}/50%25%3A odd%2C really/study.yaml,line=32" in line


def test_nothing_named_is_every_study_here(
    two: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a path, the studies of `survey_specs/` are checked."""
    (two / "wrong" / "study.yaml").unlink()
    monkeypatch.chdir(two.parent)
    shutil.move(two, two.parent / "survey_specs")
    assert 0 == cli.main(["check"])
    assert "survey_specs/sound: no error" in capsys.readouterr().out


def test_a_code_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """`--explain` prints the page of a code; an unknown one has its nearest."""
    assert 0 == cli.main(["check", "--explain", "MIR02"])
    assert capsys.readouterr().out.startswith("# MIR02")
    assert 1 == cli.main(["check", "--explain", "MIR2"])
    assert "MIR02" in capsys.readouterr().err


def test_the_matrix_follows_a_sound_study(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every promise has its line, with the items that cover it in each face."""
    cli.main(["check", "--matrix", str(two / "sound")])
    out = capsys.readouterr().out
    assert all(promise in out for promise in ("respectful", "attentive", "reliable", "listened"))
