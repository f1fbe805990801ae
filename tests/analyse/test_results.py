"""The one door out: tables, words and manifest, the same bytes for the same results."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from symmetry.analyse import Results, write
from symmetry.aside import replacing


def _results() -> Results:
    table = pd.DataFrame({"statistic": ["mean"], "estimate": [1 / 3], "note": [""]})
    return Results(tables={"levels": table}, facts={"symmetry": "0", "holds": "results"}, words={"title": {"fr": "é"}})


def _fill(folder: Path) -> None:
    with replacing(folder, holds="results") as staging:
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
