"""`symmetry draw` on the terminal: what it prints, writes and refuses, and that it never tells who anybody is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from symmetry.cli import main
from symmetry.fieldwork.sampled import read_sample
from symmetry.spec import load, new_study

SECOND = """  again:
    kind: cold
    window: 2027-05-03..2027-05-21
    audiences: [customers]
    items: all
    sample: {customers: {size: 30, by: [region]}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A first study that draws 40 customers, then 30, and a frame of 200."""
    folder = tmp_path_factory.mktemp("draw")
    file = new_study(folder / "study")
    text = file.read_text(encoding="utf-8").replace("size: 6000", "size: 40")
    file.write_text(text.replace("  hot:  ", SECOND + "  hot:  "), encoding="utf-8")
    rows = [
        f"ada{number:03d}@example.org,{'south' if number % 4 else 'north'},b{number % 9}\n" for number in range(200)
    ]
    (folder / "frame.csv").write_text("person,region,branch\n" + "".join(rows), encoding="utf-8")
    return folder


def run(folder: Path, *options: str, wave: str = "cold-2027", out: str = "sample") -> list[str]:
    """Arguments of a draw."""
    frame = [] if "--frame" in options else ["--frame", str(folder / "frame.csv")]
    start = ["draw", str(folder / "study"), wave, "--audience", "customers", *frame]
    return [*start, "--seed", "7", "--out", str(folder / out), *options]


def test_the_folder_is_printed_and_the_strata_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The folder on stdout, sizes and chances by stratum on stderr, and nobody's name on either."""
    assert 0 == main(run(folder))
    told = capsys.readouterr()
    assert f"{folder / 'sample'}\n" == told.out
    lines = told.err.splitlines()
    assert "cold-2027/customers: drawn on 2027-03-01 with the seed 7" == lines[0]
    assert [
        "stratum\tframe\tcould be drawn\tdrawn\tprobability", "north\t50\t50\t10\t0.2000", "south\t150\t150\t30\t0.2000",
        "all\t200\t200\t40\t",
    ] == lines[1:]  # fmt: skip
    assert "ada" not in told.out + told.err


def test_the_same_command_writes_the_same_bytes(folder: Path) -> None:
    """Twice the same folder, in a fresh process too, with another hash seed."""
    assert 0 == main(run(folder, out="one"))
    command = [sys.executable, "-m", "symmetry", *run(folder, out="two")]
    done = subprocess.run(
        command, capture_output=True, text=True, env={"PYTHONHASHSEED": "99", "PATH": ""}, check=False
    )
    assert (0, f"{folder / 'two'}\n") == (done.returncode, done.stdout)
    for name in ("units.parquet", "manifest.json"):
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes()


def test_an_earlier_sample_and_known_contacts_rest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those drawn before and those written to elsewhere are at rest; the manifest names both."""
    log = folder / "log.csv"
    log.write_text(
        "contact,day\nada000@example.org,2027-04-20\nada001@example.org,2020-01-01\nbob,2027-04-20\n", encoding="utf-8"
    )
    assert 0 == main(run(folder, out="first"))
    capsys.readouterr()
    more = ["--after", str(folder / "first"), "--contacted", str(log)]
    assert 0 == main(run(folder, *more, wave="again", out="second"))
    study = load(folder / "study")
    first, second = (read_sample(folder / name, study) for name in ("first", "second"))
    before = set(first.units.query("drawn")["person"]) | {"ada000@example.org"}
    assert before == set(second.units.query("reason == 'resting'")["person"])
    assert [first.manifest["content"]] == second.manifest["after"]
    told = capsys.readouterr().err
    assert f"{len(before)} could not be drawn: resting" in told
    assert "2 of 3 contacts made elsewhere are in the frame" in told
    facts: Any = second.manifest
    assert (3, 2) == (facts["contacted"]["people"], facts["contacted"]["in_frame"])
    assert "1 had no chance at all" in told


def test_units_are_drawn_first(folder: Path, tmp_path: Path) -> None:
    """With a frame of units, people come from the drawn units alone."""
    held = tmp_path / "study"
    shutil.copytree(folder / "study", held)
    file = held / "study.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "{size: 40, by: [region]}", "{size: 40, units: {of: branch, size: 4}}"
    )
    file.write_text(text, encoding="utf-8")
    units = tmp_path / "units.csv"
    units.write_text("unit\n" + "".join(f"b{number}\n" for number in range(9)), encoding="utf-8")
    command = run(folder, "--units", str(units), out="units")
    command[1] = str(held)
    assert 0 == main(command)
    drawn = read_sample(folder / "units", load(held)).units.query("drawn")
    assert (4, 40) == (drawn["psu"].nunique(), len(drawn))


@pytest.mark.parametrize(
    ("options", "wave", "code"),
    [
        ((), "warm", "DRW01"),
        (("--frame", "nowhere.csv"), "cold-2027", "FRM01"),
        (("--after", "nowhere"), "cold-2027", "SMP06"),
        (("--contacted", "nowhere.csv"), "cold-2027", "FRM01"),
    ],
)
def test_faults_are_told_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], wave: str, code: str
) -> None:
    """Exit code 1, the fault and its remedy on stderr, no folder."""
    assert 1 == main(run(folder, *options, wave=wave, out="none"))
    told = capsys.readouterr()
    assert "" == told.out
    assert code in told.err
    assert "mend:" in told.err
    assert not (folder / "none").exists()


def changed(folder: Path, tmp_path: Path, *pairs: tuple[str, str]) -> Path:
    """The study with some of its text replaced."""
    held = tmp_path / "study"
    shutil.copytree(folder / "study", held)
    text = (held / "study.yaml").read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    (held / "study.yaml").write_text(text, encoding="utf-8")
    return held


def test_unequal_chances_need_a_weight(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the frame item `weight` their inverse would be lost, which is said; with it, or with equal ones, nothing is."""
    equal = ("{size: 40, by: [region]}", "{size: 40, by: [region], allocation: equal}")
    weight = "  weight: {role: frame, type: number, of: customers, label: {fr: Poids, en: Weight}}\n"
    item = ("  branch: {role: frame", weight + "  branch: {role: frame")
    for number, (pairs, expected) in enumerate({(): False, (equal,): True, (equal, item): False}.items()):
        command = run(folder, out="unequal")
        command[1] = str(changed(folder, tmp_path / str(number), *pairs))
        assert 0 == main(command)
        assert expected == ("warning: probabilities differ" in capsys.readouterr().err)


def test_columns_left_alone_and_lacking_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the study does not know, what the frame does not hold, and identifiers that are nearly the same."""
    frame = folder / "wide.csv"
    people = [f"p{number},{'south' if number % 4 else 'north'},1\n" for number in range(60)]
    frame.write_text("person,region,shoe\n" + "".join(people) + "P7,north,1\n", encoding="utf-8")
    assert 0 == main(run(folder, "--frame", str(frame), out="wide"))
    told = capsys.readouterr().err.splitlines()
    assert "columns left alone: shoe" in told
    assert "frame items without a column: branch" in told
    assert "warning: 2 of the `person` differ from another in capitals or invisible characters alone: " in "\n".join(
        told
    )


def test_known_contacts_must_be_past_and_of_these_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A contact after the draw is refused at its row; when nobody is of the frame, that is a warning."""
    log = folder / "strange.csv"
    log.write_text("contact,day\nada000@example.org,2027-02-01\nada001@example.org,2027-04-01\n", encoding="utf-8")
    assert 1 == main(run(folder, "--contacted", str(log), out="strange"))
    told = capsys.readouterr().err
    assert "strange.csv:3: error FRM08 `day` is 2027-04-01, after 2027-03-01" in told
    assert "mend: " in told
    log.write_text("contact,day\nADA000,2027-02-01\n", encoding="utf-8")
    assert 0 == main(run(folder, "--contacted", str(log), out="strange"))
    told = capsys.readouterr().err
    assert "0 of 1 contacts made elsewhere are in the frame" in told
    assert "warning: nobody whom `--contacted` names is in the frame" in told


def test_files_of_another_encoding_are_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The fault names the option, and with the option the frame and the contacts are read."""
    frame, log = folder / "latin.csv", folder / "latin_log.csv"
    rows = "".join(f"zoé{number},{'south' if number % 4 else 'north'}\n" for number in range(60))
    frame.write_text("person,region\n" + rows, encoding="cp1252")
    log.write_text("contact,day\nzoé1,2027-02-01\n", encoding="cp1252")
    options = ("--frame", str(frame), "--contacted", str(log))
    assert 1 == main(run(folder, *options, out="latin"))
    assert "for example `--encoding cp1252`" in capsys.readouterr().err
    assert 0 == main(run(folder, *options, "--encoding", "cp1252", out="latin"))
    assert "1 of 1 contacts made elsewhere are in the frame" in capsys.readouterr().err


@pytest.mark.parametrize("options", [("--seed", "-1"), ("--seed", "x"), ("--seed", "7" * 19), ("--on", "tomorrow")])
def test_usage_is_checked(folder: Path, options: tuple[str, ...]) -> None:
    """A seed that is no whole number, a day that is none: exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        main(run(folder, *options))
    assert 2 == stopped.value.code
