"""The analyst's part: effect sizes, ranks, agreement, parts of the variance, tabulated answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from symmetry import report
from tests.report.test_blocks import text_of

_TITLES = (
    "The gaps without their scale",
    "The order of the items on either side",
    "May the averages of units be trusted?",
    "Where the differences between answers lie",
    "Answers that came as counts",
)


def html_of(results: Mapping[str, Path], language: str) -> str:
    """The analyst's part of the bank with every table."""
    block = report.analyst(report.read(results["network"], language=language))
    assert block is not None
    return block.html


def test_each_table_has_its_folded_part(results: Mapping[str, Path]) -> None:
    """Five parts, all folded: a leader's page does not grow."""
    html = html_of(results, "en")
    assert list(_TITLES) == re.findall(r'<details class="deeper"><summary>(.*?)</summary>', html)
    assert "<details open" not in html


def test_older_results_have_no_such_part(results: Mapping[str, Path]) -> None:
    """Nothing to show is nothing shown."""
    for name in ("bank", "schools", "airport"):
        assert report.analyst(report.read(results[name], language="en")) is None


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "one of the employees drawn at random answers above one of the customers 6.4 times in 10"),
        ("fr", "l’un des collaborateurs pris au hasard répond plus haut que l’un des clients 6,4 fois sur 10"),
    ],
)
def test_superiority_is_told_from_the_side_that_is_above(results: Mapping[str, Path], language: str, said: str) -> None:
    """Customers above employees 36 times in a hundred is employees above customers 6.4 times in 10."""
    assert said in text_of(html_of(results, language))


def test_averages_are_trusted_by_their_reliability(results: Mapping[str, Path]) -> None:
    """ICC(2) of .82 is sure, .61 asks for care, .21 is mostly chance; the count of sure ones is said for each audience."""
    text = text_of(html_of(results, "en"))
    assert "For customers, unit averages tell units apart on 1 of 3 items (ICC(2) of at least 0.70)" in text
    assert "For employees, unit averages tell units apart on 1 of 2 items" in text
    assert "not a gate" in text
    rows = re.findall(r"0\.(82|61|21) +(sure|with care|mostly chance)", text)
    assert [("82", "sure"), ("61", "with care"), ("21", "mostly chance"), ("82", "sure"), ("61", "with care")] == rows


def test_a_hidden_agreement_says_why(results: Mapping[str, Path]) -> None:
    """The row stays, without a number."""
    rows = re.findall(r"<tr>(?:(?!</tr>).)*hidden to protect.*?</tr>", html_of(results, "en"))
    assert 1 == len(rows)
    assert not re.search(r"\d\.\d", text_of(rows[0]))


def test_the_parts_of_a_bar_make_the_whole(results: Mapping[str, Path]) -> None:
    """Region, branch and person stand end to end over the whole width, and are said aloud."""
    html = html_of(results, "en")
    bars = re.findall(r'<svg role="img" aria-label="([^"]*)"><title>.*?</title>(.*?)</svg>', html)
    assert 6 == len(bars)
    for label, drawn in bars:
        parts = [(float(x), float(width)) for x, width in re.findall(r'x="([\d.]+)%" width="([\d.]+)%"', drawn)]
        assert [(0.0, 3.0), (3.0, 11.0), (14.0, 86.0)] == parts
        assert label.endswith("Region 3%, Branch 11%, Person 86%.")


def test_ranks_and_counts_keep_their_numbers(results: Mapping[str, Path]) -> None:
    """A difference of ranks stands between its ends; a half rank is not rounded away; counts give units and answers."""
    text = text_of(html_of(results, "en"))
    assert re.search(r"Promises kept +3 +1 +\+2 +0\u00a0to\u00a0\+3\.5", text)
    assert re.search(
        r"Waiting time +3\.12 +3\.10\u00a0to\u00a03\.14 +0\.83 +0\.10 +0\.90 +0\.61 +0\.60 +511 +40,120", text
    )
