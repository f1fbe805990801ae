"""Units: drawn gaps with their verdicts, the funnel, many units, and results that tell of none."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from symmetry import report
from symmetry.errors import ReportError
from symmetry.report import Block, View
from symmetry.report.charts.funnel import funnel_chart, weighed
from symmetry.report.choosing import followed_pair
from symmetry.report.pen import Pen
from symmetry.report.rows import GapRow, UnitRow
from tests.report import later
from tests.report.test_blocks import text_of


@pytest.fixture
def block(results: Mapping[str, Path]) -> Block:
    """The units' section of the bank, in English."""
    made = report.units(report.read(results["network"], language="en"))
    assert made is not None
    return made


def rows_of(html: str) -> list[str]:
    """Rows of the picture of units, in page order, the folded ones too."""
    return re.findall(r'<li class="row">.*?</li>', html)


def numbers(text: str) -> list[float]:
    """Signed numbers of a text."""
    return [float(run.replace("\u2212", "-")) for run in re.findall(r"[+\u2212]?\d+\.\d+", text)]


def drawn(rows: Sequence[UnitRow], pair: GapRow, view: View) -> ElementTree.Element:
    """The picture of a funnel, without its legend and its list."""
    chart = ElementTree.fromstring(funnel_chart(rows, pair, Pen(view), title="t"))
    return next(tree for tree in chart.iter("svg") if tree.get("role") == "img")


def places(drawing: ElementTree.Element, named: str) -> list[tuple[float, float]]:
    """Where the marks of one kind stand, in percent of the picture."""
    marks = [mark for mark in drawing.iter("svg") if mark.get("class") == f"dot {named}"]
    return [(float(mark.attrib["x"].rstrip("%")), float(mark.attrib["y"].rstrip("%"))) for mark in marks]


