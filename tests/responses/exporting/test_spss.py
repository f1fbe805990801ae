"""Answers as .sav, read back by pyreadstat and by R (haven, which needs R): cells, words, missing codes, measures."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from symmetry.errors import DataError
from symmetry.responses.exporting.describing import Described, describe
from symmetry.responses.exporting.exporting import export
from symmetry.responses.exporting.spss_names import spss_name
from tests.responses.exporting.exported import AUDIENCE, KEY, WAVE, freeze_answers, hard_answers, study_of_answers

pyreadstat = pytest.importorskip("pyreadstat", reason="pyreadstat is not installed, so that no .sav is written")
NAME = f"{WAVE}.{AUDIENCE}.sav"
PLAIN = ("code", "share", "number", "category", "text")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hard answers as a .sav file."""
    folder = tmp_path_factory.mktemp("spss")
    return export(freeze_answers(folder / "frozen"), study_of_answers(), folder / "out", "sav", "fr").folder / NAME


def columns() -> dict[str, Described]:
    """What each column should say."""
    return {each.name: each for each in describe(study_of_answers(), WAVE, AUDIENCE, "fr")}


def cut(words: str, longest: int) -> str:
    """Words that fit, or their beginning, as the losses say."""
    content = words.encode()
    return words if len(content) <= longest else content[: longest - 3].decode(errors="ignore") + "…"


def same(expected: Any, actual: Any) -> bool:
    """Whether two cells say the same; SPSS knows no difference between an empty text and none."""
    if pd.isna(expected):
        return bool(pd.isna(actual) or actual == "")
    return expected == str(actual) if isinstance(expected, str) else float(expected) == float(actual)


def test_every_cell_comes_back(file: Path) -> None:
    """Codes, numbers, categories and texts as they were frozen, missing codes included."""
    cells, _ = pyreadstat.read_sav(str(file), user_missing=True)
    answers = hard_answers()
    for name, column in columns().items():
        if column.column.kind in PLAIN:
            pairs = zip(answers[name], cells[name], strict=True)
            assert [] == [pair for pair in pairs if not same(*pair)], name


def test_days_and_choices_come_back(file: Path) -> None:
    """A day is a date, its reasons stand aside; each choice is 0 or 1, its reasons negative, and nothing is nothing."""
    cells, told = pyreadstat.read_sav(str(file), user_missing=True)
    answers = hard_answers()
    for expected, day, reason in zip(answers["since"], cells["since"], cells["since_missing"], strict=True):
        said = reason or (None if pd.isna(day) else str(day))
        assert (None if pd.isna(expected) else expected) == said
    choices = {option.cell: f"worries_{option.cell}" for option in columns()["worries"].codes}
    for number, expected in enumerate(answers["worries"]):
        found = {key: cells[name][number] for key, name in choices.items()}
        if pd.isna(expected):
            assert all(pd.isna(code) for code in found.values())
        elif expected == "refused":
            assert {-1.0} == set(found.values())
        else:
            assert expected.split() == [key for key, code in found.items() if code == 1]
            assert {0.0, 1.0} >= set(found.values())
    assert [{"lo": -1.0, "hi": -1.0}] == told.missing_ranges["worries_cost"]
    assert "Non choisi" == told.variable_value_labels["worries_cost"][0.0]


