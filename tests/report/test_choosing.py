"""The rule that chooses the three findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from symmetry import report
from symmetry.report import View
from symmetry.report.choosing import choose, comparable_levels, followed_pair, leading_pair
from symmetry.report.rows import GapRow


def test_there_are_three_findings_in_a_fixed_order(view: View) -> None:
    """Strength, then gap (weakness where nothing is mirrored), then lever."""
    middle = "gap" if view.mirrored else "weakness"
    assert ["strength", middle, "lever"] == [finding.slot for finding in choose(view)]


def test_every_finding_has_number_interval_and_n(view: View) -> None:
    """Before any chart, each finding shows its interval and n."""
    for block in report.findings(view)[1:4]:
        assert "95" in block.html
        assert "n\u00a0=" in block.html
        assert block.n


def test_the_worst_significant_gap_is_always_a_finding(view: View) -> None:
    """The dissonant pair that is widest in multiples of its smallest gap of interest opens the page."""
    dissonant = [row for row in view.pairs() if row.shown and row.verdict == "dissonant"]
    if not dissonant:
        assert not view.mirrored
        return
    worst = max(dissonant, key=lambda row: abs(row.estimate or 0) / (row.smallest or 1))
    assert worst == choose(view)[1].gap


def test_a_wrong_guess_leads_only_when_nothing_is_dissonant(results: Mapping[str, Path]) -> None:
    """A misjudged pair comes after every dissonance of experience, however wide."""
    view = report.read(results["bank"], language="en")
    lead = leading_pair(view)
    assert lead is not None
    assert "dissonant" == lead.verdict
    calm = replace(view, gaps=tuple(row for row in view.gaps if row.verdict != "dissonant"))
    lead = leading_pair(calm)
    assert lead is not None
    assert "misjudged" == lead.verdict


def test_without_any_gap_the_page_says_how_the_readings_stand(results: Mapping[str, Path]) -> None:
    """Three findings remain when nothing is dissonant, misjudged or weak."""
    view = report.read(results["bank"], language="en")
    kept: list[GapRow] = [row for row in view.gaps if row.verdict in ("aligned", "accurate", "undetermined")]
    calm = replace(view, gaps=tuple(row for row in kept if row.quadrant != "weakness"))
    assert ["strength", "reading", "lever"] == [finding.slot for finding in choose(calm)]
    assert "No gap stands out" in report.findings(calm)[2].html


def test_levels_are_compared_on_one_scale(results: Mapping[str, Path]) -> None:
    """Two scales of one range are two scales: an item alone on its own is neither first nor last of the others."""
    view = report.read(results["airport"], language="en")
    assert "clean" not in {row.item for row in comparable_levels(view)}
    assert {"rate5"} == {view.scale(row.item)["key"] for row in comparable_levels(view)}


@pytest.mark.parametrize(("half", "kind"), [(0.001, "alone"), (1.0, "close")])
def test_a_first_place_says_whether_the_next_is_close(results: Mapping[str, Path], half: float, kind: str) -> None:
    """Where two intervals meet, the sentence names both items."""
    view = report.read(results["airport"], language="en")
    levels = [replace(row, lower=(row.estimate or 0) - half, upper=(row.estimate or 0) + half) for row in view.levels]
    found = choose(replace(view, levels=tuple(levels)))
    assert [kind, kind] == [finding.kind for finding in found[:2]]
    said = "".join(block.html for block in report.findings(replace(view, levels=tuple(levels)))[1:3])
    assert (kind == "close") == ("close behind" in said) == ("almost level with" in said)
    assert "items on the same scale" in said


def test_without_drivers_the_lowest_level_takes_their_place(results: Mapping[str, Path]) -> None:
    """Hidden drivers still leave three findings."""
    view = replace(report.read(results["bank"], language="fr"), drivers=())
    assert ["strength", "gap", "weakness"] == [finding.slot for finding in choose(view)]
    assert 5 == len(report.findings(view))


def test_the_followed_pair_is_the_leading_one_if_its_units_are_told(results: Mapping[str, Path]) -> None:
    """Else the widest judged pair that has units with a number; else none, and no unit."""
    view = report.read(results["network"], language="en")
    lead = leading_pair(view)
    assert lead is not None
    pair, units = followed_pair(view)
    assert (lead, 24) == (pair, len(units))
    other = next(row for row in view.pairs() if row.verdict == "aligned")
    moved = replace(
        view, units=tuple(replace(row, item=other.item, b=other.b, reading=other.reading) for row in view.units)
    )
    assert other == followed_pair(moved)[0]
    mute = replace(view, units=tuple(replace(row, estimate=None) for row in view.units))
    assert (None, []) == followed_pair(mute)
