"""Whether both audiences hold the same things important: the sentences, and the map of weight against level."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry import report
from symmetry.errors import ReportError
from symmetry.report import Block, View
from symmetry.report.charts import placing
from tests.report import sample, tied
from tests.report.test_blocks import text_of


def block_of(view: View) -> Block:
    """The block on priorities."""
    block = report.priorities(view)
    assert block is not None
    return block


def with_whole(view: View, **changes: Any) -> View:
    """The same results with another total variation."""
    rows = [replace(row, **changes) if row.statistic == "total_variation" else row for row in view.priorities]
    return replace(view, priorities=tuple(rows))


@pytest.fixture
def tied_view(results: Mapping[str, Path]) -> View:
    """The bank with everything on its drivers, in English."""
    return report.read(results["tied"], language="en")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "with the same priorities, chance alone would give about 14% (p\u00a0=\u00a00.002)"),
        ("fr", "à priorités égales, le seul hasard donnerait environ 14\u00a0% (p\u00a0=\u00a00,002)"),
    ],
)
def test_a_difference_is_said_beside_what_chance_gives(results: Mapping[str, Path], language: str, said: str) -> None:
    """The total variation stands beside its mean under permutation and its probability, and nobody is in the wrong."""
    text = text_of(block_of(report.read(results["tied"], language=language)).html)
    assert said in text
    assert {"en": "Neither side is mistaken", "fr": "Personne ne se trompe"}[language] in text


def test_only_items_that_differ_are_named(tied_view: View) -> None:
    """An item is named for the audience where it weighs more if its corrected probability is under .05, else not at all."""
    text = text_of(block_of(tied_view).html)
    for row in tied_view.priorities:
        if row.statistic == "share_gap":
            label = tied_view.item(row.item)["label"]["en"]
            own, other = sorted((row.importance_a or 0, row.importance_b or 0), reverse=True)
            named = f"“{label}” ({100 * own:.0f}% against {100 * other:.0f}%)"
            assert (named in text) == (row.p is not None and row.p < 0.05), named


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"p": 0.31}, "These answers do not tell whether the same things count"),
        ({"p": 0.05}, "These answers do not tell whether the same things count"),
        ({"p": 0.049}, "No: what goes with"),
        ({"p": 0.0002}, "p\u00a0<\u00a00.001"),
        ({"units": 9.0}, "there are too few units to compare (9)"),
        ({"p": None}, "We cannot tell from these answers"),
        ({"estimate": None, "units": None}, "We cannot tell from these answers"),
        ({"suppressed": True}, "is not shown: fewer than 10 answers"),
    ],
)
def test_what_cannot_be_told_is_not_told(tied_view: View, changes: dict[str, Any], said: str) -> None:
    """A large probability, too few units or a hidden number never reads as agreement."""
    text = text_of(block_of(with_whole(tied_view, **changes)).html)
    assert said in text
    assert ("No: what goes with" in text) == (said.startswith("No") or "<" in said)


def test_items_may_differ_where_the_whole_is_open(tied_view: View) -> None:
    """Then the sentence says so, and still names them."""
    text = text_of(block_of(with_whole(tied_view, p=0.2)).html)
    assert "Item by item, some weights do differ." in text
    even = [replace(row, p=0.9) if row.statistic == "share_gap" else row for row in tied_view.priorities]
    text = text_of(block_of(replace(tied_view, priorities=tuple(even))).html)
    assert "No single item stands out" in text
    assert "Counts more for" not in text


def drawn(html: str) -> tuple[ElementTree.Element, dict[str, list[tuple[float, float]]]]:
    """The map's picture, and where each audience's dots stand, in percents from the left and the top."""
    field = re.search(r'<div class="field map">(<svg.*?)</div>', html)
    assert field is not None
    tree = ElementTree.fromstring(field[1])
    spots: dict[str, list[tuple[float, float]]] = {}
    for mark in tree.iter("svg"):
        kinds = mark.attrib.get("class", "").split()
        if "dot" in kinds:
            spots.setdefault(kinds[1], []).append((_percent(mark, "x"), _percent(mark, "y")))
    return tree, spots


def _percent(mark: ElementTree.Element, name: str) -> float:
    return float(mark.attrib[name].rstrip("%"))


def scale_of(tree: ElementTree.Element, axis: str) -> tuple[float, float]:
    """Offset and slope from percents to what the axis counts, read off its first and last tick."""
    other = "y" if axis == "x" else "x"
    bare = {"x": "100%", "y": "-8"}[axis]
    ticks = [text for text in tree.iter("text") if text.attrib[other] == bare]
    ends = [(_percent(text, axis), float((text.text or "").rstrip("%"))) for text in (ticks[0], ticks[-1])]
    slope = (ends[1][1] - ends[0][1]) / (ends[1][0] - ends[0][0])
    return ends[0][1] - slope * ends[0][0], slope


def test_a_dot_stands_at_its_level_and_its_weight(tied_view: View) -> None:
    """Read off the axis' own labels, every dot is at the level and the weight of its row."""
    tree, spots = drawn(block_of(tied_view).html)
    (x0, dx), (y0, dy) = scale_of(tree, "x"), scale_of(tree, "y")
    for side, audience in (("a", "customers"), ("b", "employees")):
        rows = [row for row in tied_view.priorities if row.statistic == "share_gap"]
        numbers = [(row.number("level", side)[0] or 0.0, row.number("importance", side)[0] or 0.0) for row in rows]
        expected = sorted((level, 100 * weight) for level, weight in numbers)
        read = sorted((x0 + dx * x, y0 + dy * y) for x, y in spots[audience])
        assert len(expected) == len(read)
        for one, other in zip(expected, read, strict=True):
            assert one == pytest.approx(other, abs=0.06)