def test_words_and_measures_come_back(file: Path) -> None:
    """The wording asked is the label; codes have their words; ratings are ordinal, keys nominal, numbers scales."""
    _, told = pyreadstat.read_sav(str(file), user_missing=True)
    measures = {"code": "ordinal", "number": "scale", "share": "scale", "category": "nominal", "text": "nominal"}
    for name, column in columns().items():
        if column.column.kind not in PLAIN:
            continue
        assert cut(column.wording or column.label, 255) == told.column_names_to_labels[name]
        assert measures[column.column.kind] == told.variable_measure[name]
        words = {each.cell: cut(each.label, 120) for each in column.all_codes}
        assert words == told.variable_value_labels.get(name, {})
        missing = [each.cell for each in column.missing]
        assert missing == [each["lo"] for each in told.missing_ranges.get(name, [])]


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="there is no Rscript here, so that R cannot judge")
def test_r_reads_the_same(file: Path) -> None:
    """haven: labels, words of codes, which are missing, and every cell."""
    script = Path(__file__).with_name("read_back.R")
    done = subprocess.run(["Rscript", str(script), str(file)], capture_output=True, text=True, check=False)
    if "haven" in done.stderr and "no package called" in done.stderr:
        pytest.skip("R is here without haven")
    assert "" == done.stderr
    read = json.loads(done.stdout)
    answers = hard_answers()
    for name, column in columns().items():
        if column.column.kind not in PLAIN:
            continue
        told = read[name]
        assert cut(column.wording or column.label, 255) == told["label"]
        found = dict(zip(told["codes"], told["words"], strict=True))
        assert {str(each.cell): cut(each.label, 120) for each in column.all_codes} == found
        assert {str(each.cell) for each in column.missing} == set(told["missing"])
        assert [] == [pair for pair in zip(answers[name], told["cells"], strict=True) if not same_in_r(*pair)], name
    assert [day if day not in ("dk", "refused") and not pd.isna(day) else None for day in answers["since"]] == [
        None if day == "NA" else day for day in read["since"]["cells"]
    ]


def same_in_r(expected: Any, actual: Any) -> bool:
    """Whether a cell is what R prints for it, to its 15 digits."""
    if pd.isna(expected) or isinstance(expected, str):
        return same(expected, None if actual in ("NA", "") else actual)
    return actual is not None and float(expected) == pytest.approx(float(actual), rel=1e-14)


def test_losses_tell_the_other_forms(tmp_path: Path) -> None:
    """Renamed, cut, split: each is said, and no day of writing is in the file."""
    one = export(freeze_answers(tmp_path / "frozen"), study_of_answers(), tmp_path / "one", "sav")
    losses = one.losses[KEY]
    assert 1 == sum("`since.missing` is named `since_missing`" in loss for loss in losses)
    assert 1 == sum(
        "The choices of `worries` are one variable each" in loss and "-1 is refused" in loss for loss in losses
    )
    _, told = pyreadstat.read_sav(str(one.folder / NAME))
    assert 1970 == told.creation_time.year


def test_spaces_at_the_end_are_told(tmp_path: Path) -> None:
    """SPSS fills texts up with spaces, so that those of an answer are lost: it is said how many."""
    answers = hard_answers()
    answers.loc[0, "comment"] = "two spaces  "
    made = export(freeze_answers(tmp_path / "frozen", answers), study_of_answers(), tmp_path / "out", "sav")
    assert "Spaces at the end of 1 cells of `comment` are lost." in made.losses[KEY]


def test_names_are_legal_and_told_apart() -> None:
    """Without regard to case, within 64 bytes, no word of the language, no dot."""
    taken: list[str] = []
    for origin in ("a.b", "a_b", "A_B", "by", "1st", "x" * 80, "x" * 90, "é" * 40, "."):
        taken.append(spss_name(origin, taken))
    assert ["a_b", "a_b_2", "A_B_3", "v_by", "v_1st", "x" * 64, "x" * 62 + "_2", "é" * 32, "v"] == taken


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is left behind."""
    monkeypatch.setattr("symmetry.responses.exporting.spss.find_spec", lambda name: None)
    with pytest.raises(DataError) as refused:
        export(freeze_answers(tmp_path / "frozen"), study_of_answers(), tmp_path / "out", "sav")
    assert ("EXT02", "pip install 'symmetry[spss]'") == (refused.value.problems[0].code, refused.value.problems[0].mend)
    assert ["frozen"] == [path.name for path in tmp_path.iterdir()]
