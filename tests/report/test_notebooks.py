"""From results to two files: the executed notebook and the page."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from symmetry import report
from symmetry.errors import ReportError
from symmetry.report import notebooks
from symmetry.report.blocks import MIME

TEMPLATE = Path(__file__).parents[2] / "notebooks" / "report.ipynb"


@pytest.fixture(scope="module")
def rendered(results: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bank's report in French, written apart from its results."""
    return report.render(results["bank"], lang="fr", out=tmp_path_factory.mktemp("rendered"))


def test_the_template_is_a_page_of_calls() -> None:
    """No output is kept in the template; a parameters cell comes first; the rest only calls the report."""
    cells = json.loads(TEMPLATE.read_text(encoding="utf-8"))["cells"]
    assert ["parameters"] == cells[0]["metadata"]["tags"]
    assert [([], None)] * len(cells) == [(cell["outputs"], cell["execution_count"]) for cell in cells]
    calls = re.compile(r"(display\(\*)?report\.\w+\(view\)\)?")
    assert all(calls.fullmatch("".join(cell["source"])) for cell in cells[2:])


def test_the_page_stands_alone(rendered: Path) -> None:
    """One page in its own language, with one title, no script, no code and nothing to fetch."""
    page = rendered.read_text(encoding="utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="fr">')
    assert 1 == page.count("<h1")
    assert re.search(r"<(script|link|img|iframe)\b|https?:|url\(|@import|//[a-z]", page) is None
    assert re.search(r"import symmetry|report\.\w+\(view|In\s*\[|Traceback", page) is None
    assert "Trois constats" in page
    assert "Données simulées" in page


def test_the_record_keeps_blocks_and_nothing_of_the_clock(rendered: Path) -> None:
    """Every cell that draws carries its block's data; no time, no machine."""
    text = (rendered.parent / "report.ipynb").read_text(encoding="utf-8")
    cells = json.loads(text)["cells"]
    drawn = [output for cell in cells for output in cell["outputs"] if "text/html" in output.get("data", {})]
    assert len(drawn) > 10
    assert all(MIME in output["data"] for output in drawn)
    assert re.search(r"iopub|20\d\d-\d\d-\d\dT", text) is None


def test_the_same_results_give_the_same_bytes(rendered: Path, results: Mapping[str, Path]) -> None:
    """Rendered again, both files are equal byte for byte, and nothing else is left beside them."""
    names = ("report.html", "report.ipynb")
    before = [(rendered.parent / name).read_bytes() for name in names]
    report.render(results["bank"], lang="fr", out=rendered.parent)
    assert before == [(rendered.parent / name).read_bytes() for name in names]
    assert sorted(names) == sorted(path.name for path in rendered.parent.iterdir())


def test_a_failing_cell_is_named_and_kept(
    results: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names notebook, cell and line; the half-made notebook is kept; the last good page stays."""
    template = notebooks._template()
    template.cells[5].source = "view\nreport.pairs(view.nothing)"
    monkeypatch.setattr(notebooks, "_template", lambda: template)
    (tmp_path / "report.html").write_text("the last good page")
    with pytest.raises(ReportError, match=r"report\.ipynb, cell 6 failed at line 2, `report\.pairs\(view\.nothing\)`"):
        report.render(results["airport"], out=tmp_path)
    assert {"report.html", "report.failed.ipynb"} == {path.name for path in tmp_path.iterdir()}
    assert "the last good page" == (tmp_path / "report.html").read_text()


def test_a_folder_that_is_not_results_is_refused(tmp_path: Path) -> None:
    """Nothing is written when there is nothing to read."""
    with pytest.raises(ReportError, match="not a folder of results"):
        report.render(tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_a_missing_table_is_named(results: Mapping[str, Path], tmp_path: Path) -> None:
    """The message carries the path of the table that is gone."""
    folder = shutil.copytree(results["airport"], tmp_path / "results")
    (folder / "gaps.parquet").unlink()
    with pytest.raises(ReportError, match=r"gaps\.parquet: error a table is missing"):
        report.render(folder)


def test_an_unknown_language_is_refused(results: Mapping[str, Path]) -> None:
    """The languages there are words for are named."""
    with pytest.raises(ReportError, match="choose one of en, fr"):
        report.render(results["bank"], lang="de")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("manifest.json", '"lonely_psu": "fail"', '"other": 1'), ("study.json", '"key": "share"', '"name": "share"')],
)
def test_results_of_an_older_analyse_are_refused(
    results: Mapping[str, Path], tmp_path: Path, name: str, old: str, new: str
) -> None:
    """A fact that the page would need is named, not guessed."""
    folder = shutil.copytree(results["schools"], tmp_path / "results")
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ReportError, match="lacks"):
        report.render(folder)


def test_a_relative_gap_needs_its_general_difference(results: Mapping[str, Path], tmp_path: Path) -> None:
    """A gap counted beyond nothing known is refused."""
    folder = shutil.copytree(results["bank"], tmp_path / "results")
    gaps = pd.read_parquet(folder / "gaps.parquet")
    gaps.assign(general=float("nan")).to_parquet(folder / "gaps.parquet", index=False)
    with pytest.raises(ReportError, match="lacks the general difference"):
        report.read(folder)
