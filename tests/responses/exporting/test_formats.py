"""Answers as CSV, Parquet and Triple-S, read back by csv, DuckDB, pyarrow and triple-s-survey; private, and again the same."""

from __future__ import annotations

import csv
import json
import stat
import warnings
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet
import pyreadstat
import pytest

from symmetry.errors import DataError
from symmetry.responses import Responses, content_hash, read
from symmetry.responses.exporting.describing import describe
from symmetry.responses.exporting.exporting import FORMATS, export
from tests.responses.exporting.exported import AUDIENCE, KEY, WAVE, freeze_answers, hard_answers, study_of_answers

STEM = f"{WAVE}.{AUDIENCE}"


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Responses:
    """The hard answers."""
    return freeze_answers(tmp_path_factory.mktemp("answers") / "frozen")


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def same(expected: Any, actual: str) -> bool:
    """Whether a CSV cell is what was frozen."""
    if pd.isna(expected):
        return actual == ""
    return str(expected) == actual if isinstance(expected, str) else float(expected) == float(actual)


def test_csv_holds_every_cell_and_the_codebook_every_code(frozen: Responses, tmp_path: Path) -> None:
    """Codes in the one file; columns, words, codes and reasons in the other."""
    made = export(frozen, study_of_answers(), tmp_path / "out", "csv", "en")
    answers, rows = hard_answers(), rows_of(made.folder / f"{STEM}.csv")
    assert list(answers.columns) == list(rows[0])
    for name in answers.columns:
        pairs = zip(answers[name], (row[name] for row in rows), strict=True)
        assert [] == [pair for pair in pairs if not same(*pair)], name
    told = rows_of(made.folder / f"{STEM}.codebook.csv")
    for column in describe(study_of_answers(), WAVE, AUDIENCE, "en"):
        lines = [line for line in told if line["column"] == column.name]
        assert {(column.wording, column.label)} == {(line["wording"], line["label"]) for line in lines}
        found = [(line["code"], line["code_label"], line["missing"]) for line in lines]
        assert ([(str(each.cell), each.label, each.reason) for each in column.all_codes] or [("", "", "")]) == found


def test_csv_in_words_has_no_code_left(frozen: Responses, tmp_path: Path) -> None:
    """Each code is its words, several parted by semicolons; what has no words stays."""
    made = export(frozen, study_of_answers(), tmp_path / "out", "csv", "en", labels=True)
    rows, answers = rows_of(made.folder / f"{STEM}.csv"), hard_answers()
    refused = answers.index[answers["respected"] == -2][0]
    assert "I prefer not to answer" == rows[refused]["respected"]
    several = answers.index[answers["obstacles"] == "price delay"][0]
    assert "The price; The wait" == rows[several]["obstacles"]
    assert all(same(cell, row["balance"]) for cell, row in zip(answers["balance"], rows, strict=True))
    with pytest.raises(DataError, match="holds codes and their labels side by side"):
        export(frozen, study_of_answers(), tmp_path / "out", "parquet", labels=True)


def test_parquet_keeps_cells_and_words(frozen: Responses, tmp_path: Path) -> None:
    """The same content hash; words and missing codes on each field, and on the file for those who know no Arrow."""
    path = export(frozen, study_of_answers(), tmp_path / "out", "parquet", "fr").folder / f"{STEM}.parquet"
    table = pyarrow.parquet.read_table(path)
    types = {name: cells.dtype for name, cells in hard_answers().items()}
    assert frozen.hashes[KEY] == content_hash(table.to_pandas().astype(types))
    columns = describe(study_of_answers(), WAVE, AUDIENCE, "fr")
    for column in columns:
        assert column.as_data() == json.loads(table.schema.field(column.name).metadata[b"symmetry"])
    with duckdb.connect() as connection:
        found = connection.execute(f"select value from parquet_kv_metadata('{path}') where key = 'symmetry'").fetchall()
    told = json.loads(found[0][0])
    assert (frozen.hashes[KEY], "fr") == (told["content"], told["language"])
    assert [
        [0, "Sans objet", "na"],
        [-1, "Je ne sais pas", "dk"],
        [-2, "Je préfère ne pas répondre", "refused"],
    ] == told["columns"]["respected"]["missing"]


def test_triple_s_data_stand_in_the_order_of_their_description(frozen: Responses, tmp_path: Path) -> None:
    """The names of the description are the head of the data, and no cell breaks a line."""
    made = export(frozen, study_of_answers(), tmp_path / "out", "triple-s")
    root = ET.fromstring((made.folder / f"{STEM}.sss").read_bytes())
    names = [variable.findtext("name") for variable in root.iter("variable")]
    lines = (made.folder / f"{STEM}.csv").read_text(encoding="utf-8").splitlines()
    assert names == next(csv.reader(lines[:1]))
    assert len(hard_answers()) + 1 == len(lines)
    assert "Line breaks in 1 cells of `comment` are spaces." in made.losses[KEY]
    assert not any("Only the description" in loss for loss in made.losses[KEY])


