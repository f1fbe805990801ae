"""Wave beside wave: what moved since an earlier wave of the same kind, and what is only read side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from symmetry import report
from symmetry.report import View
from symmetry.report.rows import TrendRow
from tests.report import later
from tests.report.test_blocks import text_of

_BEFORE = "cold-2026"


def trend(item: str, estimate: float, verdict: str, **more: Any) -> TrendRow:
    """A change of a face of the bank's main wave since a year before."""
    row = TrendRow(statistic="mean", item=item, wave="cold-2027", earlier=_BEFORE, face="customer", verdict=verdict)
    ends = {"estimate": estimate, "lower": estimate - 0.1, "upper": estimate + 0.1}
    return replace(row, **{"mirror": "literal", "reading": "absolute", **ends, **more})


_TRENDS = (
    trend("welcomed", -0.45, "dissonant", grade="material"),
    trend("listened", 0.02, "aligned"),
    trend("clear", 0.21, "undetermined"),
    trend("clear", 0.77, "dissonant", reading="relative"),
    trend("promise", 0.33, "dissonant", face="employee"),
    trend("promise", 0.66, "misjudged", face="guess", mirror="projection"),
)


def two_cold(results: Mapping[str, Path], language: str, *, hot: bool = False, year: int = 2026) -> View:
    """The bank with a second cold wave, asked in March of another year; its hot wave only where asked for."""
    view = report.read(results["bank"], language=language)
    waves = {**view.study["waves"], _BEFORE: {"kind": "cold", "window": [f"{year}-03-01", f"{year}-03-21"]}}
    levels = [row for row in view.levels if row.wave == "cold-2027" and not row.by]
    again = tuple(replace(row, wave=_BEFORE) for row in levels)
    keys = ["cold-2027", _BEFORE, *(["hot"] if hot else [])]
    return replace(
        view,
        manifest={**view.manifest, "waves": keys},
        study={**view.study, "waves": waves},
        levels=(*view.levels, *again),
        trends=_TRENDS,
    )


def said(view: View) -> str:
    """The section on waves as it is read."""
    block = report.waves(view)
    assert block is not None
    return re.sub(r"[^\S\u00a0]+", " ", text_of(block.html))


@pytest.mark.parametrize(
    ("language", "changes"),
    [
        (
            "en",
            [
                "Change since March 2026",
                "\u22120.45 \u22120.55\u00a0to\u00a0\u22120.35 clearly moved",
                "+0.02 \u22120.08\u00a0to\u00a0+0.12 steady",
                "+0.21 +0.11\u00a0to\u00a0+0.31 cannot be told",
                "+0.33 +0.23\u00a0to\u00a0+0.43 moved",
            ],
        ),
        (
            "fr",
            [
                "Changement depuis mars 2026",
                "\u22120,45 \u22120,55\u00a0à\u00a0\u22120,35 a nettement bougé",
                "+0,02 \u22120,08\u00a0à\u00a0+0,12 stable",
                "+0,21 +0,11\u00a0à\u00a0+0,31 indéterminé",
                "+0,33 +0,23\u00a0à\u00a0+0,43 a bougé",
            ],
        ),
    ],
)
def test_two_cold_waves_say_what_moved(results: Mapping[str, Path], language: str, changes: list[str]) -> None:
    """Each change has its number, interval and verdict in words of time; customers stand before employees."""
    text = said(two_cold(results, language))
    assert [] == [change for change in changes if change not in text]
    customers, employees = (text.index(name) for name in (changes[1], changes[4]))
    assert customers < employees


@pytest.mark.parametrize(("language", "banned"), [("en", "not tested"), ("fr", "pas testé")])
def test_only_unlike_waves_say_that_nothing_is_tested(results: Mapping[str, Path], language: str, banned: str) -> None:
    """Two cold waves are compared; a hot wave beside them, or beside one, is only to be read."""
    assert banned not in said(two_cold(results, language))
    assert 1 == said(two_cold(results, language, hot=True)).count(banned)
    assert 1 == said(report.read(results["bank"], language=language)).count(banned)