def edges(drawing: ElementTree.Element, which: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """The two lines of one pair of limits: abscissas and ordinates."""
    paths = [path.attrib["d"] for path in drawing.iter("path") if path.get("class") == f"edge {which}"]
    points = [np.array([pair.split() for pair in re.split("[ML]", path)[1:]], dtype=float) for path in paths]
    return [(line[:, 0], line[:, 1]) for line in points]


def test_units_are_sorted_by_their_drawn_gap_and_carry_a_sign(block: Block) -> None:
    """From the lowest drawn gap to the highest; each row says its verdict, with a sign and aloud."""
    rows = rows_of(block.html.split('class="under"')[0])
    drawn = [numbers(text_of(re.findall(r"<strong>.*?</strong>", row)[0]))[0] for row in rows]
    assert 21 == len(rows)
    assert sorted(drawn) == drawn
    signs = {"dissonant": "≠", "aligned": "=", "undetermined": "?"}
    for row in rows:
        verdict, sign = re.findall(r'class="sign (\w+)" aria-hidden="true">(.)<', row)[0]
        assert signs[verdict] == sign
        assert "as measured" in row
        assert f"{verdict.capitalize()}." in row


def test_the_tally_counts_every_unit_with_a_number(block: Block) -> None:
    """Signs of the legend add up to the units that have a verdict, and the threshold of probability is said."""
    tally = re.findall(r'class="unit-verdicts">(.*?)</div>', block.html)[0]
    assert 21 == sum(int(count) for count in re.findall(r": (\d+)", text_of(tally)))
    assert "probability of at least 90%" in text_of(block.html)


def test_units_without_a_number_say_why(block: Block) -> None:
    """Hidden branches and branches with one side are named in two sentences, and neither gives a number."""
    text = text_of(block.html)
    assert re.search(r"hidden to protect a group that small\), but counted in the whole: Branch 04, Branch 12\.", text)
    assert "No gap can be told in: Branch 15 (one side only" in text
    assert not [entry for entry in block.numbers if re.search("branch=b(04|12|15)", entry["name"])]


def test_many_units_show_both_ends_and_fold_the_rest(tmp_path: Path) -> None:
    """Six at each end at first sight, the others folded in their order; every unit is in the table with its interval."""
    block = report.units(report.read(later.network(tmp_path, branches=40), language="fr"))
    assert block is not None
    picture = block.html.split('class="under"')[0].split("<table")[0]
    first, folded, last = re.findall(r'<ol class="rows" role="list">(.*?)</ol>', picture)
    assert [6, 25, 6] == [len(rows_of(part)) for part in (first, folded, last)]
    assert "Les 25 unités entre les deux" in text_of(picture)
    table = block.html.split("<tbody>")[1].split("</tbody>")[0]
    assert 37 == len(re.findall(r"[+\u2212]?\d,\d\d\u00a0à\u00a0[+\u2212]?\d,\d\d", text_of(table)))


def test_a_thousand_units_are_not_a_thousand_pictures(tmp_path: Path) -> None:
    """Beyond a hundred units in between, the table alone holds them, and a sentence says so."""
    folder = later.network(tmp_path, branches=30)
    rng = np.random.default_rng(1)
    units = pd.DataFrame([later.unit_row(f"b{place:04d}", rng) for place in range(1, 1001)])
    units.to_parquet(folder / "units.parquet", index=False)
    block = report.units(report.read(folder, language="en"))
    assert block is not None
    picture = block.html.split('class="under"')[0].split("<table")[0]
    assert 12 == len(rows_of(picture))
    assert "The 988 units in between are in the table below." in text_of(picture)


def test_a_mark_is_outside_the_curve_if_and_only_if_its_row_says_so(results: Mapping[str, Path]) -> None:
    """The drawn limits, read from their paths, hold exactly the marks that the table puts inside."""
    view = report.read(results["network"], language="en")
    pair, rows = followed_pair(view)
    assert pair is not None
    picture = drawn(weighed(rows), pair, view)
    inner, outer = (edges(picture, which) for which in ("inner", "outer"))
    for named, expected in (("inside", (True, True)), ("between", (False, True)), ("outside", (False, False))):
        marks = places(picture, named)
        assert {"inside": 17, "between": 2, "outside": 2}[named] == len(marks)
        for x, y in marks:
            held = [
                min(ends) < y < max(ends)
                for ends in ([np.interp(x, *line) for line in both] for both in (inner, outer))
            ]
            assert expected == tuple(held), (named, x, y)


def test_surer_units_stand_further_right_and_the_limits_narrow(results: Mapping[str, Path]) -> None:
    """The further right, the smaller the standard error and the closer the limits."""
    view = report.read(results["network"], language="en")
    pair, rows = followed_pair(view)
    assert pair is not None
    picture = drawn(weighed(rows), pair, view)
    (xs, low), (_, high) = edges(picture, "outer")
    assert list(xs) == sorted(xs)
    widths = low - high
    assert (np.diff(widths) < 0.02).all()
    assert 1.5 * widths[-1] < widths[0]
    ticks = [mark for mark in picture.iter("text") if mark.get("y") == "100%"]
    errors = [float(tick.text or "") for tick in sorted(ticks, key=lambda tick: float(tick.attrib["x"].rstrip("%")))]
    assert sorted(errors, reverse=True) == errors


def test_units_outside_are_named_by_their_number(block: Block) -> None:
    """Each number of the picture stands once in the list below, with the name and the gap of its unit."""
    below = block.html.split('class="under"')[1]
    drawn = re.findall(r'<text[^>]*class="number">(\d+)</text>', below)
    listed = re.findall(r'class="number \w+">(\d+)</span> <span class="label">(.*?)</span>', below)
    assert ["1", "2", "3", "4"] == sorted(drawn) == [number for number, _ in listed]
    assert {"Branch 02", "Branch 07", "Branch 09", "Branch 20"} == {name for _, name in listed}


@pytest.mark.parametrize(
    ("kept", "language", "said"),
    [
        (("b02", "b07", "b09", "b20"), "en", "2 units of 21 stand outside what chance explains: Branch 07, Branch 02."),
        (
            ("b02", "b07", "b09", "b20"),
            "fr",
            "2 unités sur 21 sortent de ce que le hasard explique : Agence 07, Agence 02.",
        ),
        (("b02",), "en", "One unit of 21 stands outside what chance explains: Branch 02."),
        ((), "fr", "Aucune unité ne sort de ce que le hasard explique."),
    ],
)
def test_the_funnel_is_said_with_tact(
    results: Mapping[str, Path], tmp_path: Path, kept: tuple[str, ...], language: str, said: str
) -> None:
    """How many stand outside and who, what luck alone would do, and that to stand outside is no mark."""
    folder = copy_of(results["network"], tmp_path)
    units = pd.read_parquet(folder / "units.parquet")
    units.loc[~units["domain"].isin(kept), "funnel"] = ""
    units.to_parquet(folder / "units.parquet", index=False)
    block = report.units(report.read(folder, language=language))
    assert block is not None
    text = text_of(block.html).replace("\u00a0", " ")
    assert said in text
    tact = {"en": "a reason to go and listen there first", "fr": "une raison d’aller d’abord écouter là"}[language]
    assert bool(kept) == (tact in text)


def test_too_few_units_make_no_funnel(results: Mapping[str, Path], tmp_path: Path) -> None:
    """Four units that can be weighed, or none, get a sentence instead of a picture."""
    folder = copy_of(results["network"], tmp_path)
    units = pd.read_parquet(folder / "units.parquet")
    units.loc[units.index[5:], ["target", "funnel_se"]] = float("nan")
    units.to_parquet(folder / "units.parquet", index=False)
    block = report.units(report.read(folder, language="en"))
    assert block is not None
    assert "There is no funnel for these units" in text_of(block.html)
    assert 'class="field"' not in block.html


def test_units_that_are_all_equally_sure_still_have_a_funnel(results: Mapping[str, Path], tmp_path: Path) -> None:
    """One standard error for all is one place on the axis: nothing divides by a width of zero."""
    folder = copy_of(results["network"], tmp_path)
    units = pd.read_parquet(folder / "units.parquet")
    units.loc[units["direct"].notna(), ["direct_se", "funnel_se"]] = [0.1, 0.12]
    units.to_parquet(folder / "units.parquet", index=False)
    view = report.read(folder, language="en")
    pair, rows = followed_pair(view)
    assert pair is not None
    picture = drawn(weighed(rows), pair, view)
    assert {50.0} == {x for named in ("inside", "between", "outside") for x, _ in places(picture, named)}


def test_results_without_unit_verdicts_are_drawn_as_measured(results: Mapping[str, Path]) -> None:
    """An older folder keeps its picture of units, without verdict and without funnel."""
    block = report.units(report.read(results["bank"], language="en"))
    assert block is not None
    assert "not a league table" in block.html
    assert "unit-verdicts" not in block.html
    assert 'class="under"' not in block.html


def test_a_table_that_lacks_a_column_is_named(results: Mapping[str, Path], tmp_path: Path) -> None:
    """A later table is read where it is, and then it must be whole."""
    folder = copy_of(results["network"], tmp_path)
    units = pd.read_parquet(folder / "units.parquet")
    units.drop(columns="funnel_se").to_parquet(folder / "units.parquet", index=False)
    with pytest.raises(ReportError, match=r"units\.parquet: error the table lacks funnel_se"):
        report.read(folder)


def copy_of(folder: Path, target: Path) -> Path:
    """A copy of a results folder that a test may change."""
    return shutil.copytree(folder, target / "results")


def test_what_is_folded_is_hidden_by_no_rule_of_the_page(block: Block) -> None:
    """No class of a folded part is one that the phone's style takes away, and paper keeps its summary."""
    style = (Path(report.__file__).parent / "page" / "style.css").read_text(encoding="utf-8")
    gone = set(re.findall(r"\.(\w+) \{ display: none; \}", style))
    assert {"between", "interval"} <= gone
    folded = {name for found in re.findall(r'<details class="([^"]+)"', block.html) for name in found.split()}
    assert {"more"} == folded
    assert not gone & folded
    assert "details:not([open], .more) { display: none; }" in style
