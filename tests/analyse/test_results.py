"""The one door out: whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from symmetry.analyse import Results, replacing, write
from symmetry.errors import DataError


def _results() -> Results:
    table = pd.DataFrame({"statistic": ["mean"], "estimate": [1 / 3], "note": [""]})
    return Results(tables={"levels": table}, facts={"symmetry": "0", "holds": "results"}, words={"title": {"fr": "é"}})


def _fill(folder: Path) -> None:
    with replacing(folder) as staging:
        write(_results(), staging)


def test_the_same_results_are_the_same_bytes(tmp_path: Path) -> None:
    """Writing the same tables twice gives files that do not differ by one byte."""
    _fill(tmp_path / "a")
    _fill(tmp_path / "b")
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert ["levels.csv", "levels.parquet", "manifest.json", "study.json"] == names
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_manifest_vouches_for_the_tables(tmp_path: Path) -> None:
    """The manifest holds the SHA-256 of each table's CSV."""
    import hashlib

    _fill(tmp_path / "out")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text(encoding="utf-8"))
    assert hashlib.sha256((tmp_path / "out/levels.csv").read_bytes()).hexdigest() == manifest["tables"]["levels"]


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt, OSError])
def test_an_interrupted_run_leaves_earlier_results_alone(tmp_path: Path, stop: type[BaseException]) -> None:
    """A run that fails, is stopped or fills the disk changes nothing and leaves nothing half-written."""
    _fill(tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def run() -> None:
        with replacing(tmp_path / "out") as staging:
            (staging / "levels.csv").write_text("half")
            raise stop

    with pytest.raises(stop):
        run()
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert ["out"] == [path.name for path in tmp_path.iterdir()]


def test_results_are_replaced_whole(tmp_path: Path) -> None:
    """What a former run wrote and the new one does not is gone."""
    _fill(tmp_path / "out")
    (tmp_path / "out/old.csv").write_text("1")
    _fill(tmp_path / "out")
    assert not (tmp_path / "out/old.csv").exists()


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    """An existing folder with nothing in it is taken."""
    (tmp_path / "out").mkdir()
    _fill(tmp_path / "out")
    assert (tmp_path / "out/levels.csv").exists()


@pytest.mark.parametrize(
    "content", [{"thesis.txt": "years of work"}, {"manifest.json": '{"symmetry": 1, "holds": "responses"}'}]
)
def test_a_foreign_folder_is_refused(tmp_path: Path, content: dict[str, str]) -> None:
    """A folder that holds anything but results, even other files of ours, is left alone, and the message says what to do."""
    (tmp_path / "out").mkdir()
    for name, text in content.items():
        (tmp_path / "out" / name).write_text(text)
    with pytest.raises(DataError, match=r"does not hold results.*\n  mend: name an empty or new folder"):
        _fill(tmp_path / "out")
    assert sorted(content) == sorted(path.name for path in (tmp_path / "out").iterdir())


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    """A file where the folder should go is not deleted."""
    (tmp_path / "out").write_text("mine")
    with pytest.raises(DataError, match="left alone"):
        _fill(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"
