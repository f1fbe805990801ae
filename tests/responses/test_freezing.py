from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet
import pytest
from pandas.testing import assert_frame_equal

from symmetry.errors import DataError
from symmetry.fieldwork import Intake
from symmetry.responses import freeze, read
from tests.studies import tiny_answers, tiny_intakes, tiny_study


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_frozen_folder_holds_tables_codebook_and_manifest(tmp_path: Path) -> None:
    """One Parquet file an audience and wave, and nothing beside the folder."""
    frozen = freeze(tiny_intakes(), tiny_study(), tmp_path / "deep" / "responses")
    names = {"cold/customers.parquet", "cold/employees.parquet", "codebook.json", "manifest.json"}
    assert names == set(contents(frozen.folder))
    assert [frozen.folder] == list((tmp_path / "deep").iterdir())
    assert (
        pyarrow.parquet.ParquetFile(frozen.folder / "cold/customers.parquet")
        .metadata.row_group(0)
        .column(0)
        .compression
        == "ZSTD"
    )


def test_what_is_returned_is_what_was_given(tmp_path: Path) -> None:
    """Freezing changes no answer, and tells where they came from."""
    frozen = freeze(tiny_intakes(), tiny_study(), tmp_path / "responses")
    assert_frame_equal(tiny_answers("customers"), frozen.answers["cold", "customers"])
    assert frozen.simulated is False
    assert frozen.manifest["tables"]["cold/customers"]["source"] == "tiny.csv"
    expected = pd.DataFrame(
        [("cold", "customers", "kept", "", 4, ""), ("cold", "employees", "kept", "", 4, "")],
        columns=["wave", "audience", "measure", "item", "n", "note"],
    )
    assert_frame_equal(expected, frozen.logs)
    assert set(frozen.hashes) == {"cold/customers", "cold/employees"}


def test_one_simulated_table_makes_the_responses_simulated(tmp_path: Path) -> None:
    """Real and made-up answers never mix unnoticed."""
    first, second = tiny_intakes()
    assert freeze([first, replace(second, simulated=True)], tiny_study(), tmp_path / "responses").simulated


def test_the_same_answers_give_the_same_bytes(tmp_path: Path) -> None:
    """Frozen twice, in two folders and with rows shuffled, every file is the same."""
    first = contents(freeze(tiny_intakes(), tiny_study(), tmp_path / "one").folder)
    shuffled = [replace(intake, answers=intake.answers.iloc[[2, 0, 3, 1]]) for intake in tiny_intakes()]
    assert first == contents(freeze(shuffled, tiny_study(), tmp_path / "two").folder)
    assert first == contents(freeze(tiny_intakes(), tiny_study(), tmp_path / "one").folder)


def test_earlier_responses_are_replaced_whole(tmp_path: Path) -> None:
    """What an earlier freezing left and this one does not write is gone."""
    folder = tmp_path / "responses"
    freeze(tiny_intakes(), tiny_study(), folder)
    (folder / "old.txt").write_text("left over")
    changed = [
        replace(each, answers=each.answers.assign(kept=pd.array([5] * 4, dtype="Int64"))) for each in tiny_intakes()
    ]
    freeze(changed, tiny_study(), folder)
    assert "old.txt" not in contents(folder)
    assert read(folder, tiny_study()).answers["cold", "customers"]["kept"].tolist() == [5, 5, 5, 5]


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    """A folder with nothing in it belongs to nobody."""
    freeze(tiny_intakes(), tiny_study(), tmp_path)
    assert "manifest.json" in contents(tmp_path)


@pytest.mark.parametrize("manifest", [None, "no json", "[1]", "{}", '{"symmetry": 1, "holds": "results"}'])
def test_a_foreign_folder_is_left_alone(tmp_path: Path, manifest: str | None) -> None:
    """What we did not write, a folder of results among it, is never replaced."""
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "thesis.docx").write_text("three years of work")
    if manifest is not None:
        (folder / "manifest.json").write_text(manifest)
    before = contents(tmp_path)
    with pytest.raises(DataError, match="holds something else than responses"):
        freeze(tiny_intakes(), tiny_study(), folder)
    assert before == contents(tmp_path)


