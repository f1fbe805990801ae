"""Pictures: axes hold their values, marks say what they show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry import report
from symmetry.report.charts.axis import axis_of
from symmetry.report.markup import element
from tests.report import sample

_NUMBERS = st.floats(-1e4, 1e4, allow_nan=False)


@given(st.lists(_NUMBERS, min_size=1, max_size=20))
def test_an_axis_holds_every_value(values: list[float]) -> None:
    """Every value stands between 0 and 100 percent, in the order of values, and there are at least two ticks."""
    axis = axis_of(values)
    places = [axis.at(value) for value in sorted(values)]
    assert places == sorted(places)
    assert axis.low <= min(values) <= max(values) <= axis.high
    assert 2 <= len(axis.ticks) <= 12


def test_an_axis_stops_at_the_ends_of_the_scale() -> None:
    """Nothing above 100 percent, nothing above 5 on a scale of 5."""
    assert 1.0 == axis_of([0.91, 0.999], factor=100, floor=0.0, ceiling=1.0).ticks[-1]
    assert 5.0 == axis_of([4.1, 4.97], floor=1, ceiling=5).ticks[-1]


def test_text_is_escaped_once() -> None:
    """Labels of a study may hold any character."""
    assert '<p title="a&quot;b">R&amp;D &lt; 3</p>' == element("p", "R&D < 3", title='a"b')


@pytest.mark.parametrize("name", ["verdicts", "pairs", "levers", "units"])
def test_every_drawn_row_speaks(results: Mapping[str, Path], name: str) -> None:
    """Each SVG is well-formed, and is either an image with a title or hidden from screen readers."""
    block = getattr(report, name)(report.read(results["schools"], language="fr"))
    drawings = re.findall(r"<svg(?: class=\"(?:tally|swatch)\"| role| aria).*?</svg>(?=</span>|<|\s)", block.html)
    assert drawings
    for tree in ElementTree.fromstring(f"<all>{block.html}</all>").iter("svg"):
        if "viewBox" not in tree.attrib and tree.attrib.get("class", "").startswith("dot"):
            continue
        titled = tree.find("title") is not None and tree.attrib.get("role") == "img"
        assert titled or tree.attrib.get("aria-hidden") == "true"


def test_pairs_are_sorted_by_the_size_of_their_gap(results: Mapping[str, Path]) -> None:
    """The widest gap of a panel comes first, whatever its sign."""
    block = report.pairs(report.read(results["schools"], language="en"))
    assert block is not None
    first = block.html.split("</ol>")[0]
    gaps = [float(text.replace("\u2212", "-")) for text in re.findall(r"<strong>([+\u2212]?[\d.]+)</strong>", first)]
    assert gaps == sorted(gaps, key=abs, reverse=True)


def test_forty_five_units_fit_in_one_picture(tmp_path: Path) -> None:
    """Each unit keeps its own row, sorted by its number, and nobody is given a rank."""
    block = report.units(report.read(sample.schools(tmp_path, districts=45), language="en"))
    assert block is not None
    rows = re.findall(r'<li class="row"><span class="name">(.*?)</span>', block.html)
    assert 45 == len(rows)
    assert "not a league table" in block.html


def test_a_long_group_folds_its_narrowest_gaps(results: Mapping[str, Path]) -> None:
    """Of more than twelve pairs eight stand at first sight, and never is a dissonant one folded; every pair stays on the page."""
    view = report.read(results["schools"], language="en")
    block = report.pairs(view)
    assert block is not None
    panel = block.html.split('class="panel"')[1]
    first, folded = panel.split('<details class="more">')
    literal = [row for row in view.pairs() if row.mirror == "literal"]
    told = sum(row.verdict == "dissonant" for row in literal)
    assert 14 == len(literal)
    assert max(8, told) == first.count('<li class="row">')
    assert 14 - max(8, told) == folded.count('<li class="row">')
    assert "Dissonant" not in folded
