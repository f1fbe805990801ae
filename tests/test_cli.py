"""The terminal: what it prints, the codes it exits with, and what it leaves behind when things go wrong."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from symmetry import cli

REPO = Path(__file__).resolve().parents[1]
BANK = REPO / "analyses/everyday_bank"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A plan folder of one's own, with its study, to spoil."""
    for folder in ("survey_specs/everyday_bank", "analyses/everyday_bank"):
        keep = shutil.ignore_patterns("results*", "responses*", "answers*", ".*")
        shutil.copytree(REPO / folder, tmp_path / folder, ignore=keep)
    return tmp_path / "analyses/everyday_bank"


@pytest.fixture
def small(copy: Path) -> Path:
    """The same with one wave and no units, which is quicker."""
    _spoil(copy / "plan.yaml", "waves: [cold-2027, hot]", "waves: [cold-2027]")
    _spoil(copy / "plan.yaml", "\nunit: branch", "\n# unit: branch")
    return copy


def _spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_help_names_every_verb_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` lists the six verbs and what the codes mean."""
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    for word in ("check", "rehearse", "import", "freeze", "analyse", "report", "exit codes: 0 done, 1"):
        assert word in out


def test_python_m_symmetry_and_the_script_are_one() -> None:
    """`python -m symmetry` and `symmetry` print the same version."""
    script = Path(sys.executable).with_name("symmetry")
    commands = [[sys.executable, "-m", "symmetry", "--version"], [str(script), "--version"]]
    told = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for command in commands]
    assert told[0] == told[1]
    assert told[0].startswith("symmetry 0.")


@pytest.mark.parametrize(
    "arguments", [[], ["dance"], ["analyse"], ["analyse", "x", "--lang", "de"], ["rehearse", "x", "--times", "0"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A verb that does not exist, a missing argument or an unknown choice is a matter of usage."""
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "usage: symmetry" in capsys.readouterr().err


def test_check_says_when_nothing_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """A sound study and a sound plan exit with 0."""
    assert cli.main(["check", str(REPO / "survey_specs/everyday_bank")]) == 0
    assert cli.main(["check", str(BANK)]) == 0
    assert "no error" in capsys.readouterr().out


def test_a_wrong_key_is_named_with_its_place_and_remedy(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message has file:line:column and the key that was probably meant."""
    study = copy.parents[1] / "survey_specs/everyday_bank/study.yaml"
    line = next(n for n, text in enumerate(study.read_text(encoding="utf-8").splitlines(), 1) if "min_cell:" in text)
    _spoil(study, "min_cell:", "min_cel:")
    assert cli.main(["analyse", str(copy), "--out", str(copy / "results")]) == 1
    err = capsys.readouterr().err
    assert f"study.yaml:{line}:" in err
    assert "min_cell" in err
    assert not (copy / "results").exists()


@pytest.mark.parametrize("path", ["nowhere", "nowhere/plan.yaml"])
def test_a_missing_plan_is_said_to_be_missing(tmp_path: Path, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A path where nothing is gives a message with the path, not a traceback."""
    assert cli.main(["analyse", str(tmp_path / path)]) == 1
    err = capsys.readouterr().err
    assert "nowhere" in err
    assert "mend:" in err
    assert "Traceback" not in err


def test_a_missing_study_is_said_to_be_missing(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plan that points at no study names the place in the plan or the file that is not there."""
    _spoil(copy / "plan.yaml", "survey_specs/everyday_bank", "survey_specs/everyday_bnak")
    assert cli.main(["analyse", str(copy)]) == 1
    assert "everyday_bnak" in capsys.readouterr().err


def test_a_foreign_folder_is_refused_before_any_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--out` on a folder with somebody's files changes nothing in it."""
    (tmp_path / "thesis.txt").write_text("years of work")
    assert cli.main(["analyse", str(BANK), "--out", str(tmp_path)]) == 1
    assert "left alone" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "stopped"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "No space left on device"),
        (ZeroDivisionError("ours"), 3, "a fault of symmetry"),
    ],
)
def test_an_interrupted_run_changes_nothing(
    small: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fault: BaseException,
    code: int,
    message: str,
) -> None:
    """Ctrl-C, a full disk or a fault of ours while the tables are written: a clear word, and earlier results stay."""
    from symmetry import analyse

    def stop(*_: object, **__: object) -> NoReturn:
        raise fault

    (small / "results").mkdir()
    (small / "results/manifest.json").write_text('{"symmetry": "0", "holds": "results"}')
    monkeypatch.setattr(analyse, "write", stop, raising=False)
    assert cli.main(["analyse", str(small)]) == code
    assert message in capsys.readouterr().err
    assert [path.name for path in (small / "results").iterdir()] == ["manifest.json"]
    assert not list(small.glob(".results*"))