def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    """A file is no folder."""
    (tmp_path / "responses").write_text("mine")
    with pytest.raises(DataError, match="holds something else"):
        freeze(tiny_intakes(), tiny_study(), tmp_path / "responses")


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(28, "No space left on device"), MemoryError()])
@pytest.mark.parametrize("moment", ["write_bytes", "rename"])
@pytest.mark.parametrize("before", [True, False])
def test_an_interrupted_writing_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException, moment: str, before: bool
) -> None:
    """Ctrl-C, a full disk or no memory, at the second file or at the second renaming: all is as it was."""
    folder = tmp_path / "responses"
    if before:
        freeze(tiny_intakes(), tiny_study(), folder)
    there = contents(tmp_path)
    real, calls = getattr(Path, moment), []

    def failing(self: Path, *arguments: object) -> object:
        calls.append(self)
        if len(calls) == (2 if before or moment == "write_bytes" else 1):
            raise stop
        return real(self, *arguments)

    monkeypatch.setattr(Path, moment, failing)
    changed = [
        replace(each, answers=each.answers.assign(kept=pd.array([5] * 4, dtype="Int64"))) for each in tiny_intakes()
    ]
    with pytest.raises(DataError if isinstance(stop, OSError) else type(stop)) as caught:
        freeze(changed, tiny_study(), folder)
    if isinstance(stop, OSError):
        assert "could not be written: No space left on device" in str(caught.value)
    monkeypatch.undo()
    assert there == contents(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == (["responses"] if before else [])


def test_a_declared_audience_must_be_there(tmp_path: Path) -> None:
    """A wave that asks both audiences is not frozen with one of them."""
    with pytest.raises(DataError, match="wave `cold` declares employees, and their answers were not given"):
        freeze(tiny_intakes()[:1], tiny_study(), tmp_path / "responses")
    assert not list(tmp_path.iterdir())


def test_an_audience_is_given_once(tmp_path: Path) -> None:
    """Two tables of one audience in one wave cannot both be the answers; none at all are no answers."""
    with pytest.raises(DataError, match="answers of customers in wave `cold` were given twice"):
        freeze([*tiny_intakes(), tiny_intakes()[0]], tiny_study(), tmp_path / "responses")
    with pytest.raises(DataError, match="no answers to freeze"):
        freeze([], tiny_study(), tmp_path / "responses")


def test_an_unknown_wave_is_refused(tmp_path: Path) -> None:
    """Answers of a wave that the study does not have are not its answers."""
    with pytest.raises(DataError, match="has no wave `warm`"):
        freeze([replace(tiny_intakes()[0], wave="warm")], tiny_study(), tmp_path / "responses")


def with_answers(answers: pd.DataFrame) -> list[Intake]:
    """The tiny intakes, with other customers."""
    first, second = tiny_intakes()
    return [replace(first, answers=answers), second]


def test_answers_and_codebook_have_the_same_columns(tmp_path: Path) -> None:
    """An item in the answers that the codebook lacks, and the reverse, are both named."""
    answers = tiny_answers("customers").rename(columns={"kept": "keept"})
    with pytest.raises(DataError) as caught:
        freeze(with_answers(answers), tiny_study(), tmp_path / "responses")
    assert "the answers hold `keept`, which the codebook lacks" in str(caught.value)
    assert "the codebook lists `kept`, which the answers lack" in str(caught.value)
    with pytest.raises(DataError, match="the answers lack `respondent`"):
        freeze(with_answers(tiny_answers("customers").drop(columns="respondent")), tiny_study(), tmp_path / "responses")


@pytest.mark.parametrize(
    ("ids", "words"), [(["a", "b", "a", "c"], "respondent a stands twice"), (["a", "b", None, "c"], "has no id")]
)
def test_a_respondent_is_frozen_once(tmp_path: Path, ids: list[str | None], words: str) -> None:
    """Two rows of one person, or a row of nobody, are refused."""
    answers = tiny_answers("customers").assign(respondent=pd.array(ids, dtype="str"))
    with pytest.raises(DataError, match=words):
        freeze(with_answers(answers), tiny_study(), tmp_path / "responses")


def test_frozen_folders_can_be_moved(tmp_path: Path) -> None:
    """Nothing in a frozen folder says where it lies."""
    freeze(tiny_intakes(), tiny_study(), tmp_path / "here")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    assert len(read(tmp_path / "there", tiny_study()).answers) == 2
    assert all(str(tmp_path).encode() not in content for content in contents(tmp_path / "here").values())
