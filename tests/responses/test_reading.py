from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from symmetry.errors import DataError
from symmetry.fieldwork import read_truth, simulate
from symmetry.responses import Responses, freeze, read
from symmetry.responses.freezing import sealed
from symmetry.responses.hashing import canonical_json, sha256
from symmetry.spec import Item, Scale
from tests.studies import tiny_answers, tiny_intakes, tiny_study, with_item, write_truth

WORDS = {"en": "…"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Frozen answers of the tiny study."""
    return freeze(tiny_intakes(), tiny_study(), tmp_path / "responses").folder


def assert_same(one: Responses, other: Responses) -> None:
    """Two responses hold the same answers, codebook and manifest."""
    assert list(one.answers) == list(other.answers)
    for key, answers in one.answers.items():
        assert_frame_equal(answers, other.answers[key])
    assert one.codebook == other.codebook
    assert one.manifest == other.manifest


codes = st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=4, max_size=4)
texts = st.lists(
    st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=8)), min_size=4, max_size=4
)


@given(codes, texts, st.permutations(["p1", "p2", "é", "10"]))
def test_what_was_frozen_is_read(
    tmp_path_factory: pytest.TempPathFactory, kept: list[int | None], branch: list[str | None], ids: list[str]
) -> None:
    """read(freeze(x)) = x for any codes, texts and ids, rows in the order of the ids."""
    answers = tiny_answers("customers").assign(
        respondent=pd.array(ids, dtype="str"), kept=pd.array(kept, dtype="Int64"), branch=pd.array(branch, dtype="str")
    )
    first, second = tiny_intakes()
    folder = tmp_path_factory.mktemp("law") / "responses"
    frozen = freeze([replace(first, answers=answers), second], tiny_study(), folder)
    again = read(folder, tiny_study())
    assert_same(frozen, again)
    assert_frame_equal(answers.sort_values("respondent", ignore_index=True), again.answers["cold", "customers"])


def test_simulated_answers_survive(tmp_path: Path) -> None:
    """Answers made from a truth are read as they were made, and still say that they are simulated."""
    study = tiny_study()
    truth = read_truth(write_truth(tmp_path), study)
    intakes = [intake for wave in study.waves for intake in simulate(study, wave, truth, 1).values()]
    frozen = freeze(intakes, study, tmp_path / "responses")
    again = read(tmp_path / "responses", study)
    assert_same(frozen, again)
    assert again.simulated
    for intake in intakes:
        assert_frame_equal(intake.answers, again.answers[intake.wave, intake.audience])


@given(st.data())
def test_one_changed_byte_is_caught(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever byte of whatever file is changed to whatever else, the answers are not believed."""
    folder = freeze(tiny_intakes(), tiny_study(), tmp_path_factory.mktemp("flip") / "responses").folder
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content))
    with pytest.raises(DataError):
        read(folder, tiny_study())


@pytest.mark.parametrize("name", ["manifest.json", "codebook.json", "cold/customers.parquet"])
def test_a_missing_or_empty_file_is_named(folder: Path, name: str) -> None:
    """The message has the path of the file that is not there, or that is empty."""
    (folder / name).write_bytes(b"")
    with pytest.raises(DataError, match=rf"{name}.* is empty"):
        read(folder, tiny_study())
    (folder / name).unlink()
    with pytest.raises(DataError, match=rf"{name}.* is missing"):
        read(folder, tiny_study())


def test_a_file_that_cannot_be_read_says_why(folder: Path) -> None:
    """A folder in the place of a file is no file."""
    (folder / "codebook.json").unlink()
    (folder / "codebook.json").mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        read(folder, tiny_study())


def test_answers_of_another_study_are_refused(folder: Path) -> None:
    """A folder of one study is not analysed with another."""
    with pytest.raises(DataError, match="answers to study `tiny`, not to `other`"):
        read(folder, replace(tiny_study(), key="other"))


@pytest.mark.parametrize("text", ["{}", "[]", '{"symmetry": 1, "holds": "results"}'])
def test_another_manifest_is_no_manifest(folder: Path, text: str) -> None:
    """A folder of results is not a folder of answers."""
    (folder / "manifest.json").write_text(text)
    with pytest.raises(DataError, match="no manifest of frozen responses"):
        read(folder, tiny_study())


def test_a_wave_that_the_study_lost_is_named(folder: Path) -> None:
    """A study without the wave that was answered is not the one that asked."""
    waves = {"hot": tiny_study().waves["hot"]}
    with pytest.raises(DataError, match="of wave `cold`, which the study does not have"):
        read(folder, replace(tiny_study(), waves=waves))