def test_arrows_go_from_employees_to_customers(tied_view: View) -> None:
    """An arrow starts at a dot of the employees and ends at one of the customers; both intervals of each dot are drawn."""
    tree, spots = drawn(block_of(tied_view).html)
    arrows = [line for line in tree.iter("line") if line.attrib["class"].startswith("arrow")]
    assert len(spots["customers"]) == len({(line.attrib["x1"], line.attrib["y1"]) for line in arrows})
    for line in arrows:
        assert (_percent(line, "x1"), _percent(line, "y1")) in spots["employees"]
        assert (_percent(line, "x2"), _percent(line, "y2")) in spots["customers"]
    assert 4 * len(spots["customers"]) == sum("thin" in line.attrib["class"] for line in tree.iter("line"))
    assert "from employees to customers" in text_of(block_of(tied_view).html)


def test_shapes_tell_the_audiences_apart_without_colour(tied_view: View) -> None:
    """Customers are round, employees are not."""
    tree, _ = drawn(block_of(tied_view).html)
    shapes = {(mark.attrib["class"].split()[1], mark[0].tag) for mark in tree.iter("svg") if mark.attrib.get("class")}
    assert {("customers", "circle"), ("employees", "path")} == shapes


def test_hidden_and_missing_points_are_left_out_with_a_sentence(tied_view: View) -> None:
    """A hidden item and one that an audience did not rate are named, and no number of the hidden one is in the block."""
    rows = list(tied_view.priorities)
    first, second = rows[0], rows[1]
    rows[0] = replace(first, suppressed=True)  # were its numbers there by mistake, they would not be drawn
    rows[1] = replace(second, level_b=None)
    block = block_of(replace(tied_view, priorities=tuple(rows)))
    text = text_of(block.html)
    label = tied_view.item(first.item)["label"]["en"]
    assert f"Not on the map: {label} (fewer than 10 answers" in text
    assert f"From customers alone: {tied_view.item(second.item)['label']['en']}." in text
    assert not [entry for entry in block.numbers if entry["name"].startswith(f"{first.item}/")]
    _, spots = drawn(block.html)
    assert (8, 7) == (len(spots["customers"]), len(spots["employees"]))


def test_one_audience_has_a_map_and_no_comparison(results: Mapping[str, Path]) -> None:
    """One dot an item, no arrow, no sentence on the other side."""
    block = block_of(report.read(results["tied_airport"], language="en"))
    tree, spots = drawn(block.html)
    assert ["customers"] == list(spots)
    assert not [line for line in tree.iter("line") if "arrow" in line.attrib["class"]]
    assert "employees" not in text_of(block.html).lower()
    assert "What goes with" in block.html


def test_older_results_have_no_map(results: Mapping[str, Path]) -> None:
    """Without the table there is no block, and nothing else changes."""
    for name in ("bank", "schools", "airport", "network"):
        view = report.read(results[name], language="en")
        assert (None, ()) == (report.priorities(view), view.priorities)
        assert "priorities" not in view.tables


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    """What the table lacks is named."""
    folder = tied.bank(tmp_path / "results")
    frame = pd.read_parquet(folder / "priorities.parquet")
    frame.drop(columns=["level_a"]).to_parquet(folder / "priorities.parquet")
    with pytest.raises(ReportError, match="lacks level_a"):
        report.read(folder, language="en")


_SPOT = st.tuples(st.floats(10, 270), st.floats(10, 350))


@given(st.lists(_SPOT, min_size=1, max_size=14), st.lists(_SPOT, max_size=14), st.integers(8, 120))
def test_a_label_meets_no_mark_and_no_label(
    spots: list[tuple[float, float]], others: list[tuple[float, float]], long: int
) -> None:
    """Every label that is given a side keeps clear of all other marks and of every label placed with it."""
    sides = placing.sides(spots, [float(long)] * len(spots), within=(280.0, 360.0), others=others)
    boxes = []
    for (x, y), side in zip(spots, sides, strict=True):
        if side is None:
            boxes.append(None)
            continue
        left = x + side[0] - {"start": 0, "middle": long / 2, "end": long}[side[2]]
        boxes.append((left, y + side[1] - 11, left + long, y + side[1] + 2))
    for place, box in enumerate(boxes):
        if box is None:
            continue
        assert min(box) >= 0
        assert (box[2] <= 292, box[3] <= 360) == (True, True)
        marks = [(x - 8, y - 8, x + 8, y + 8) for x, y in [*spots[:place], *spots[place + 1 :], *others]]
        for one in [*marks, *(other for other in boxes[:place] if other is not None)]:
            assert not (box[0] < one[2] and one[0] < box[2] and box[1] < one[3] and one[1] < box[3])


def test_names_are_whole_in_the_list_below(tmp_path: Path) -> None:
    """However long a name is, it stands whole beside its number, below the picture."""
    view = report.read(tied.bank(tmp_path / "results"), language="en")
    html = block_of(view).html
    listed = re.findall(r'<span class="number">(\d+)</span> <span class="label">(.*?)</span>', html)
    assert [str(place) for place in range(1, 10)] == [number for number, _ in listed]
    assert sample.LONG["en"] in [name for _, name in listed]
