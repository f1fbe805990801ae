"""The verbs of researchers, as a newcomer would call them; what they write is read back by the check or by another reader."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from symmetry import cli, spec

REPO = Path(__file__).resolve().parents[1]
FULL = REPO / "tests" / "spec" / "full"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A copy of the study that uses every key."""
    shutil.copytree(FULL, tmp_path / "small_bank")
    return tmp_path / "small_bank"


def test_a_new_study_is_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`new` then `check`: no error, no warning; a second `new` leaves it alone."""
    assert 0 == cli.main(["new", str(tmp_path / "specs" / "mine")])
    assert 0 == cli.main(["check", str(tmp_path / "specs")])
    assert "mine: no error, no warnings" in capsys.readouterr().out
    before = (tmp_path / "specs/mine/study.yaml").read_bytes()
    assert 1 == cli.main(["new", str(tmp_path / "specs" / "mine")])
    assert before == (tmp_path / "specs/mine/study.yaml").read_bytes()


def test_the_schema_goes_to_stdout_or_beside_the_study(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a study the grammar is printed; with one its ids are in a file."""
    assert 0 == cli.main(["schema"])
    assert "properties" in json.loads(capsys.readouterr().out)
    assert 0 == cli.main(["schema", str(study)])
    written = Path(capsys.readouterr().out.strip())
    assert study == written.parent
    assert "answered" in written.read_text(encoding="utf-8")


def test_the_preview_is_one_page(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page stands beside the study, or where it is asked to."""
    assert 0 == cli.main(["preview", str(study), "--lang", "en"])
    page = Path(capsys.readouterr().out.strip())
    assert study / "preview.html" == page
    assert "I am listened to" not in page.read_text(encoding="utf-8")
    assert "In this branch, customers are listened to." in page.read_text(encoding="utf-8")


def test_fmt_says_what_it_changes(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` changes nothing and exits with 1; without it the study says the same in another layout, once."""
    file = study / "study.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("    role: outcome", "    role:     outcome"), encoding="utf-8"
    )
    before, data = file.read_bytes(), spec.read_yaml(file).data
    assert (1, before) == (cli.main(["fmt", "--check", str(study)]), file.read_bytes())
    assert (0, data) == (cli.main(["fmt", str(study)]), spec.read_yaml(file).data)
    assert 0 == cli.main(["fmt", "--check", str(study)])
    assert before != file.read_bytes()
    assert str(study) in capsys.readouterr().out


def test_a_catalogue_is_written_and_counted(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`translate` writes i18n/de.po and tells how far each language has come."""
    assert 0 == cli.main(["translate", str(study), "--to", "de"])
    out, err = capsys.readouterr()
    assert study / "i18n" / "de.po" == Path(out.strip())
    assert any(line.startswith("de: 0 of ") for line in err.splitlines())


def test_diff_stops_a_script_on_a_broken_trend(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 for the same study, 1 for other words; JSON says which."""
    other = tmp_path / "other"
    shutil.copytree(study, other)
    assert 0 == cli.main(["diff", str(study), str(other)])
    file = other / "study.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("My manager listens to me.", "My manager hears me."), encoding="utf-8"
    )
    capsys.readouterr()
    assert 1 == cli.main(["diff", str(study), str(other), "--format", "json"])
    assert ["breaking"] == [change["kind"] for change in json.loads(capsys.readouterr().out)]


def test_a_sealed_wave_holds_its_words(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After `seal`, other words are an error of `check`, and `diff` still compares what was fielded with what is there."""
    assert 0 == cli.main(["seal", str(study), "cold-2027", "--on", "2027-03-01"])
    assert 0 == cli.main(["check", str(study)])
    file = study / "study.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("My manager listens to me.", "My manager hears me."), encoding="utf-8"
    )
    assert 1 == cli.main(["check", str(study)])
    assert "FLD01" in capsys.readouterr().err
    assert 1 == cli.main(["diff", str(study / "fielded" / "cold-2027.json"), str(study)])
    assert "My manager hears me." in capsys.readouterr().out


@pytest.mark.parametrize("to", ["xlsform", "surveyjs", "limesurvey", "triple-s", "ddi"])
def test_every_format_is_written(study: Path, tmp_path: Path, to: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that a program of its kind can open; what it cannot carry is told on stderr."""
    out = tmp_path / "made"
    assert 0 == cli.main(
        ["export", str(study), "--to", to, "--wave", "cold-2027", "--audience", "employees", "--out", str(out)]
    )
    assert "not carried over:" in capsys.readouterr().err
    if to == "xlsform":
        assert "xl/workbook.xml" in zipfile.ZipFile(out).namelist()
    elif to == "surveyjs":
        assert json.loads(out.read_text(encoding="utf-8"))["pages"]
    elif to == "limesurvey":
        assert "recommend" in out.read_text(encoding="utf-8-sig")
    else:
        assert ElementTree.parse(out).getroot().tag


def test_a_foreign_form_becomes_a_draft(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Out as XLSForm and in again: a study that loads; an existing file is left alone; another kind of file is refused."""
    form, made = tmp_path / "form.xlsx", tmp_path / "draft" / "study.yaml"
    assert 0 == cli.main(["export", str(study), "--to", "xlsform", "--wave", "hot", "--out", str(form)])
    assert 0 == cli.main(["draft", str(form), "--out", str(made)])
    assert {"recommend", "listened", "why"} <= set(spec.load(made).items)
    assert 1 == cli.main(["draft", str(form), "--out", str(made)])
    assert 1 == cli.main(["draft", str(study / "study.yaml"), "--out", str(tmp_path / "x.yaml")])
    assert "XCH12" in capsys.readouterr().err