def test_an_item_that_one_side_lacks_is_named(folder: Path) -> None:
    """The study has an item more than the answers, or one fewer, or one on another scale."""
    more = with_item(tiny_study(), Item("clear", "driver", WORDS, Scale("x", "likert", 1, 5), {"customer": WORDS}))
    with pytest.raises(DataError, match="the study asks `clear`, which the answers were frozen without"):
        read(folder, more)
    fewer = replace(tiny_study(), items={key: item for key, item in tiny_study().items.items() if key != "kept"})
    with pytest.raises(DataError, match="the answers hold `kept`, which the study no longer has there"):
        read(folder, fewer)
    other = replace(tiny_study().items["kept"], scale=Scale("x", "likert", 1, 7, missing={"na": 0}))
    with pytest.raises(DataError, match="`kept` was frozen with another scale than the study has now"):
        read(folder, with_item(tiny_study(), other))


def test_new_words_do_not_spoil_old_answers(folder: Path) -> None:
    """A label mended after the field changes the study's digest and no answer."""
    item = replace(tiny_study().items["kept"], label={"en": "Kept word"})
    study = replace(with_item(tiny_study(), item), digest="1" * 64)
    assert read(folder, study).manifest["study"]["digest"] == "0" * 64


def reseal(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Forge a manifest whose own seal is right."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    change(manifest)
    (folder / "manifest.json").write_bytes(canonical_json(sealed(manifest)))


def forge(folder: Path, **cells: object) -> None:
    """Change cells of the customers' table, and vouch for the new bytes."""
    path = folder / "cold/customers.parquet"
    pd.read_parquet(path).assign(**cells).to_parquet(path)
    reseal(folder, lambda manifest: manifest["tables"]["cold/customers"].update(sha256=sha256(path.read_bytes())))


def test_a_table_that_says_other_things_is_caught(folder: Path) -> None:
    """A file whose bytes are vouched for must also say what its content hash says."""
    forge(folder, kept=pd.array([5, 5, 5, 5], dtype="Int64"))
    with pytest.raises(DataError, match="says other things than its manifest vouches for"):
        read(folder, tiny_study())
    forge(folder, kept=[1.5, 2, 3, 4])
    with pytest.raises(DataError, match="another type than its codebook says"):
        read(folder, tiny_study())


def test_the_writer_of_a_file_is_not_its_identity(folder: Path) -> None:
    """The same answers written by another program have another SHA-256 and the same content hash."""
    expected = read(folder, tiny_study())
    path = folder / "cold/customers.parquet"
    pd.read_parquet(path, dtype_backend="numpy_nullable").to_parquet(path, compression="gzip")
    content = path.read_bytes()
    reseal(folder, lambda manifest: manifest["tables"]["cold/customers"].update(sha256=sha256(content)))
    again = read(folder, tiny_study())
    assert expected.hashes == again.hashes
    assert_frame_equal(expected.answers["cold", "customers"], again.answers["cold", "customers"])


def test_what_is_not_parquet_is_named(folder: Path) -> None:
    """A file that is vouched for and is no table is no table."""
    (folder / "cold/customers.parquet").write_bytes(b"hello")
    reseal(folder, lambda manifest: manifest["tables"]["cold/customers"].update(sha256=sha256(b"hello")))
    with pytest.raises(DataError, match="is not Parquet"):
        read(folder, tiny_study())


def test_a_table_with_another_column_is_named(folder: Path) -> None:
    """A column that the codebook lacks, and one that the table lacks, are both named."""
    path = folder / "cold/customers.parquet"
    pd.read_parquet(path).rename(columns={"kept": "keept"}).to_parquet(path)
    content = path.read_bytes()
    reseal(folder, lambda manifest: manifest["tables"]["cold/customers"].update(sha256=sha256(content)))
    with pytest.raises(DataError) as caught:
        read(folder, tiny_study())
    assert "`keept`, which the codebook lacks" in str(caught.value)
    assert "`kept`, which the answers lack" in str(caught.value)


def test_numbers_and_shares_survive_to_the_last_bit(tmp_path: Path) -> None:
    """Floats come back exactly, absent ones absent."""
    study = with_item(tiny_study(), Item("weight", "frame", WORDS, numeric=True, audiences=("customers",)))
    weights = np.array([0.1 + 0.2, np.nan, 5e-324, 1e308])
    first, second = tiny_intakes()
    frozen = freeze([replace(first, answers=first.answers.assign(weight=weights)), second], study, tmp_path / "r")
    again = read(tmp_path / "r", study)
    np.testing.assert_array_equal(weights, again.answers["cold", "customers"]["weight"].to_numpy())
    assert_same(frozen, again)