def test_waves_of_one_kind_are_told_apart_by_their_dates(results: Mapping[str, Path]) -> None:
    """The heads name the months; within one month, the days."""
    text = said(two_cold(results, "en"))
    assert "Cold: the whole journey, March 2027" in text
    assert "Cold: the whole journey, March 2026" in text
    view = two_cold(results, "en")
    waves = {**view.study["waves"], _BEFORE: {"kind": "cold", "window": ["2027-03-24", "2027-03-30"]}}
    text = said(replace(view, study={**view.study, "waves": waves}))
    assert "Cold: the whole journey, 1 to 21 March 2027" in text
    assert "1 to 21 March 2027 minus 24 to 30 March 2027" in text


def test_a_later_wave_is_not_called_the_earlier_one(results: Mapping[str, Path]) -> None:
    """The plan's first wave may be the older one: then the head says which is taken from which."""
    text = said(two_cold(results, "en", year=2028))
    assert "March 2027 minus March 2028" in text
    assert "since" not in text


def test_other_faces_and_relative_readings_are_left_to_the_tables(results: Mapping[str, Path]) -> None:
    """A guess and a change beyond the general one have no place beside levels."""
    text = said(two_cold(results, "en"))
    assert "+0.66" not in text
    assert "+0.77" not in text


def test_a_hidden_change_says_why(results: Mapping[str, Path]) -> None:
    """No number, and the reason in its place."""
    view = two_cold(results, "en")
    bare = replace(view.trends[0], estimate=None, lower=None, upper=None, verdict="", suppressed=True)
    text = said(replace(view, trends=(bare, *view.trends[1:])))
    assert 1 == text.count("fewer than 10 answers, or hidden to protect a group that small")
    assert "clearly moved" not in text


def test_steady_items_of_a_long_table_are_folded(results: Mapping[str, Path]) -> None:
    """What moved or cannot be told is seen at once; that nothing moved is said."""
    view = two_cold(results, "en")
    items = [row.item for row in view.main_levels("customers") if row.statistic == "mean"][:14]
    calm = tuple(trend(item, 0.01, "aligned") for item in items)
    moved = replace(calm[0], verdict="dissonant", estimate=0.5)
    block = report.waves(replace(view, trends=(moved, *calm[1:])))
    assert block is not None
    first, folded = block.html.split('<details class="more">')
    assert "The 13 steady ones" in folded
    assert (1, 0) == (first.count(">moved<"), first.count(">steady<"))
    levels = tuple(row for row in view.levels if row.item in items)
    assert "Nothing moved: every change is steady." in said(replace(view, levels=levels, trends=calm))


def test_older_results_do_not_claim_a_test(results: Mapping[str, Path]) -> None:
    """Two cold waves without the table `trends` stand side by side, and say so."""
    text = said(replace(two_cold(results, "en"), trends=()))
    assert "Differences between waves are not tested here." in text
    assert "distances" not in text


def test_trends_are_read_and_empty_tables_show_nothing(tmp_path: Path) -> None:
    """The table is optional; hidden rows lose their numbers at the door; a table without rows is as none."""
    folder = later.network(tmp_path / "bank")
    sample_row = {**vars(_TRENDS[0]), "n": 100.0, "suppressed": True}
    pd.DataFrame([sample_row]).to_parquet(folder / "trends.parquet", index=False)
    view = report.read(folder, language="en")
    assert [(None, "cold-2026", "customer")] == [(row.estimate, row.earlier, row.face) for row in view.trends]
    assert "trends" in view.tables
    for name in ("trends", "effects"):
        frame = pd.read_parquet(folder / f"{name}.parquet")
        frame.iloc[:0].to_parquet(folder / f"{name}.parquet", index=False)
    view = report.read(folder, language="en")
    assert () == view.trends == view.effects
    assert not {"trends", "effects"} & set(view.tables)
    block = report.analyst(view)
    assert block is not None
    assert "The gaps without their scale" not in block.html