def test_the_package_of_the_field_reads_triple_s(frozen: Responses, tmp_path: Path) -> None:
    """Codes, ticked choices, days and texts as frozen, save the line breaks."""
    triple_s = pytest.importorskip("triple_s", reason="PyPI's triple-s-survey is not installed, so it cannot judge")
    folder = export(frozen, study_of_answers(), tmp_path / "out", "triple-s").folder
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).*exceeds the width defined in question's data location")
        survey = triple_s.read_datamap(str(folder / f"{STEM}.sss"))
        survey.load_data(str(folder / f"{STEM}.csv"))
    loaded, answers = survey.to_pandas(), hard_answers()
    assert len(answers) == len(loaded)
    for name in ("recommend", "respected", "habit", "region", "delay", "balance"):
        pairs = zip(answers[name], loaded[name], strict=True)
        assert [] == [pair for pair in pairs if not same(pair[0], "" if pd.isna(pair[1]) else str(pair[1]))]
    columns = {each.name: each for each in describe(study_of_answers(), WAVE, AUDIENCE, "en")}
    keys = [each.cell for each in columns["worries"].all_codes]
    ticked = [
        [] if pd.isna(cell) else sorted(keys.index(key) + 1 for key in cell.split()) for cell in answers["worries"]
    ]
    assert ticked == [sorted(each) if each is not None else [] for each in loaded["worries"]]
    days = ["" if pd.isna(day) else day for day in answers["last_visit"]]
    assert days == ["" if each is None or each != each else str(each)[:10] for each in loaded["last_visit"]]
    assert 'Œuf, "ça" 😀; =1+1 second line third' == loaded["comment"][0]


@pytest.mark.parametrize("to", FORMATS)
def test_the_same_answers_give_the_same_bytes_for_one_owner(frozen: Responses, tmp_path: Path, to: str) -> None:
    """Twice the same files, that nobody else may open; the second replaces the first."""
    made = [export(frozen, study_of_answers(), tmp_path / "out", to) for _ in range(2)]
    first, second = ({path.name: path.read_bytes() for path in each.files} for each in made)
    assert first == second
    assert {path.name for path in made[0].files} == {path.name for path in made[0].folder.iterdir()}
    assert 0o700 == stat.S_IMODE(made[0].folder.stat().st_mode)
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in made[0].files}
    told = json.loads((made[0].folder / "manifest.json").read_bytes())
    assert list(made[0].losses[KEY]) == told["tables"][KEY]["losses"]


def test_another_day_gives_the_same_bytes(frozen: Responses, tmp_path: Path) -> None:
    """A .sav written a second later is the same file."""
    import time

    first = export(frozen, study_of_answers(), tmp_path / "one", "sav").folder
    time.sleep(1.1)
    second = export(frozen, study_of_answers(), tmp_path / "two", "sav").folder
    assert (first / f"{STEM}.sav").read_bytes() == (second / f"{STEM}.sav").read_bytes()


def test_a_study_that_has_changed_since_is_told(frozen: Responses, tmp_path: Path) -> None:
    """The labels are today's words, and that is said."""
    changed = replace(study_of_answers(), digest="1" * 64)
    losses = export(frozen, changed, tmp_path / "out", "csv").losses[KEY]
    assert 1 == sum(loss.startswith("The study has changed since the answers were frozen") for loss in losses)


@pytest.mark.parametrize(
    ("to", "language", "tables", "code"),
    [("xlsx", None, (), "XPT01"), ("csv", "de", (), "XPT06"), ("csv", None, ("cold/customers",), "XPT05")],
)
def test_what_does_not_fit_is_refused(
    frozen: Responses, tmp_path: Path, to: str, language: str | None, tables: tuple[str, ...], code: str
) -> None:
    """A format, a language or a table that is not there; nothing is written."""
    with pytest.raises(DataError) as refused:
        export(frozen, study_of_answers(), tmp_path / "out", to, language, tables=tables)
    assert code == refused.value.problems[0].code
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_export_is_left_alone(frozen: Responses, tmp_path: Path) -> None:
    """Least of all frozen answers."""
    again = freeze_answers(tmp_path / "frozen")
    with pytest.raises(DataError, match="holds something else than export"):
        export(frozen, study_of_answers(), again.folder, "csv")
    assert read(again.folder, study_of_answers()).hashes == again.hashes


@pytest.mark.parametrize("simulated", [True, False])
def test_that_answers_are_simulated_is_in_the_file_that_can_say_it(tmp_path: Path, simulated: bool) -> None:
    """Parquet says it in its metadata, SPSS in its label and a note; of CSV and Triple-S the manifest does, and that is told."""
    told = freeze_answers(tmp_path / "frozen").manifest
    table = {**told["tables"][KEY], "simulated": simulated}
    answers = replace(read(tmp_path / "frozen", study_of_answers()), manifest={**told, "tables": {KEY: table}})
    losses = {to: export(answers, study_of_answers(), tmp_path / to, to, "en").losses[KEY] for to in FORMATS}
    said = {to for to, each in losses.items() if any("simulated" in loss for loss in each)}
    assert said == ({"csv", "triple-s"} if simulated else set())
    schema = pyarrow.parquet.read_schema(tmp_path / "parquet" / f"{STEM}.parquet")
    assert simulated == json.loads(schema.metadata[b"symmetry"])["simulated"]
    _, meta = pyreadstat.read_sav(tmp_path / "sav" / f"{STEM}.sav")
    assert simulated == meta.file_label.startswith("SIMULATED – ") == bool(meta.notes)
