"""Numbers as each language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from symmetry import report
from symmetry.report.pen import Pen
from symmetry.report.rows import GapRow, LevelRow


def pen(results: Mapping[str, Path], language: str) -> Pen:
    """A pen on the bank's results."""
    return Pen(report.read(results["bank"], language=language))


@pytest.mark.parametrize(
    ("language", "value", "kind", "signed", "expected"),
    [
        ("en", -0.281, "mean", True, "\u22120.28"),
        ("fr", -0.281, "mean", True, "\u22120,28"),
        ("en", 0.001, "mean", True, "0.00"),
        ("fr", -0.4, "nps", True, "0"),
        ("fr", 18.4, "nps", True, "+18"),
        ("en", 0.784, "favourable", False, "78.4%"),
        ("fr", 0.784, "favourable", False, "78,4\u00a0%"),
        ("fr", 12345, "count", False, "12\u202f345"),
        ("en", 12345, "count", False, "12,345"),
    ],
)
def test_numbers_follow_the_house_formatter(
    results: Mapping[str, Path], language: str, value: float, kind: str, signed: bool, expected: str
) -> None:
    """True minus, no signed zero, decimals and thousands by language."""
    assert expected == pen(results, language).number(value, kind, signed=signed)


def test_an_interval_has_one_unit_at_its_end(results: Mapping[str, Path]) -> None:
    """Levels carry their percent sign once; gaps carry signs and no unit."""
    level = LevelRow(statistic="favourable", item="fair", estimate=0.7, lower=0.681, upper=0.722)
    gap = GapRow(statistic="mean", item="fair", estimate=-0.28, lower=-0.36, upper=-0.19)
    assert "68,1\u00a0à\u00a072,2\u00a0%" == pen(results, "fr").interval(level)
    assert "\u22120.36\u00a0to\u00a0\u22120.19" == pen(results, "en").interval(gap, gap=True)


def test_the_ledger_remembers_each_number_once(results: Mapping[str, Path]) -> None:
    """The same number under the same name is one entry, in reading order."""
    writer = pen(results, "en")
    for value in (3, 5, 3):
        writer.count(value)
    assert [3, 5] == [entry["value"] for entry in writer.numbers]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2027-03-01", "2027-03-21", "du 1er au 21 mars 2027"),
        ("2027-03-28", "2027-04-02", "du 28 mars 2027 au 2 avril 2027"),
    ],
)
def test_windows_are_dates_in_words(results: Mapping[str, Path], start: str, end: str, expected: str) -> None:
    """A month and a year shared by both ends are said once."""
    assert expected == pen(results, "fr").days(start, end)


@pytest.mark.parametrize(
    ("language", "value", "expected"),
    [("en", 0.913, "91%"), ("en", 0.9996, "over 99%"), ("fr", 1.0, "plus de 99\u00a0%"), ("en", 0.002, "under 1%")],
)
def test_a_chance_is_never_a_certainty(results: Mapping[str, Path], language: str, value: float, expected: str) -> None:
    """No probability is printed as 0 or 100 percent."""
    assert expected == pen(results, language).chance(value)


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("score", "+4.2"), ("top_box", "+4.2"), ("favourable", "+4.2"), ("mean", "+4.20"), ("nps", "+4")],
)
def test_gaps_of_every_statistic_are_written_in_their_unit(
    results: Mapping[str, Path], statistic: str, expected: str
) -> None:
    """Shares are counted in percentage points, scores and means in points of their scale."""
    value = 0.042 if statistic in ("top_box", "favourable") else 4.2
    writer = pen(results, "en")
    assert expected == writer.gap(GapRow(statistic=statistic, item="fair", estimate=value))
    assert writer.smallest(value, statistic).startswith("4.2 ")
    assert writer.unit("fair", statistic, of="gap")
