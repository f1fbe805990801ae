"""The verb export for frozen answers: what the path holds decides; what is lost, and whose answers these are, is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from symmetry import cli

REPO = Path(__file__).resolve().parents[1]
FULL = REPO / "tests" / "spec" / "full"


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    """A folder that looks like frozen answers, for what is refused before it is read."""
    folder = tmp_path / "responses"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"symmetry": 1, "holds": "responses"}', encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--to", "xlsform", "--study", str(FULL)], "XPT02"),
        (["--to", "csv", "--study", str(FULL), "--wave", "hot"], "XPT03"),
        (["--to", "csv"], "XPT04"),
    ],
)
def test_frozen_answers_are_no_study(
    frozen: Path, words: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A format of questionnaires, an option of studies, no study: each refused with its remedy."""
    assert 1 == cli.main(["export", str(frozen), *words, "--out", str(frozen.parent / "out")])
    assert code in capsys.readouterr().err
    assert not (frozen.parent / "out").exists()


@pytest.mark.parametrize(("words", "code"), [(["--to", "sav"], "XPT02"), (["--to", "ddi", "--labels"], "XPT03")])
def test_a_study_is_no_answers(tmp_path: Path, words: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A format of answers, an option of answers: refused."""
    assert 1 == cli.main(["export", str(FULL), *words, "--out", str(tmp_path / "out")])
    assert code in capsys.readouterr().err


def test_answers_are_exported_with_what_they_lose(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files on stdout; on stderr the losses of each table, and that these are the answers of single people."""
    from symmetry.analyse import load_plan, take_in
    from symmetry.responses import freeze

    plan = load_plan(REPO / "analyses" / "everyday_bank")
    freeze([each for each in take_in(plan) if each.wave == "hot"], plan.study, tmp_path / "responses")
    out = tmp_path / "out"
    words = ["export", str(tmp_path / "responses"), "--study", str(plan.study.path), "--out", str(out)]
    assert 0 == cli.main([*words, "--to", "triple-s", "--table", "hot/customers"])
    told = capsys.readouterr()
    assert [str(out / name) for name in ("hot.customers.csv", "hot.customers.sss", "manifest.json")] == told.out.split()
    assert "hot/customers: not carried over as it is: These answers are simulated" in told.err
    assert "these are the answers of single people, for nobody but the analyst" in told.err