def test_a_failed_report_keeps_its_notebook_and_the_former_results(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """When the report cannot be made, results stay as they were and the half-made notebook is beside them."""
    from symmetry import report
    from symmetry.errors import ReportError

    def fail(folder: Path, **_: object) -> NoReturn:
        (folder / "report.failed.ipynb").write_text("{}")
        raise ReportError("cell 3 failed", mend="look at the notebook")

    monkeypatch.setattr(report, "render", fail, raising=False)
    assert cli.main(["analyse", str(small)]) == 1
    err = capsys.readouterr().err
    assert "cell 3 failed" in err
    assert (small / "report.failed.ipynb").exists()
    assert not (small / "results").exists()


def test_import_then_freeze_then_analyse_gives_what_analyse_gives_alone(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The long way round, by files one may look at, ends in the same tables."""
    from symmetry import report

    monkeypatch.setattr(report, "render", lambda folder, **_: folder / "report.html", raising=False)
    study = str(small.parents[1] / "survey_specs/everyday_bank")
    assert cli.main(["analyse", str(small)]) == 0
    assert cli.main(["import", str(small)]) == 0
    assert cli.main(["freeze", str(small / "answers"), "--study", study, "--out", str(small / "kept")]) == 0
    assert cli.main(["analyse", str(small), "--responses", str(small / "kept"), "--out", str(small / "again")]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out == [str(small / name) for name in ("results/report.html", "answers", "kept", "again/report.html")]
    for name in ("levels", "gaps", "drivers", "weights"):
        assert (small / f"results/{name}.csv").read_bytes() == (small / f"again/{name}.csv").read_bytes()
    plan = (small / "plan.yaml").read_text()
    start, end = plan.index("data:"), plan.index("design:")
    (small / "plan.yaml").write_text(f"{plan[:start]}data: {{frozen: kept}}\n{plan[end:]}")
    assert cli.main(["analyse", str(small), "--out", str(small / "kept_again")]) == 0
    assert (small / "again/gaps.csv").read_bytes() == (small / "kept_again/gaps.csv").read_bytes()
    assert cli.main(["analyse", str(small), "--release", "spring"]) == 1
    assert cli.main(["import", str(small)]) == 1
    err = capsys.readouterr().err
    assert "OUT02 these answers are a rehearsal: they are not released" in err
    assert "RES07 the plan's answers are frozen already" in err
    first, second = (json.loads((small / name / "manifest.json").read_text()) for name in ("results", "again"))
    assert first["data"] == second["data"]
    assert second["simulated"] is True


def test_a_release_is_remembered_and_a_damaged_ledger_stops_the_next(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--release` writes what went out into the ledger; the next run is held against it, or refused where it is damaged."""
    from symmetry import report

    monkeypatch.setattr(report, "render", lambda folder, **_: folder / "report.html", raising=False)
    book = small / "ledger.simulated.jsonl"
    assert cli.main(["analyse", str(small)]) == 0
    assert not book.exists()
    assert cli.main(["analyse", str(small), "--release", "spring"]) == 0
    assert "written into the ledger as spring" in capsys.readouterr().err
    assert cli.main(["analyse", str(small), "--release", "spring"]) == 1
    assert "already has a release `spring`" in capsys.readouterr().err
    assert cli.main(["analyse", str(small), "--release", " "]) == 1
    assert cli.main(["analyse", str(small)]) == 0
    manifest = small / "results/manifest.json"
    assert ["spring"] == json.loads(manifest.read_text())["releases"]
    before = manifest.read_bytes()
    _spoil(book, "spring", "autumn")
    assert cli.main(["analyse", str(small), "--release", "summer"]) == 1
    assert "ledger.simulated.jsonl: error LED03 is damaged" in capsys.readouterr().err
    assert manifest.read_bytes() == before


def test_answers_edited_out_of_their_scale_are_refused(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A value that no scale has is named with its file, line and column, and nothing is frozen."""
    study = str(copy.parents[1] / "survey_specs/everyday_bank")
    assert cli.main(["import", str(copy)]) == 0
    file = copy / "answers/cold-2027/employees.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    cells[lines[0].split(",").index("pride")] = "77"
    lines[1] = ",".join(cells)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["freeze", str(copy / "answers"), "--study", study, "--out", str(copy / "kept")]) == 1
    err = capsys.readouterr().err
    assert "employees.csv:2" in err
    assert "pride" in err
    assert "77" in err
    assert not (copy / "kept").exists()


def test_answers_of_another_study_are_refused(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Freezing answers under a study they do not belong to is stopped by name."""
    assert cli.main(["import", str(copy)]) == 0
    assert cli.main(["freeze", str(copy / "answers"), "--study", str(REPO / "survey_specs/nyc_schools_2015")]) == 1
    assert "everyday_bank" in capsys.readouterr().err


def test_responses_that_lack_a_wave_of_the_plan_are_refused(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A declared audience or wave that the frozen answers do not hold is named."""
    _spoil(copy / "plan.yaml", "waves: [cold-2027, hot]", "waves: [cold-2027]")
    assert cli.main(["import", str(copy)]) == 0
    study = str(copy.parents[1] / "survey_specs/everyday_bank")
    assert cli.main(["freeze", str(copy / "answers"), "--study", study, "--out", str(copy / "kept")]) == 0
    _spoil(copy / "plan.yaml", "waves: [cold-2027]", "waves: [cold-2027, hot]")
    assert cli.main(["analyse", str(copy), "--responses", str(copy / "kept")]) == 1
    assert "no answers of customers in wave hot" in capsys.readouterr().err


def test_rehearse_prints_truth_beside_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    """One rehearsal prints a row a pair, with truth, estimate and verdict, and says that it is simulated."""
    assert cli.main(["rehearse", str(BANK), "--seed", "5"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("simulated answers, seed 5, 1 rehearsal")
    for word in ("kept_word", "truth", "estimate", "covered", "dissonant"):
        assert word in out


def test_check_tells_a_plan_from_a_study_by_what_it_says(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plan may have any name."""
    (copy / "plan.yaml").rename(copy / "spring.yaml")
    assert cli.main(["check", str(copy / "spring.yaml")]) == 0
    assert "no error" in capsys.readouterr().out


def test_answers_of_persons_cannot_be_declared_public(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`published:` would switch off every threshold; it is for figures of whole units alone."""
    _spoil(copy / "plan.yaml", "\nunit: branch", "\nunit: branch\npublished: nobody")
    assert cli.main(["check", str(copy)]) == 1
    err = capsys.readouterr().err
    assert "PLA07" in err
    assert "answers of persons" in err


def test_only_the_analyst_can_open_the_answers(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frozen answers are readable by their owner alone; results are for everybody."""
    from symmetry import report

    monkeypatch.setattr(report, "render", lambda folder, **_: folder / "report.html", raising=False)
    assert cli.main(["analyse", str(small)]) == 0
    assert (small / "responses").stat().st_mode & 0o077 == 0
    for file in (small / "responses").rglob("*.parquet"):
        assert file.stat().st_mode & 0o077 == 0
    assert (small / "results").stat().st_mode & 0o777 == 0o755
